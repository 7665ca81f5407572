// What the app shows to one person alone: the stack of modals and the Home tab.

import { get } from './api.js';
import { h, replace } from './dom.js';
import { renderBlocks } from './blocks.js';
import { keepFocus } from './focus.js';
import { showModals } from './modal.js';
import { store } from './store.js';
import { forgetViews } from './values.js';

let asking = null; // the question under way
let again = false; // something changed while it was
let homes = []; // where the Home tab is drawn: {node, me, hash}

// syncViews draws what the person sees now. Calls that come while one is under way
// are answered by one more look.
export function syncViews() {
  if (asking) {
    again = true;
    return asking;
  }
  asking = look().finally(() => { asking = null; });
  return asking;
}

async function look() {
  do {
    again = false;
    const me = store.me;
    if (!me) return;
    let seen;
    try {
      seen = await get('views', { as: me.id });
    } catch (failure) {
      if (failure.status === 0) return; // the stream says so, and comes back
      throw failure;
    }
    if (store.me?.id !== me.id) {
      again = true;
      continue;
    }
    forgetViews(new Set([...seen.modals, ...(seen.home ? [seen.home] : [])].map((v) => v.id)));
    showModals(seen.modals, syncViews);
    homes = homes.filter((home) => home.node.isConnected || home.fresh);
    for (const home of homes) drawHome(home, seen.home);
  } while (again);
}

// renderHome draws the Home tab into a node, and keeps it up to date while the node
// is in the document.
export async function renderHome(container) {
  homes = homes.filter((home) => home.node !== container);
  homes.push({ node: container, fresh: true, hash: null });
  await syncViews();
}

function drawHome(home, view) {
  home.fresh = false;
  const hash = `${store.me.id} ${view?.id} ${view?.hash}`;
  if (home.hash === hash && home.node.firstChild) return;
  home.hash = hash;
  const body = h('div', { class: 'vw-home', dataset: { testid: 'home', view: view?.id } });
  if (view) body.append(renderBlocks(view.blocks, { kind: 'home', id: view.id, state: view.state, errors: {} }));
  else body.append(h('p', { class: 'vw-nothing' }, 'The app has published no Home tab for you yet.'));
  keepFocus(home.node, () => replace(home.node, body));
}
