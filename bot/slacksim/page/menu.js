// Menus that float beside what opened them.

import { h } from './dom.js';
import { latest } from './focus.js';
import { icon as draw } from './icons.js';

let current = null;

// openMenu shows items: { label, note, icon, face, checked, href, danger, testid,
// act } or '-' for a line. Choosing one closes the menu first. A menu may hold a
// node of its own instead.
export function openMenu(anchor, items, { label, title, testid, content } = {}) {
  if (current?.anchor === anchor) {
    current.close();
    return null;
  }
  current?.close();
  const node = h('div', { class: 'menu', popover: 'auto', role: content ? 'dialog' : 'menu', 'aria-label': label, dataset: { testid } },
    title && h('div', { class: 'menu-title' }, title),
    content || items.map((item) => (item === '-' ? h('hr', { role: 'separator' }) : entry(item, close))));
  document.body.append(node);

  function close(focus = true) {
    if (current?.node !== node) return;
    current = null;
    anchor.setAttribute('aria-expanded', 'false');
    // Taking it away gives focus to nobody: the opener has it again first.
    if (focus && (node.contains(document.activeElement) || document.activeElement === document.body)) latest(anchor).focus({ preventScroll: true });
    node.remove();
  }

  node.addEventListener('toggle', (event) => event.newState === 'closed' && close());
  node.addEventListener('keydown', (event) => move(event, node));
  node.showPopover();
  place(node, anchor);
  anchor.setAttribute('aria-expanded', 'true');
  current = { anchor, node, close };
  (node.querySelector('[aria-checked="true"]') || node.querySelector('.menu-item, input, button'))?.focus({ preventScroll: true });
  return { node, close };
}

function entry(item, close) {
  const attrs = {
    class: 'menu-item' + (item.danger ? ' dangerous' : ''),
    role: item.checked === undefined ? 'menuitem' : 'menuitemradio',
    'aria-checked': item.checked === undefined ? null : String(item.checked),
    tabindex: '-1',
    dataset: { testid: item.testid },
    on: {
      click(event) {
        // A link opened in a tab of its own is the browser's business.
        if (item.href && (event.ctrlKey || event.metaKey || event.shiftKey)) return;
        event.preventDefault();
        close();
        item.act();
      },
    },
  };
  const inside = [item.face, item.icon && draw(item.icon), h('span', { class: 'grow' }, item.label, item.note && h('small', {}, item.note)), item.mark];
  return item.href ? h('a', { ...attrs, href: item.href }, inside) : h('button', { ...attrs, type: 'button' }, inside);
}

function move(event, node) {
  const all = [...node.querySelectorAll('.menu-item')];
  const at = all.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
  if (all.length && at >= 0 && to !== undefined) {
    event.preventDefault();
    all[(to + all.length) % all.length].focus();
  } else if (event.key === 'Tab' && at >= 0) {
    current?.close();
  } else if (at >= 0 && event.key.length === 1 && event.key !== ' ' && !event.ctrlKey && !event.metaKey) {
    const hit = [...all.slice(at + 1), ...all].find((i) => i.textContent.toLowerCase().startsWith(event.key.toLowerCase()));
    hit?.focus();
  }
}

// place puts the menu where it fits: below what opened it, else above.
function place(node, anchor) {
  const a = anchor.getBoundingClientRect();
  const own = node.getBoundingClientRect();
  const gap = 4;
  let left = Math.min(a.left, innerWidth - own.width - 8);
  if (a.left > innerWidth / 2) left = a.right - own.width;
  const below = a.bottom + gap + own.height <= innerHeight - 8;
  const top = below ? a.bottom + gap : Math.max(8, a.top - gap - own.height);
  node.style.setProperty('left', `${Math.max(8, left)}px`);
  node.style.setProperty('top', `${Math.min(top, Math.max(8, innerHeight - own.height - 8))}px`);
}
