// What the app shows to one person alone: the stack of modals and the Home tab.

import { get } from './api.js';
import { h, replace } from './dom.js';
import { renderBlocks } from './blocks.js';
import { keepFocus } from './focus.js';
import { showModals } from './modal.js';
import { store } from './store.js';
import { forgetViews, formOf } from './values.js';

let busy = false; // whether the workspace is being asked
let again = false; // whether something changed while it was
let asking = null; // the end of that
let homes = []; // where the Home tab is drawn: {node, me, hash}

// syncViews draws what the person sees now. Calls that come while one is under way
// are answered by one more look.
export function syncViews() {
  if (busy) {
    again = true;
    return asking;
  }
  busy = true;
  asking = look();
  return asking;
}

async function look() {
  try {
    do {
      again = false;
      if (store.me) await lookAs(store.me);
    } while (again);
  } finally {
    busy = false;
  }
}

async function lookAs(me) {
  let seen;
  try {
    seen = await get('views', { as: me.id });
  } catch (failure) {
    if (failure.status === 0) return; // the stream says so, and comes back
    throw failure;
  }
  if (store.me?.id !== me.id) {
    again = true;
    return;
  }
  forgetViews(new Set([...seen.modals, ...(seen.home ? [seen.home] : [])].map((v) => v.id)), me.id);
  showModals(seen.modals, syncViews);
  homes = homes.filter((home) => home.node.isConnected || home.fresh);
  for (const home of homes) drawHome(home, seen.home);
}

// renderHome draws the Home tab into a node, and keeps it up to date while the node
// is in the document.
export async function renderHome(container) {
  if (!homes.some((home) => home.node === container)) homes.push({ node: container, fresh: true, hash: null });
  await syncViews();
}

function drawHome(home, view) {
  home.fresh = false;
  const hash = `${store.me.id} ${view?.id} ${view?.hash}`;
  if (home.hash === hash && home.node.firstChild) return;
  home.hash = hash;
  const body = h('div', { class: 'vw-home', dataset: { testid: 'home', view: view?.id } });
  const inputs = () => formOf(view, store.me.id);
  if (view) body.append(renderBlocks(view.blocks, { kind: 'home', id: view.id, state: view.state, errors: {}, inputs }));
  else body.append(h('p', { class: 'vw-nothing' }, 'The app has published no Home tab for you yet.'));
  keepFocus(home.node, () => replace(home.node, body));
}
