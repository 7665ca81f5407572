// The page on which a person plays everybody of the simulated workspace.

import { failure, say } from './acts.js';
import * as conversation from './conversation.js';
import { h, live, replace } from './dom.js';
import * as drawer from './drawer.js';
import { nameOf, people } from './faces.js';
import { follow } from './frames.js';
import { nameChannels } from './mrkdwn.js';
import * as sidebar from './sidebar.js';
import { store } from './store.js';
import * as thread from './thread.js';
import * as topbar from './topbar.js';
import { count, forgetMentions } from './unread.js';
import './viewport.js';
import { syncViews } from './views.js';
import { go, narrow, where } from './where.js';

async function start() {
  await Promise.all([store.loadApp(), store.loadPeople()]);
  await become(where.as, { first: true });
}

// become makes somebody the acting person. What the last one did is forgotten.
async function become(name, { first = false } = {}) {
  const asked = store.personNamed(name);
  const me = asked && !asked.bot ? asked : people()[0];
  if (!me) throw new Error('This workspace has no people.');
  const left = store.channel(where.channel)?.name;
  store.me = me;
  if (where.as !== me.name) go({ as: me.name }, { replace: true });
  forgetMentions();
  await follow(me.id);
  await store.loadChannels();
  const wanted = store.channel(where.channel) || store.channelNamed(where.channel);
  // Another person's conversation with the app is here one's own.
  const other = where.channel.startsWith('D') && store.channel(me.dm);
  // A workspace that began anew has other ids for the same names.
  const namesake = !wanted && !other && left && store.channelNamed(left);
  const missed = !wanted && !other && !namesake && (left || where.channel);
  const channel = wanted || other || namesake || (narrow.matches ? null : favourite());
  const change = { channel: channel?.id || '' };
  if (!wanted) Object.assign(change, { thread: '', details: '', tab: other ? where.tab : '' });
  go(change, { replace: true });
  drawAll();
  syncViews();
  if (!first) live(`You act as ${nameOf(me)} now`);
  if (missed) say(`${nameOf(me)} sees no channel called ${missed}.`);
}

// favourite is where one lands: #general, or the first channel there is.
function favourite() {
  const rooms = [...store.channels.values()].filter((c) => c.kind !== 'dm' && c.member && !c.archived);
  return rooms.find((c) => c.name === 'general') || rooms[0] || store.channel(store.me.dm);
}

function drawAll() {
  document.body.classList.add('ready');
  topbar.draw();
  sidebar.draw();
  pane();
  conversation.show();
  thread.show();
  drawer.draw();
}

// pane tells the style sheet which one to show where only one fits.
function pane() {
  const shell = document.getElementById('shell');
  shell.dataset.pane = where.drawer ? 'drawer' : where.thread || where.details ? 'side' : where.channel ? 'main' : 'list';
}

store.on('where', async (changed) => {
  if (changed.includes('as') && store.me && where.as !== store.me.name) {
    await guarded(() => become(where.as));
    return;
  }
  if (!store.me || !document.body.classList.contains('ready')) return;
  pane();
  topbar.draw();
  sidebar.draw();
  // On a wide page there is always a channel in the middle.
  if (!where.channel && !narrow.matches) {
    go({ channel: favourite()?.id || '' }, { replace: true });
    return;
  }
  if (where.channel) conversation.show();
  conversation.drawHeader();
  thread.show();
  drawer.draw();
  settle();
  conversation.seen();
});

// settle gives the focus to the pane that is shown where only one is, if what had it
// stands in one that went.
function settle() {
  const at = document.activeElement;
  if (!narrow.matches || at !== document.body && at?.getClientRects().length) return;
  const shown = document.getElementById('shell').dataset.pane;
  document.querySelector(shown === 'list' ? '#sidebar button' : `#${shown} :is(h1, h2)[tabindex]`)?.focus({ preventScroll: true });
}

// once gathers calls that come close together into one, and one more if they go on.
function once(f, pause = 150) {
  let planned = false;
  return () => {
    if (planned) return;
    planned = true;
    setTimeout(() => {
      planned = false;
      guarded(f);
    }, pause);
  };
}

const channelsChanged = once(async () => {
  await store.loadChannels();
  nameChannels();
  sidebar.draw();
  conversation.again();
  thread.show();
});

const peopleChanged = once(async () => {
  await store.loadPeople();
  topbar.draw();
  conversation.currentLog()?.redraw();
});

const appChanged = once(async () => {
  await store.loadApp();
  topbar.draw();
}, 50);

const drawUnread = once(() => {
  sidebar.draw();
  conversation.drawBack();
}, 100);

store.on('batch', (frames) => {
  for (const f of frames) {
    if (f.message) count(f.message);
    else if (f.kind === 'message' && f.channel && !store.channel(f.channel)) channelsChanged();
  }
  conversation.apply(frames);
  thread.apply(frames);
});
store.on('channels', channelsChanged);
store.on('people', peopleChanged);
store.on('connection', appChanged);
store.on('unread', drawUnread);
store.on('view', once(() => syncViews(), 0));

store.on('resync', once(async () => {
  await Promise.all([store.loadApp(), store.loadPeople()]);
  const me = store.personNamed(store.me.name);
  if (me?.id !== store.me.id) {
    await become(me?.name || '');
    return;
  }
  store.me = me;
  await store.loadChannels();
  topbar.draw();
  sidebar.draw();
  await Promise.all([conversation.reload(), thread.reload(), syncViews()]);
}));

document.addEventListener('visibilitychange', () => conversation.seen());
narrow.addEventListener('change', () => store.me && store.emit('where', []));

// A channel named in a message opens in place.
document.addEventListener('click', (event) => {
  const hit = event.target.closest('a[data-channel]');
  if (!hit || event.ctrlKey || event.metaKey || event.shiftKey || !store.channel(hit.dataset.channel)) return;
  event.preventDefault();
  const { channel, thread: root, ts } = hit.dataset;
  go({ channel, tab: '', thread: root || '', details: '' });
  if (ts && !root) guarded(() => conversation.show({ at: ts }));
});

// Escape closes what stands at the right, unless something above it used the key.
addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || event.defaultPrevented || document.querySelector('dialog[open], [popover]:popover-open')) return;
  if (where.drawer) go({ drawer: '' });
  else if (where.thread || where.details) go({ thread: '', details: '' });
});

async function guarded(f) {
  try {
    await f();
  } catch (error) {
    console.error(error);
    live(failure(error));
  }
}

start().catch((error) => {
  console.error(error);
  replace(document.getElementById('main'), h('div', { class: 'empty', role: 'alert' }, h('p', {}, failure(error))));
  setTimeout(() => location.reload(), 5000);
});
