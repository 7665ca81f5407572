// The channels at the left, with what is unread.

import { channelIcon, currentLog } from './conversation.js';
import { h, replace } from './dom.js';
import { keepFocus } from './focus.js';
import { icon } from './icons.js';
import { store } from './store.js';
import { isUnread, mentionsIn } from './unread.js';
import { go, where } from './where.js';

const folded = new Map([['archived', true]]);

const byName = (a, b) => a.name.localeCompare(b.name, undefined, { numeric: true });

// draw keeps focus and place where they were: the list is drawn anew at every change.
export function draw() {
  const node = document.getElementById('sidebar');
  const place = node.firstChild?.scrollTop || 0;
  keepFocus(node, () => fill(node));
  node.firstChild.scrollTop = place;
}

function fill(node) {
  const all = [...store.channels.values()];
  const dm = all.find((c) => c.kind === 'dm');
  const rooms = all.filter((c) => c.kind !== 'dm');
  replace(node,
    h('div', { class: 'side-scroller' },
      dm && section('App', [
        entry({ testid: 'home-tab', label: `${dm.name} Home`, face: icon('home'), here: where.tab === 'home' && where.channel === dm.id, act: () => go({ channel: dm.id, tab: 'home', thread: '', details: '' }) }),
        room(dm),
      ]),
      section('Channels', rooms.filter((c) => c.member && !c.archived).sort(byName).map(room), 'You are in no channel.'),
      fold('other', 'Channels to join', rooms.filter((c) => !c.member && !c.archived).sort(byName).map(room)),
      fold('archived', 'Archived', rooms.filter((c) => c.archived).sort(byName).map(room))));
  document.title = title(all);
}

function title(all) {
  const called = all.reduce((n, c) => n + mentionsIn(c.id), 0);
  const here = store.channel(where.channel);
  return [called ? `(${called})` : all.some(isUnread) ? '•' : '', here ? `${here.kind === 'dm' ? '' : '#'}${here.name} –` : '', store.me ? `${store.me.name} –` : '', 'Simulated Slack, not Slack'].filter(Boolean).join(' ');
}

function section(name, entries, none) {
  return h('section', { 'aria-label': name }, h('h3', {}, name), entries.length ? h('ul', {}, entries) : none && h('p', { class: 'soft side-none' }, none));
}

function fold(key, name, entries) {
  if (!entries.length) return null;
  const details = h('details', { open: !folded.get(key) }, h('summary', { dataset: { testid: `fold-${key}` } }, name, h('span', { class: 'count' }, entries.length)), h('ul', {}, entries));
  details.addEventListener('toggle', () => folded.set(key, !details.open));
  return h('section', { 'aria-label': name }, details);
}

function room(channel) {
  const here = channel.id === where.channel && where.tab !== 'home';
  const called = mentionsIn(channel.id);
  // What one has before one's eyes is as good as read.
  const unread = (isUnread(channel) || called > 0) && !(here && !document.hidden && currentLog()?.atBottom);
  return entry({
    testid: `channel-${channel.name}`, label: channel.kind === 'dm' ? 'Messages' : channel.name, face: channel.kind === 'dm' ? icon('reply') : channelIcon(channel), here,
    unread, called, shared: channel.shared !== 'none', id: channel.id,
    act: () => go({ channel: channel.id, tab: '', thread: '', details: '' }),
  });
}

function entry({ testid, label, face, here, unread, called, shared, act, id }) {
  const said = [label, unread && 'unread', called && `${called} for you`, shared && 'shared with others'].filter(Boolean).join(', ');
  return h('li', {}, h('button', {
    class: 'room' + (unread ? ' unread' : ''), type: 'button', 'aria-current': here ? 'page' : null, 'aria-label': said,
    dataset: { testid, channel: id, unread: unread ? 'true' : 'false' }, on: { click: act },
  }, face, h('span', { class: 'room-name' }, label), shared && icon('link'),
    unread && called > 0 ? h('span', { class: 'badge' }, called) : unread && h('span', { class: 'dot' })));
}
