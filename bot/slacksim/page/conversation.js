// The pane in the middle: a channel with its messages, or the Home tab of the app.

import { act, attempt } from './acts.js';
import { get } from './api.js';
import { composer, unsent } from './composer.js';
import { clear, h, link, replace } from './dom.js';
import { keepFocus } from './focus.js';
import { icon } from './icons.js';
import { Log } from './log.js';
import { renderMrkdwn } from './mrkdwn.js';
import { store } from './store.js';
import { editMessage, equip } from './toolbar.js';
import { isUnread, markRead, mentionsIn, readUpTo } from './unread.js';
import { renderHome } from './views.js';
import { go, narrow, where } from './where.js';

const main = () => document.getElementById('main');

let log = null;
let shown = '';
let header = null;
let marks = null;
let foot = null;

export const currentLog = () => log;

// info is what the header and the details tell of the open channel.
export let info = null;

const kinds = { public: 'hash', private: 'lock', dm: 'app' };
export const channelIcon = (c) => icon(kinds[c.kind] || 'hash');

// show draws the channel of the address. at brings one message into sight.
export async function show({ at = '' } = {}) {
  const channel = store.channel(where.channel);
  const what = channel ? [store.me.id, channel.id, where.tab].join(' ') : '';
  if (what && what === shown) {
    if (at) await reveal(at);
    return;
  }
  log?.close();
  log = info = null;
  shown = what;
  const node = main();
  if (!channel) {
    replace(node, h('div', { class: 'empty' }, h('p', {}, where.channel ? 'This person cannot see that channel.' : 'Choose a channel.')));
    return;
  }
  header = h('div', { class: 'pane-head' });
  marks = h('div', { class: 'marks', hidden: true });
  foot = h('div', { class: 'foot' });
  if (where.tab === 'home' && channel.kind === 'dm') {
    const home = h('div', { class: 'home-scroller', tabindex: '-1' });
    replace(node, header, home);
    drawHeader();
    await Promise.all([attempt(() => act('home')), renderHome(home)]);
    return;
  }
  log = new Log({
    label: `Messages in ${channel.name}`,
    testid: 'messages',
    fetch: (range) => get(`channels/${channel.id}/messages`, { as: store.me.id, ...range }),
    belongs: (m) => m.channel === channel.id && (!m.thread_ts || m.thread_ts === m.ts || m.broadcast || Boolean(m.ephemeral_to)),
    onBottom: seenSoon,
    intro: intro(channel),
  });
  equip(log);
  replace(node, header, marks, h('h2', { class: 'unseen' }, 'Messages'), log.node, foot);
  drawHeader();
  drawFoot();
  refresh();
  const since = readUpTo(channel.id);
  await attempt(() => log?.load({ around: at, since: since === '0' ? '' : since }));
}

// intro stands above the first message there ever was.
const intro = (channel) => h('div', { class: 'intro', hidden: true },
  h('span', { class: 'intro-sign' }, channelIcon(channel)),
  h('div', {}, h('strong', {}, channel.kind === 'dm' ? `You and ${channel.name}` : `#${channel.name}`),
    h('p', {}, beginning(channel))));

function beginning(channel) {
  const commands = store.app.commands.length ? ' Type / for the commands of the app.' : '';
  if (channel.kind === 'dm') return `This is where the app writes to you alone.${commands}`;
  const purpose = renderMrkdwn(channel.purpose || '').textContent;
  return `The beginning of the channel.${purpose && ` ${purpose}`}${commands}`;
}

async function reveal(ts) {
  if (log && !log.show(ts)) await attempt(() => log.load({ around: ts }));
}

// seen marks the channel as read, if somebody looks.
export function seen(id = where.channel) {
  if (document.hidden || !log || !log.atBottom || id !== where.channel) return;
  if (narrow.matches && document.getElementById('shell').dataset.pane !== 'main') return;
  const channel = store.channel(id);
  if (channel) markRead(id, channel.last_ts);
}

let looking = 0;

// seenSoon does so after a moment: many messages may come in it.
function seenSoon() {
  if (looking) return;
  looking = setTimeout(() => {
    looking = 0;
    seen();
  }, 250);
}

// refresh asks for what only the channel itself knows: members, pins, bookmarks.
export async function refresh() {
  const id = where.channel;
  if (!store.channel(id)) return;
  try {
    const got = await get(`channels/${id}`, { as: store.me.id });
    if (id !== where.channel) return;
    info = got;
  } catch {
    info = null;
  }
  drawHeader();
  drawMarks();
  store.emit('info', info);
}

