import { h, replace } from './dom.js';

export function mount(container) {
  replace(container, h('p', {}, 'Nothing to show yet.'));
  return () => {};
}
