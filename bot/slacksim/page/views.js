// Modals and the Home tab.

import { get } from './api.js';
import { h, replace } from './dom.js';
import { store } from './store.js';

export async function syncViews() {}

export async function renderHome(container) {
  const { home } = await get('views', { as: store.me.id });
  replace(container, h('div', { dataset: { testid: 'home' } }, home ? home.plain : 'The app has published no Home tab yet.'));
}
