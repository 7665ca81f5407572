// One message, as a node that can be brought up to date part by part, so that a
// menu or a focus in one part outlives a change of another.

import { renderMessageBody } from './blocks.js';
import { h } from './dom.js';
import { avatar, marks, nameOf } from './faces.js';
import { icon } from './icons.js';
import { renderMrkdwn, renderPlain } from './mrkdwn.js';
import { store } from './store.js';
import { clock, iso, moment, whole } from './time.js';

const notices = new Set([
  'channel_join', 'channel_leave', 'channel_topic', 'channel_purpose', 'channel_name', 'channel_archive', 'channel_unarchive',
  'group_join', 'group_leave', 'group_topic', 'group_purpose', 'group_name', 'group_archive', 'group_unarchive', 'pinned_item', 'bot_add', 'bot_remove',
]);

export const isNotice = (m) => notices.has(m.subtype);

export const isHeadstone = (m) => m.deleted && m.reply_count > 0;

// follows tells whether a message goes on below another under one name.
export function follows(before, m) {
  return Boolean(before) && before.user === m.user && !isNotice(before) && !isNotice(m) && !before.deleted && !m.deleted &&
    before.ephemeral_to === m.ephemeral_to && !m.pinned && !before.pinned && !m.broadcast &&
    parseFloat(m.ts) - parseFloat(before.ts) < 300;
}

// The parts, what each depends on, and how each is drawn.
const parts = {
  head: [(m) => [m.user, m.ephemeral_to, m.pinned, m.deleted], head],
  body: [(m) => [m.text, m.blocks, m.attachments, m.edited_ts, m.deleted, m.subtype], body],
  files: [(m) => m.file_list || [], files],
  reactions: [(m) => m.reactions || [], reactions],
  replies: [(m) => [m.reply_count, m.reply_users, m.latest_reply, m.thread_ts], replies],
};

// drawMessage makes the node. inThread leaves out what leads to the thread.
export function drawMessage(message, { inThread = false } = {}) {
  const node = h('article', {
    class: 'message', tabindex: '-1',
    dataset: { ts: message.ts, channel: message.channel, testid: inThread ? 'thread-message' : 'message' },
  });
  const face = h('div', { class: 'message-face' });
  const main = h('div', { class: 'message-main' });
  node.append(face, main);
  node.state = { inThread, keys: {}, nodes: {}, face, main, message: null };
  updateMessage(node, message);
  return node;
}

// updateMessage draws anew the parts that changed.
export function updateMessage(node, message) {
  const { keys, nodes, main, inThread } = node.state;
  node.state.message = message;
  node.className = [
    'message', node.classList.contains('cont') && 'cont', isNotice(message) && 'notice', message.ephemeral_to && 'ephemeral',
    message.pinned && 'pinned', message.deleted && 'gone',
  ].filter(Boolean).join(' ');
  if (message.deleted) node.querySelector('.toolbar')?.remove();
  node.setAttribute('aria-label', `${nameOf(store.person(message.user))}, ${clock(message.ts)}`);
  for (const [name, [depends, draw]] of Object.entries(parts)) {
    const key = JSON.stringify(depends(message)) + (name === 'head' || name === 'body' ? store.person(message.user)?.real_name : '');
    if (keys[name] === key) continue;
    keys[name] = key;
    const fresh = h('div', { class: `message-${name}` }, draw(message, inThread, node));
    if (nodes[name]) swap(nodes[name], fresh);
    else main.append(fresh);
    nodes[name] = fresh;
    fresh.hidden = !fresh.hasChildNodes();
  }
}

// swap puts a new part in the place of an old one. If focus was in it, the control
// at the same place has it afterwards.
function swap(old, fresh) {
  const within = old.contains(document.activeElement);
  const controls = (n) => [...n.querySelectorAll('button, a[href], input, select, textarea, [tabindex]')];
  const at = within ? controls(old).indexOf(document.activeElement) : -1;
  old.replaceWith(fresh);
  if (!within) return;
  (controls(fresh)[at] || fresh.closest('.message'))?.focus({ preventScroll: true });
}

