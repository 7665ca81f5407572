// Ctrl+K: go to a channel, the Home tab or a drawer, or become another person.

import { h, replace } from './dom.js';
import { drawers } from './drawer.js';
import { avatar, nameOf, people } from './faces.js';
import { icon } from './icons.js';
import { store } from './store.js';
import { isUnread } from './unread.js';
import { go } from './where.js';

let dialog = null;

function places() {
  const channels = [...store.channels.values()].sort((a, b) => isUnread(b) - isUnread(a) || a.archived - b.archived || a.name.localeCompare(b.name));
  const dm = channels.find((c) => c.kind === 'dm');
  const room = (c) => ({
    face: icon(c.kind === 'private' ? 'lock' : c.kind === 'dm' ? 'reply' : 'hash'), label: c.name, words: c.topic,
    note: c.kind === 'dm' ? 'Messages with the app' : c.archived ? 'Archived' : isUnread(c) ? 'Unread' : c.member ? '' : 'Not a member',
    act: () => go({ channel: c.id, tab: '', thread: '', details: '' }),
  });
  return [
    ...channels.map(room),
    dm && { face: icon('home'), label: `${dm.name} Home`, note: 'Home tab of the app', act: () => go({ channel: dm.id, tab: 'home', thread: '', details: '' }) },
    ...people().map((p) => ({ face: avatar(p, true), label: nameOf(p), words: p.name, note: p.id === store.me.id ? 'You' : `Act as @${p.name}`, act: () => go({ as: p.name, thread: '', details: '' }) })),
    ...Object.entries(drawers).map(([name, d]) => ({ face: icon(d.icon), label: d.title, note: 'Drawer', act: () => go({ drawer: name }) })),
  ].filter(Boolean);
}

// score is lower the better a place fits what was typed, or -1 if it does not.
function score(place, typed) {
  const words = typed.toLowerCase().replace(/^[#@]/, '').split(/\s+/).filter(Boolean);
  const label = place.label.toLowerCase();
  const all = `${label} ${place.words || ''} ${place.note}`.toLowerCase();
  if (!words.every((w) => all.includes(w))) return -1;
  if (!words.length) return 1;
  return label.startsWith(words[0]) ? 0 : label.includes(words[0]) ? 1 : 2;
}

export function openJump() {
  if (dialog) return;
  const all = places();
  let found = [];
  let at = 0;
  const list = h('div', { class: 'jump-list', id: 'jump-list', role: 'listbox', 'aria-label': 'Places' });
  const field = h('input', {
    type: 'text', role: 'combobox', 'aria-label': 'Jump to', 'aria-expanded': 'true', 'aria-controls': 'jump-list', 'aria-autocomplete': 'list',
    placeholder: 'Channel, person or drawer', autocomplete: 'off', spellcheck: 'false', dataset: { testid: 'jump-field' },
  });

  const draw = () => {
    replace(list, found.length ? found.map((p, i) => h('div', {
      class: 'proposal', role: 'option', id: `jump-${i}`, 'aria-selected': String(i === at), on: { click: () => take(p) },
    }, p.face, h('span', { class: 'grow' }, h('strong', {}, p.label)), h('small', {}, p.note))) : h('p', { class: 'soft' }, 'Nothing is called that.'));
    field.setAttribute('aria-activedescendant', found.length ? `jump-${at}` : '');
    list.children[at]?.scrollIntoView({ block: 'nearest' });
  };
  const look = () => {
    found = all.map((p) => [score(p, field.value), p]).filter(([s]) => s >= 0).sort((a, b) => a[0] - b[0]).map(([, p]) => p).slice(0, 12);
    at = 0;
    draw();
  };
  const take = (p) => {
    dialog.close();
    p.act();
  };
  field.addEventListener('input', look);
  field.addEventListener('keydown', (e) => {
    if (e.key === 'ArrowDown' || e.key === 'ArrowUp') at = (at + (e.key === 'ArrowDown' ? 1 : found.length - 1)) % (found.length || 1);
    else if (e.key === 'Enter' && found[at]) take(found[at]);
    else return;
    e.preventDefault();
    if (dialog) draw();
  });
  dialog = h('dialog', { class: 'jump', 'aria-label': 'Jump to', dataset: { testid: 'jump-dialog' } }, field, list);
  dialog.addEventListener('click', (e) => e.target === dialog && dialog.close());
  dialog.addEventListener('close', () => {
    dialog.remove();
    dialog = null;
  });
  document.body.append(dialog);
  dialog.showModal();
  look();
  field.focus();
}

addEventListener('keydown', (e) => {
  if ((e.ctrlKey || e.metaKey) && !e.shiftKey && !e.altKey && e.key.toLowerCase() === 'k') {
    e.preventDefault();
    openJump();
  }
});
