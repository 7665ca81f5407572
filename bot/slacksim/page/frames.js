// The stream, applied once per animation frame.

import { openStream } from './api.js';
import { store } from './store.js';

const topics = { message: 'message', view: 'view', channel: 'channels', person: 'people' };

let stream = null;
let waiting = [];
let planned = false;

// follow listens as a person, and stops listening as the last one. It returns when
// it listens, or cannot: what is read after that misses nothing.
export function follow(as) {
  stream?.close();
  waiting = [];
  return new Promise((listening) => {
    let first = true;
    stream = openStream({
      as,
      onFrame(frame) {
        waiting.push(frame);
        plan();
      },
      onState(state) {
        store.emit('stream', state);
        if (state === 'connecting') return;
        // What happened while nobody listened may be more than the frames kept.
        if (state === 'open' && !first) store.emit('resync');
        first = false;
        listening();
      },
    });
  });
}

// plan applies them with the next animation frame. A tab that nobody sees has none,
// and must not let them pile up.
function plan() {
  if (planned) return;
  planned = true;
  requestAnimationFrame(apply);
  setTimeout(apply, 250);
}

function apply() {
  if (!planned) return;
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
