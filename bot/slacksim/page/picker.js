// The list that opens below a select or a menu button, or from the bottom of a
// phone: by keyboard, with a filter if it is long.

import { h, live, replace } from './dom.js';
import { latest } from './focus.js';
import { icon } from './icons.js';

const filterFrom = 8;
let closeOpen = null;
let count = 0;

// openPicker shows groups [{label, options: [{value, label, description}]}].
// chosen are values. A single choice closes the list and is told by onPick([value]);
// with multi the choices are told by onPick when the list closes, if they changed.
// clearable adds a way to choose nothing. role is 'listbox' or 'menu'.
export function openPicker({ anchor, title, groups, chosen, multi = false, most = Infinity, clearable = false, role = 'listbox', onPick }) {
  closeOpen?.();
  const id = `picker-${++count}`;
  const all = groups.flatMap((g) => g.options);
  const picked = new Set(chosen);
  const before = [...picked].join('\n');
  let shown = []; // the rows one can move through
  let active = 0;

  const list = h('div', { id, class: 'bk-list', role, tabindex: '0', 'aria-label': title, 'aria-multiselectable': multi ? 'true' : null });
  const filter = all.length >= filterFrom && role === 'listbox' ? h('input', {
    class: 'bk-filter', type: 'text', role: 'combobox', placeholder: 'Find…', 'aria-label': `Find in ${title}`, autocomplete: 'off',
    spellcheck: 'false', 'aria-expanded': 'true', 'aria-controls': id, 'aria-autocomplete': 'list', dataset: { testid: 'picker-filter' },
  }) : null;
  const keys = filter || list;
  const node = h('div', { class: 'bk-pop', popover: 'manual', dataset: { testid: 'picker' } },
    h('div', { class: 'bk-pop-head' }, h('span', {}, title),
      h('button', { type: 'button', class: 'bk-done', on: { click: () => close(true) } }, multi ? 'Done' : 'Close')),
    filter, list);

  function draw() {
    const words = (filter?.value || '').trim().toLowerCase();
    const fits = (o) => !words || `${o.label} ${o.description || ''}`.toLowerCase().includes(words);
    shown = [];
    const parts = groups.map((g) => {
      const rows = g.options.filter(fits).map(row);
      if (!rows.length || !g.label) return rows;
      const name = `${id}-group-${shown.length}`;
      return h('div', { role: 'group', 'aria-labelledby': name }, h('div', { class: 'bk-group', id: name }, g.label), rows);
    });
    const none = clearable && picked.size && !words ? row({ value: null, label: 'Clear the choice', clear: true }) : null;
    replace(list, none, parts, !shown.length && h('div', { class: 'bk-none' }, all.length ? 'Nothing fits.' : 'There is nothing to choose from.'));
    if (none) shown.unshift(shown.pop());
    active = Math.min(active, Math.max(shown.length - 1, 0));
    mark(active);
  }

  function row(option) {
    const on = picked.has(option.value);
    const made = h('div', {
      id: `${id}-${option.clear ? 'none' : all.indexOf(option)}`, class: `bk-row${option.clear ? ' bk-clear' : ''}`, role: role === 'menu' ? 'menuitem' : 'option',
      'aria-selected': role === 'menu' ? null : String(on), dataset: { value: option.value, testid: 'option' },
      on: { click: () => pick(option), pointermove: () => mark(shown.findIndex((s) => s.node === made), false) },
    },
    role === 'menu' ? null : h('span', { class: 'bk-check', 'aria-hidden': 'true' }, on ? '✓' : ''),
    h('span', { class: 'bk-words' }, h('span', {}, option.label), option.description && h('span', { class: 'bk-desc' }, option.description)));
    shown.push({ option, node: made });
    return made;
  }

  function mark(n, scroll = true) {
    if (n < 0) return;
    active = n;
    shown.forEach((s, i) => s.node.classList.toggle('bk-active', i === n));
    const now = shown[n]?.node;
    if (!now) {
      keys.removeAttribute('aria-activedescendant');
      return;
    }
    keys.setAttribute('aria-activedescendant', now.id);
    if (scroll) now.scrollIntoView({ block: 'nearest' });
  }

  function pick(option) {
    if (option.clear) {
      picked.clear();
      if (multi) draw();
      else close(false, [null]);
      return;
    }
    if (!multi) {
      close(false, [option.value]);
      return;
    }
    if (picked.has(option.value)) picked.delete(option.value);
    else if (picked.size < most) picked.add(option.value);
    else live(`No more than ${most} can be chosen.`);
    draw();
  }

  let typed = '';
  let typedAt = 0;

  // seek goes to the next option that begins with what was typed just now.
  function seek(letter) {
    typed = performance.now() - typedAt < 800 ? typed + letter : letter;
    typedAt = performance.now();
    const from = typed.length > 1 ? active : active + 1;
    for (let n = 0; n < shown.length; n++) {
      const at = (from + n) % shown.length;
      if (shown[at].option.label.toLowerCase().startsWith(typed.toLowerCase())) {
        mark(at);
        return;
      }
    }
  }

  function key(event) {
    const moves = { ArrowDown: active + 1, ArrowUp: active - 1, PageDown: active + 8, PageUp: active - 8, Home: filter ? null : 0, End: filter ? null : shown.length - 1 };
    if (moves[event.key] !== undefined && moves[event.key] !== null) {
      event.preventDefault();
      if (shown.length) {
        const to = moves[event.key];
        const wraps = event.key.startsWith('Arrow');
        mark(wraps ? (to + shown.length) % shown.length : Math.min(Math.max(to, 0), shown.length - 1));
      }
    } else if (event.key === 'Enter' || (event.key === ' ' && !filter)) {
      event.preventDefault();
      if (shown[active]) pick(shown[active].option);
    } else if (event.key === 'Escape') {
      event.preventDefault();
      close(true);
    } else if (event.key === 'Tab') {
      event.preventDefault();
      close(true);
    } else if (!filter && event.key.length === 1 && !event.ctrlKey && !event.metaKey) {
      seek(event.key);
    }
    event.stopPropagation();
  }

  function outside(event) {
    if (!node.contains(event.target) && !anchor.contains(event.target)) close(false);
  }

  function close(refocus, result) {
    if (closeOpen !== shut) return;
    closeOpen = null;
    removeEventListener('pointerdown', outside, true);
    removeEventListener('resize', put);
    removeEventListener('scroll', put, true);
    node.remove();
    anchor.setAttribute('aria-expanded', 'false');
    if (refocus || result) latest(anchor).focus({ preventScroll: true });
    if (result) onPick(result);
    else if (multi && [...picked].join('\n') !== before) onPick([...picked]);
  }
  const shut = () => close(false);
  const put = () => place(node, anchor);

  node.addEventListener('keydown', key);
  filter?.addEventListener('input', () => {
    active = 0;
    draw();
  });
  (anchor.closest('dialog') || document.body).append(node);
  node.showPopover?.();
  anchor.setAttribute('aria-expanded', 'true');
  draw();
  mark(Math.max(shown.findIndex((s) => picked.has(s.option.value)), 0));
  put();
  closeOpen = shut;
  addEventListener('pointerdown', outside, true);
  addEventListener('resize', put);
  addEventListener('scroll', put, true);
  keys.focus({ preventScroll: true });
}

// place puts the list below its anchor, or above it where there is more room. A
// narrow page shows it at its bottom.
function place(node, anchor) {
  const set = (name, value) => node.style.setProperty(name, value);
  if (innerWidth < 700) {
    for (const name of ['left', 'top', 'bottom', 'min-width', 'max-height']) node.style.removeProperty(name);
    return;
  }
  if (!anchor.isConnected) return;
  const box = anchor.getBoundingClientRect();
  const below = innerHeight - box.bottom - 12;
  const above = box.top - 12;
  const up = below < 240 && above > below;
  set('min-width', `${Math.max(box.width, 180)}px`);
  set('max-height', `${Math.min(Math.max(up ? above : below, 120), 360)}px`);
  const width = node.offsetWidth;
  set('left', `${Math.max(8, Math.min(box.left, innerWidth - width - 8))}px`);
  set('top', up ? 'auto' : `${box.bottom + 4}px`);
  set('bottom', up ? `${innerHeight - box.top + 4}px` : 'auto');
}

export const chevron = () => icon('down');
