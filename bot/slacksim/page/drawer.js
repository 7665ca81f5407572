// The drawer at the right: traffic, faults or the administrator's desk.

import { clear, h, replace } from './dom.js';
import { icon } from './icons.js';
import { go, where } from './where.js';
import * as admin from './admin.js';
import * as faults from './faults.js';
import * as traffic from './traffic.js';

export const drawers = {
  traffic: { title: 'Traffic', icon: 'pulse', mount: traffic.mount },
  faults: { title: 'Faults', icon: 'bolt', mount: faults.mount },
  admin: { title: 'Administration', icon: 'sliders', mount: admin.mount },
};

let unmount = null;
let open = '';

// draw shows the drawer that the address names.
export function draw() {
  const node = document.getElementById('drawer');
  const name = Object.hasOwn(drawers, where.drawer) ? where.drawer : '';
  if (name === open) return;
  unmount?.();
  unmount = null;
  const held = node.contains(document.activeElement);
  const opener = document.querySelector(`[data-drawer="${open}"]`);
  open = name;
  node.hidden = !name;
  if (!name) {
    clear(node);
    if (held) opener?.focus();
    return;
  }
  const content = h('div', { class: 'drawer-content' });
  const close = () => go({ drawer: '' });
  replace(node,
    h('div', { class: 'pane-head' },
      h('button', { class: 'quiet back', type: 'button', 'aria-label': 'Back', dataset: { testid: 'back' }, on: { click: close } }, icon('back')),
      h('h2', { tabindex: '-1' }, drawers[name].title),
      h('button', { class: 'quiet close', type: 'button', 'aria-label': `Close ${drawers[name].title}`, on: { click: close } }, icon('close'))),
    content);
  node.setAttribute('aria-label', drawers[name].title);
  node.dataset.testid = `drawer-${name}`;
  unmount = drawers[name].mount(content) || null;
  node.querySelector('h2').focus({ preventScroll: true });
}
