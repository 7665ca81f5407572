// Acting on an element: the app is told, and until it has answered the element
// shows that it waits and takes no second press. What went wrong stands beside it.

import { post } from './api.js';
import { confirmDialog } from './dialog.js';
import { h, live } from './dom.js';
import { store } from './store.js';
import { surfaceKey } from './values.js';

const acts = new Map(); // key -> {pending, failure}

const keyOf = (surface, block, element) => `${surfaceKey(surface, store.me?.id)} ${block} ${element.action_id}`;

// acting wraps an element's control with the place where its state shows.
export function acting(surface, block, element, control) {
  const key = keyOf(surface, block, element);
  const node = h('span', { class: 'bk-act', dataset: { act: key } }, control,
    h('span', { class: 'bk-spin', 'aria-hidden': 'true' }), h('span', { class: 'bk-failure', role: 'alert' }));
  show(node, acts.get(key));
  return node;
}

function show(node, act) {
  node.classList.toggle('bk-pending', Boolean(act?.pending));
  node.toggleAttribute('aria-busy', Boolean(act?.pending));
  if (act?.pending) node.setAttribute('aria-busy', 'true');
  node.querySelector(':scope > .bk-failure').textContent = act?.failure || '';
}

// set changes an act wherever its element is drawn now: while it was under way the
// message may have been drawn anew.
function set(key, act) {
  if (act) acts.set(key, act);
  else acts.delete(key);
  for (const node of document.querySelectorAll(`[data-act="${CSS.escape(key)}"]`)) show(node, act);
}

export const pending = (surface, block, element) => Boolean(acts.get(keyOf(surface, block, element))?.pending);

// press tells the app. It resolves to 'done', 'failed', 'denied' if the person did
// not confirm, or 'busy' if the last press is still under way. inputs are what the
// form around the element holds.
export async function press({ surface, block, element, values, inputs }) {
  const key = keyOf(surface, block, element);
  if (acts.get(key)?.pending) return 'busy';
  if (element.confirm && !(await confirmDialog(element.confirm))) return 'denied';
  if (acts.get(key)?.pending) return 'busy';
  set(key, { pending: true });
  let failure = '';
  try {
    const act = await post(`as/${encodeURIComponent(store.me.id)}/press`, {
      ...target(surface), block_id: block, action_id: element.action_id, confirm: Boolean(element.confirm),
      ...(values === undefined ? {} : { values }), ...(inputs ? { inputs } : {}),
    });
    failure = undelivered(act);
  } catch (refused) {
    failure = refused.detail || String(refused.message || refused);
  }
  set(key, failure ? { failure } : null);
  if (failure) live(failure);
  return failure ? 'failed' : 'done';
}

function target(surface) {
  if (surface.kind === 'home') return { home: true };
  if (surface.kind === 'view') return { view: surface.id };
  return { channel: surface.channel, ts: surface.ts };
}

const sayings = {
  timeout: 'The app did not answer in time. It may have acted all the same: look before you press again.',
  no_connection: 'The app is not connected, so it was not told. Start it, then press again.',
  http_error: 'The app answered with an error, which the traffic shows.',
};

// undelivered says what became of an act whose delivery was not acknowledged.
export function undelivered(act) {
  const bad = (act.deliveries || []).find((d) => d.state !== 'acked' && d.state !== 'pending');
  return bad ? sayings[bad.state] || act.shown || 'The app was not reached.' : '';
}
