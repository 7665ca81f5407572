// Where one looks: the person, channel, thread, tab and drawer. The address says
// it, so that a tab can be reloaded, copied, and left by the back button.

import { store } from './store.js';

const keys = ['as', 'channel', 'thread', 'tab', 'details', 'drawer'];

export const where = read();

function read() {
  const query = new URLSearchParams(location.search);
  return Object.fromEntries(keys.map((k) => [k, query.get(k) || '']));
}

// go changes what one looks at and tells topic 'where' the keys that changed.
export function go(change, { replace = false } = {}) {
  const changed = keys.filter((k) => k in change && where[k] !== (change[k] || ''));
  if (!changed.length) return;
  for (const k of changed) where[k] = change[k] || '';
  const query = new URLSearchParams(location.search);
  for (const k of keys) where[k] ? query.set(k, where[k]) : query.delete(k);
  history[replace ? 'replaceState' : 'pushState'](null, '', '?' + query);
  store.emit('where', changed);
}

addEventListener('popstate', () => {
  const now = read();
  const changed = keys.filter((k) => now[k] !== where[k]);
  Object.assign(where, now);
  if (changed.length) store.emit('where', changed);
});

// narrow is true where only one pane fits.
export const narrow = matchMedia('(max-width: 699px)');
