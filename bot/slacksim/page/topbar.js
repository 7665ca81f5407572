// The bar at the top: who acts, how to get about, what is connected, the drawers.

import { h, replace } from './dom.js';
import { drawers } from './drawer.js';
import { avatar, marks, nameOf, people } from './faces.js';
import { keepFocus } from './focus.js';
import { icon } from './icons.js';
import { openJump } from './jump.js';
import { openMenu } from './menu.js';
import { store } from './store.js';
import { go, where } from './where.js';

const mac = /Mac/.test(navigator.platform);
const finger = matchMedia('(pointer: coarse)');

let stream = 'connecting';

export function draw() {
  const node = document.getElementById('top');
  const me = store.me;
  keepFocus(node, () => replace(node,
    h('button', {
      class: 'who', type: 'button', 'aria-haspopup': 'menu', 'aria-label': `You act as ${nameOf(me)}. Change person`, dataset: { testid: 'person-switch', person: me.name },
      on: { click: (e) => choose(e.currentTarget) },
    }, avatar(me, true), h('span', { class: 'who-name' }, h('small', {}, 'You act as'), h('strong', {}, nameOf(me))), icon('down')),
    h('button', { class: 'find', type: 'button', 'aria-label': 'Jump to a channel or person', 'aria-keyshortcuts': 'Control+K', dataset: { testid: 'jump' }, on: { click: openJump } },
      icon('search'), h('span', {}, 'Jump to…'), h('kbd', {}, mac ? '⌘ K' : 'Ctrl K')),
    h('span', { class: 'grow' }),
    connection(),
    h('div', { class: 'drawers', role: 'group', 'aria-label': 'Drawers' },
      Object.entries(drawers).map(([name, d]) => h('button', {
        class: 'quiet', type: 'button', 'aria-pressed': String(where.drawer === name), title: d.title, 'aria-label': d.title,
        dataset: { drawer: name, testid: `open-${name}` }, on: { click: () => go({ drawer: where.drawer === name ? '' : name }) },
      }, icon(d.icon), h('span', { class: 'drawer-name' }, d.title))))));
  drawNotice();
}

// choose offers everybody. As links they also open in a tab of their own.
function choose(anchor) {
  const query = (p) => '?' + new URLSearchParams({ ...Object.fromEntries(new URLSearchParams(location.search)), as: p.name, thread: '', drawer: '' });
  openMenu(anchor, people().map((p) => ({
    face: avatar(p, true), label: nameOf(p), note: [`@${p.name}`, p.title].filter(Boolean).join(' · '), mark: marks(p), checked: p.id === store.me.id,
    href: query(p), testid: `person-${p.name}`, act: () => go({ as: p.name, thread: '', details: '' }),
  })), { label: 'People', title: `Act as. ${finger.matches ? 'Hold a name' : mac ? '⌘+click' : 'Ctrl+click'} for a tab of its own.`, testid: 'people' });
}

function connection() {
  const n = store.app.connections;
  const http = store.app.mode === 'http';
  const good = http || n > 0;
  const words = http ? 'App over HTTP' : `${n} ${n === 1 ? 'connection' : 'connections'}`;
  return h('span', {
    class: 'connection' + (good ? ' good' : ''), title: good ? `The app is connected: ${words}` : 'No app is connected', dataset: { testid: 'connections', count: n },
  }, icon('plug'), h('span', { class: 'connection-words' }, good ? words : '0 apps connected'));
}

// drawNotice says what is amiss, and what to do about it.
function drawNotice() {
  const node = document.getElementById('notice');
  const a = store.app;
  if (stream === 'lost') {
    show(node, 'stream', h('strong', {}, 'The simulated Slack does not answer.'), ' The page tries again by itself; if it was stopped, start it again.');
  } else if (store.me.deactivated) {
    show(node, `off ${store.me.id}`, h('strong', {}, `${nameOf(store.me)} is deactivated`), ' and can do nothing here. Act as somebody else, or let an administrator undo it.');
  } else if (!a.connections && a.mode !== 'http') {
    show(node, 'app', h('strong', {}, '0 apps connected.'), ' Start your app with the API URL ', h('code', {}, new URL('/api/', location.href).href), ', the bot token ', h('code', {}, a.bot_token),
      ' and the app token ', h('code', {}, a.app_token), '.');
  } else {
    node.hidden = true;
    node.dataset.why = '';
  }
}

function show(node, why, ...words) {
  if (node.dataset.why === why) return;
  node.dataset.why = why;
  node.dataset.testid = 'notice';
  replace(node, h('div', {}, words));
  node.hidden = false;
}

store.on('stream', (state) => {
  // A short interruption is not worth a word.
  if (state === 'connecting') return;
  stream = state;
  if (store.me) drawNotice();
});
