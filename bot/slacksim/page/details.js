// About a channel: topic, pins, bookmarks, members, and how to come and go.

import { act, attempt } from './acts.js';
import { get } from './api.js';
import { info, show as showConversation } from './conversation.js';
import { h, link, replace } from './dom.js';
import { avatar, marks, nameOf, people } from './faces.js';
import { keepFocus } from './focus.js';
import { icon } from './icons.js';
import { renderMrkdwn, renderPlain } from './mrkdwn.js';
import { store } from './store.js';
import { moment } from './time.js';
import { go, narrow, where } from './where.js';

let node = null;
let pinned = [];

export function mount(container) {
  node = container;
  draw();
  loadPins();
}

store.on('info', () => {
  if (!node?.isConnected) return;
  draw();
  loadPins();
});

// loadPins reads the pinned messages, which may be far above those on screen.
async function loadPins() {
  const channel = where.channel;
  if (!info?.pins.length) {
    pinned = [];
    return;
  }
  const found = await Promise.all(info.pins.map(async (ts) => {
    try {
      return (await get(`channels/${channel}/threads/${ts}`, { as: store.me.id, limit: 200 })).messages.find((m) => m.ts === ts);
    } catch {
      return null;
    }
  }));
  if (channel !== where.channel) return;
  pinned = found.filter(Boolean);
  draw();
}

export function draw() {
  const channel = store.channel(where.channel);
  if (!node?.isConnected || !channel || !info || node.contains(document.activeElement) && document.activeElement.tagName === 'INPUT') return;
  keepFocus(node, () => replace(node, pins(), bookmarks(), about(channel), members(channel)));
  if (where.details === 'pins') node.querySelector('[data-testid="pin"]')?.scrollIntoView({ block: 'nearest' });
}

function pins() {
  if (!pinned.length) return null;
  return h('section', {}, h('h3', {}, 'Pinned'), pinned.map((m) => h('button', {
    class: 'pin', type: 'button', dataset: { testid: 'pin', focus: `pin ${m.ts}` },
    on: { click: () => { if (narrow.matches) go({ details: '' }); showConversation({ at: m.ts }); } },
  },
    h('strong', {}, nameOf(store.person(m.user))), h('span', { class: 'soft' }, ` ${moment(m.ts)}`),
    h('span', { class: 'pin-words' }, m.plain || m.text))));
}

function bookmarks() {
  if (!info.bookmarks.length) return null;
  return h('section', {}, h('h3', {}, 'Bookmarks'), info.bookmarks.map((b) => {
    const a = link(b.link, icon('bookmark'), h('span', { class: 'grow' }, b.title));
    a.classList.add('row');
    return a;
  }));
}

function about(channel) {
  const by = store.person(channel.creator);
  return h('section', {},
    h('h3', {}, 'Topic'), h('p', {}, channel.topic ? renderMrkdwn(channel.topic) : h('span', { class: 'soft' }, 'None')),
    h('h3', {}, 'Description'), h('p', {}, channel.purpose ? renderMrkdwn(channel.purpose) : h('span', { class: 'soft' }, 'None')),
    h('p', { class: 'soft' }, `Created${by ? ` by ${nameOf(by)}` : ''} ${channel.created ? moment(`${channel.created}.000000`) : ''}`),
    h('p', { class: 'soft' }, channel.kind === 'private' ? 'Private: only its members see it.' : 'Public: everybody of the team can read and join it.'));
}

function members(channel) {
  const list = info.members.map((id) => store.person(id)).filter(Boolean).sort((a, b) => a.bot - b.bot || nameOf(a).localeCompare(nameOf(b)));
  const others = people().filter((p) => !info.members.includes(p.id)).slice(0, 2).map((p) => p.name);
  const field = h('input', { type: 'text', placeholder: others.length ? `Names, for example ${others.join(' ')}` : 'Names', 'aria-label': 'Invite people or the app by name', autocomplete: 'off', dataset: { testid: 'invite-names' } });
  const invite = async (e) => {
    e.preventDefault();
    const users = field.value.split(/[\s,]+/).map((w) => w.replace(/^@/, '')).filter(Boolean);
    if (!users.length) return;
    const done = await attempt(() => act('invite', { channel: channel.id, users }));
    if (done) field.value = '';
    field.blur();
    draw();
  };
  const open = channel.member && !channel.archived;
  return h('section', {},
    h('h3', {}, `${list.length} ${list.length === 1 ? 'member' : 'members'}`),
    list.map((p) => h('div', { class: 'row' }, avatar(p, true), h('span', { class: 'grow' }, renderPlain(nameOf(p)), ' ', h('span', { class: 'soft' }, `@${p.name}`)), marks(p))),
    open && h('form', { class: 'invite', on: { submit: invite } }, field, h('button', { type: 'submit', dataset: { testid: 'invite' } }, 'Invite')),
    open && h('button', { class: 'leave', type: 'button', dataset: { testid: 'leave' }, on: { click: () => attempt(() => act('leave', { channel: channel.id })) } }, 'Leave channel'));
}
