// The stream, applied once per animation frame.

import { openStream } from './api.js';
import { store } from './store.js';

const topics = { message: 'message', view: 'view', channel: 'channels', person: 'people' };

let stream = null;
let waiting = [];
let planned = false;
let opened = 0;

// follow listens as a person, and stops listening as the last one.
export function follow(as) {
  stream?.close();
  waiting = [];
  opened = 0;
  stream = openStream({
    as,
    onFrame(frame) {
      waiting.push(frame);
      plan();
    },
    onState(state) {
      store.emit('stream', state);
      // What happened while nobody listened may be more than the frames kept.
      if (state === 'open' && opened++ > 0) store.emit('resync');
    },
  });
}

// A hidden tab draws no frames, but must not let them pile up.
function plan() {
  if (planned) return;
  planned = true;
  if (document.hidden) setTimeout(apply, 200);
  else requestAnimationFrame(apply);
}

function apply() {
  planned = false;
  const frames = squeeze(waiting);
  waiting = [];
  store.emit('batch', frames);
  for (const f of frames) store.emit(topics[f.kind] || f.kind, f);
}

// squeeze keeps the last frame of those that are about the same message or view;
// each carries the whole of it.
function squeeze(frames) {
  const last = new Map();
  for (const f of frames) {
    const key = f.kind === 'traffic' ? `traffic ${f.n}` : [f.kind, f.channel, f.ts, f.view].join(' ');
    last.delete(key);
    last.set(key, f);
  }
  return [...last.values()];
}

document.addEventListener('visibilitychange', () => {
  if (!document.hidden && planned) requestAnimationFrame(() => planned && apply());
});
