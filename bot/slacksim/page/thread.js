// The pane at the right: a thread, or the details of the channel.

import { attempt } from './acts.js';
import { get } from './api.js';
import { composer, unsent } from './composer.js';
import { clear, h, replace } from './dom.js';
import * as details from './details.js';
import { icon } from './icons.js';
import { Log } from './log.js';
import { store } from './store.js';
import { editMessage, equip } from './toolbar.js';
import { go, narrow, where } from './where.js';

const side = () => document.getElementById('side');

let log = null;
let shown = '';
let ended = () => {};

// opener is what leads to the pane that is shown, and has the focus after it.
function opener() {
  const [kind, , , thread] = shown.split(' ');
  if (kind !== 'thread') return document.querySelector('#main [data-testid="details"]');
  const root = CSS.escape(thread);
  return document.querySelector(`#main [data-root="${root}"]`) || document.querySelector(`#main .message[data-ts="${root}"]`) ||
    document.querySelector('#main [data-testid="composer"]');
}

export async function show() {
  const channel = store.channel(where.channel);
  const what = channel && where.thread ? ['thread', store.me.id, channel.id, where.thread, channel.member, channel.archived].join(' ') : channel && where.details ? 'details ' + channel.id : '';
  if (what === shown) {
    if (where.details && !where.thread) details.draw();
    return;
  }
  log?.close();
  log = null;
  ended = () => {};
  const node = side();
  const held = node.contains(document.activeElement);
  const before = opener();
  shown = what;
  node.hidden = !what;
  if (!what) {
    clear(node);
    if (held) before?.focus({ preventScroll: true });
    return;
  }
  const thread = where.thread;
  const title = thread ? 'Thread' : 'Details';
  node.setAttribute('aria-label', title);
  node.dataset.testid = thread ? 'thread' : 'details-pane';
  const close = () => go({ thread: '', details: '' });
  const head = h('div', { class: 'pane-head' },
    h('button', { class: 'quiet back', type: 'button', 'aria-label': 'Back to the channel', dataset: { testid: 'back' }, on: { click: close } }, icon('back')),
    h('div', { class: 'title' }, h('h2', { tabindex: '-1' }, title), h('span', { class: 'topic soft' }, channel.kind === 'dm' ? channel.name : `#${channel.name}`)),
    h('button', { class: 'quiet close', type: 'button', 'aria-label': `Close ${title.toLowerCase()}`, dataset: { testid: 'close-side' }, on: { click: close } }, icon('close')));
  if (!thread) {
    const content = h('div', { class: 'details' });
    replace(node, head, content);
    details.mount(content);
    return;
  }
  const root = `channels/${channel.id}/threads/${thread}`;
  log = new Log({
    label: 'Messages of the thread', testid: 'thread-messages', inThread: true, keepRoot: true,
    fetch: (range) => get(root, { as: store.me.id, ...range }),
    belongs: (m) => m.channel === channel.id && (m.ts === thread || m.thread_ts === thread),
  });
  equip(log, { inThread: true });
  const own = log;
  const write = channel.member && !channel.archived && composer({
    channel, thread, label: 'Reply…', onSent: () => own.toNewest(),
    onEditLast: () => {
      const mine = own.entries.findLast((e) => e.message.user === store.me.id && !e.message.deleted && !e.message.ephemeral_to);
      if (mine) editMessage(mine.node);
      return Boolean(mine);
    },
  });
  const foot = h('div', { class: 'foot' }, write ? write.node : [h('p', { class: 'foot-note' }, channel.archived ? 'This channel is archived.' : 'Join the channel to reply.'), unsent(channel, thread)]);
  replace(node, head, log.node, foot);
  const loaded = await attempt(() => own.load().catch((error) => {
    if (error.error !== 'not_found') throw error;
  }).then(() => true));
  if (log !== own) return;
  // A message that went, and had no replies, leaves nothing to reply to.
  ended = () => own.entries.length || replace(foot, h('p', { class: 'foot-note' }, 'This message was deleted.'), unsent(channel, thread));
  if (loaded) ended();
  if (write && !narrow.matches) write.focus();
}

export function apply(frames) {
  if (!log) return;
  const here = frames.filter((f) => f.kind === 'message' && f.channel === where.channel);
  if (!here.length) return;
  log.apply(here);
  ended();
}

export async function reload() {
  shown = '';
  await show();
}