function head(m, inThread, node) {
  const person = store.person(m.user);
  node.state.face.replaceChildren(
    isNotice(m) ? icon('info') : avatar(person),
    h('time', { class: 'message-side-time', datetime: iso(m.ts), title: whole(m.ts) }, clock(m.ts)));
  return [
    m.ephemeral_to && h('div', { class: 'message-note' }, icon('eye'), 'Only visible to you'),
    m.pinned && h('div', { class: 'message-note' }, icon('pin'), 'Pinned to this channel'),
    h('div', { class: 'message-who' },
      h('span', { class: 'message-name', title: person ? `@${person.name}${person.title ? ` · ${person.title}` : ''}` : null }, nameOf(person)),
      marks(person),
      h('time', { class: 'message-time', datetime: iso(m.ts), title: whole(m.ts) }, clock(m.ts))),
  ];
}

function body(m) {
  if (m.deleted) return h('p', { class: 'soft' }, 'This message was deleted.');
  if (isNotice(m)) return h('p', {}, renderMrkdwn(m.text));
  const words = renderMessageBody(m, { kind: 'message', channel: m.channel, ts: m.ts });
  return [
    isLong(m) ? fold(words) : words,
    m.edited_ts && h('span', { class: 'message-edited', title: `Edited ${whole(m.edited_ts)}` }, '(edited)'),
  ];
}

// isLong tells of a text that would bury all others.
const isLong = (m) => !m.blocks?.length && (m.text.length > 6000 || m.text.split('\n').length > 60);

function fold(words) {
  const box = h('div', { class: 'message-fold' }, words);
  const more = h('button', {
    class: 'message-more', type: 'button', dataset: { testid: 'message-more' },
    on: { click() { box.classList.remove('message-fold'); more.closest('.message').focus({ preventScroll: true }); more.remove(); } },
  }, 'Show all of it');
  return [box, more];
}

function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} kB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

const pictures = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];

function files(m) {
  return (m.file_list || []).map((f) => {
    const address = `/sim/files/${encodeURIComponent(f.id)}/content`;
    return h('div', { class: 'file' },
      pictures.includes(f.mimetype) && f.size < 5e6 && h('img', { class: 'file-picture', src: address, alt: f.name, loading: 'lazy' }),
      h('div', { class: 'file-line' },
        icon('file'),
        h('span', { class: 'file-name' }, f.name, h('small', {}, `${size(f.size)} · ${f.mimetype}`)),
        h('a', { class: 'file-get', href: address, download: f.name, rel: 'noopener', 'aria-label': `Download ${f.name}` }, 'Download')));
  });
}

function reactions(m) {
  return (m.reactions || []).filter((r) => r.users.length).map((r) => {
    const mine = r.users.includes(store.me.id);
    const who = r.users.map((id) => (id === store.me.id ? 'you' : nameOf(store.person(id)))).join(', ');
    return h('button', {
      class: 'reaction', type: 'button', 'aria-pressed': String(mine), title: `${who} reacted with :${r.name}:`,
      'aria-label': `${r.name.replaceAll('_', ' ')}, ${r.users.length}: ${who}`, dataset: { act: 'react', name: r.name },
    }, h('span', {}, renderPlain(`:${r.name}:`, { emoji: true })), h('span', { class: 'count' }, r.users.length));
  });
}

function replies(m, inThread) {
  if (inThread) return null;
  if (m.thread_ts && m.thread_ts !== m.ts) {
    return h('button', { class: 'thread-link', type: 'button', dataset: { act: 'thread', root: m.thread_ts } }, icon('reply'), 'In a thread');
  }
  if (!m.reply_count) return null;
  return h('button', { class: 'thread-link', type: 'button', dataset: { act: 'thread', root: m.ts, testid: 'replies' } },
    h('span', { class: 'faces' }, (m.reply_users || []).slice(0, 4).map((id) => avatar(store.person(id), true))),
    h('strong', {}, m.reply_count === 1 ? '1 reply' : `${m.reply_count} replies`),
    m.latest_reply && h('span', { class: 'soft' }, `Last reply ${moment(m.latest_reply)}`));
}