export function drawHeader() {
  const channel = store.channel(where.channel);
  if (!channel || !header) return;
  const dm = channel.kind === 'dm';
  const tab = (name, label) => h('button', {
    class: 'tab', type: 'button', role: 'tab', 'aria-selected': String((where.tab === 'home') === (name === 'home')),
    dataset: { testid: `tab-${name || 'messages'}` }, on: { click: () => go({ tab: name, thread: '' }) },
  }, label);
  const members = info?.members.length ?? channel.members;
  const topic = renderMrkdwn(channel.topic || '').textContent;
  keepFocus(header, () => replace(header,
    h('button', { class: 'quiet back', type: 'button', 'aria-label': back, dataset: { testid: 'back' }, on: { click: () => go({ channel: '', tab: '', thread: '', details: '' }) } }, icon('back')),
    h('div', { class: 'title' },
      h('h1', { tabindex: '-1', dataset: { focus: 'title' } }, channelIcon(channel), h('span', { class: 'title-name' }, channel.name),
        channel.archived && h('span', { class: 'tag' }, 'Archived'),
        channel.shared !== 'none' && h('span', { class: 'tag' }, channel.shared === 'pending' ? 'Sharing pending' : 'Shared with others')),
      !dm && h('button', { class: 'topic', type: 'button', title: topic || null, dataset: { testid: 'topic' }, on: { click: () => go({ details: 'about', thread: '' }) } },
        topic || 'No topic')),
    dm && h('div', { class: 'tabs', role: 'tablist', 'aria-label': channel.name }, tab('home', 'Home'), tab('', 'Messages')),
    !dm && h('button', {
      class: 'quiet', type: 'button', 'aria-label': `Details, ${members} members`, title: 'Members, pins and bookmarks', dataset: { testid: 'details' },
      'aria-pressed': String(Boolean(where.details)), on: { click: () => go({ details: where.details ? '' : 'about', thread: '' }) },
    }, icon('people'), h('span', {}, members))));
  drawBack();
}

const back = 'Back to the channels';

// drawBack tells on the way back to the channels, which is all one sees of them on a
// narrow page, whether there is something new in another one.
export function drawBack() {
  const button = header?.querySelector('.back');
  if (!button) return;
  const fresh = [...store.channels.values()].filter((c) => c.id !== where.channel && !c.archived && (isUnread(c) || mentionsIn(c.id)));
  button.classList.toggle('fresh', fresh.length > 0);
  button.setAttribute('aria-label', fresh.length ? `${back}: something new in ${fresh.length === 1 ? 'one' : fresh.length} of them` : back);
}

function drawMarks() {
  if (!marks || !info) return;
  const pins = info.pins.length;
  marks.hidden = !pins && !info.bookmarks.length;
  if (marks.hidden) return clear(marks);
  keepFocus(marks, () => replace(marks,
    pins > 0 && h('button', { class: 'mark', type: 'button', dataset: { testid: 'pins' }, on: { click: () => go({ details: 'pins', thread: '' }) } }, icon('pin'), `${pins} pinned`),
    info.bookmarks.map((b) => {
      const node = link(b.link, icon('bookmark'), h('span', {}, b.title));
      node.classList.add('mark');
      node.dataset.testid = 'bookmark';
      node.dataset.focus = `bookmark ${b.id}`;
      return node;
    })));
}

// drawFoot shows the composer, or why there is none.
function drawFoot() {
  const channel = store.channel(where.channel);
  if (!channel || !foot) return;
  const state = channel.archived ? 'archived' : channel.member ? 'member' : 'outside';
  if (foot.dataset.state === state) return;
  foot.dataset.state = state;
  if (state === 'archived') {
    replace(foot, h('p', { class: 'foot-note' }, icon('archive'), 'This channel is archived: nobody can write here.'), unsent(channel));
  } else if (state === 'outside') {
    replace(foot, h('div', { class: 'foot-note' }, h('span', {}, 'You are not in ', h('strong', {}, `#${channel.name}`), '.'),
      h('button', { class: 'primary', type: 'button', dataset: { testid: 'join' }, on: { click: () => attempt(() => act('join', { channel: channel.id })) } }, 'Join channel')), unsent(channel));
  } else {
    const write = composer({
      channel,
      label: channel.kind === 'dm' ? `Message ${channel.name}` : `Message #${channel.name}`,
      onSent: () => log?.toNewest(),
      onEditLast: editLast,
    });
    replace(foot, write.node);
    if (!narrow.matches) write.focus();
  }
}

function editLast() {
  const mine = log?.entries.findLast((e) => e.message.user === store.me.id && !e.message.deleted && !e.message.ephemeral_to);
  if (mine) editMessage(mine.node);
  return Boolean(mine);
}

// again draws what a changed channel list may have changed.
export function again() {
  const channel = store.channel(where.channel);
  if (!channel) {
    if (shown) show();
    return;
  }
  if (!shown) show();
  drawHeader();
  drawFoot();
  refresh();
}

// apply takes in an animation frame's worth of the stream.
export function apply(frames) {
  const here = frames.filter((f) => f.kind === 'message' && f.channel === where.channel);
  if (here.length && log) {
    log.apply(here);
    seenSoon();
  }
}

export async function reload() {
  shown = '';
  await show();
}
