// Completion in the composer: commands and their verbs after a slash, people and
// groups after @, channels after #.

import { h, replace } from './dom.js';
import { avatar, nameOf, people } from './faces.js';
import { icon } from './icons.js';
import { store } from './store.js';
import { verbs } from './typed.js';

const shown = 8;
let count = 0;

const begins = (needle) => (...hay) => hay.some((s) => s && (s.toLowerCase().startsWith(needle) || s.toLowerCase().includes(' ' + needle)));

// options answers {from, list} for the text before the caret: what may stand
// from there on instead.
function options(before, inThread) {
  const slash = /^\/\S*$/.exec(before);
  if (slash && !inThread) {
    return {
      from: 0,
      list: store.app.commands.filter((c) => c.command.startsWith(before.toLowerCase()))
        .map((c) => ({ text: c.command, label: c.command, note: [c.description, c.usage_hint].filter(Boolean).join(' — '), face: icon('bolt') })),
    };
  }
  const verb = /^(\/\S+)\s+(\S*)$/.exec(before);
  if (verb && !inThread) {
    const command = store.app.commands.find((c) => c.command === verb[1]);
    const list = verbs(command?.usage_hint).filter((v) => v.word.startsWith(verb[2].toLowerCase()));
    return { from: before.length - verb[2].length, list: list.map((v) => ({ text: v.word, label: v.word, note: v.usage.slice(v.word.length).trim(), face: icon('bolt') })) };
  }
  const name = /(^|[\s(])([@#])([\w.-]*)$/.exec(before);
  if (!name) return null;
  const match = begins(name[3].toLowerCase());
  return { from: before.length - name[3].length - 1, list: name[2] === '#' ? channels(match) : persons(match) };
}

function persons(match) {
  const some = people({ bots: true }).filter((p) => match(p.name, p.real_name))
    .map((p) => ({ text: `@${p.name}`, label: nameOf(p), note: `@${p.name}${p.title ? ` · ${p.title}` : ''}`, face: avatar(p, true) }));
  const groups = [...store.groups.values()].filter((g) => match(g.handle, g.name))
    .map((g) => ({ text: `@${g.handle}`, label: `@${g.handle}`, note: `${g.name} · ${g.members.length} people`, face: icon('people') }));
  const all = [['here', 'Everybody of the channel who is active'], ['channel', 'Everybody of the channel']].filter(([w]) => match(w))
    .map(([w, note]) => ({ text: `@${w}`, label: `@${w}`, note, face: icon('people') }));
  return [...some, ...groups, ...all];
}

const channels = (match) => [...store.channels.values()].filter((c) => c.kind !== 'dm' && !c.archived && match(c.name))
  .sort((a, b) => a.name.localeCompare(b.name))
  .map((c) => ({ text: `#${c.name}`, label: c.name, note: c.topic, face: icon(c.kind === 'private' ? 'lock' : 'hash') }));

// completer joins a list of proposals to a text field. Its key() tells whether it
// used a key.
export function completer(field, { inThread = false, onTake } = {}) {
  const id = `proposals-${++count}`;
  const list = h('div', { class: 'proposals', id, role: 'listbox', 'aria-label': 'Proposals', hidden: true, dataset: { testid: 'proposals' } });
  let found = null;
  let at = 0;
  field.setAttribute('aria-autocomplete', 'list');
  field.setAttribute('aria-controls', id);

  function close() {
    found = null;
    list.hidden = true;
    field.removeAttribute('aria-activedescendant');
  }

  function draw() {
    replace(list, found.list.map((o, i) => h('div', {
      class: 'proposal', role: 'option', id: `${id}-${i}`, 'aria-selected': String(i === at),
      // The field keeps the focus; a finger that scrolls the list chooses nothing.
      on: { pointerdown: (e) => e.preventDefault(), mousedown: (e) => e.preventDefault(), click: () => take(i) },
    }, o.face, h('span', { class: 'grow' }, h('strong', {}, o.label), o.note && h('small', {}, o.note)))));
    list.hidden = false;
    field.setAttribute('aria-activedescendant', `${id}-${at}`);
    list.children[at]?.scrollIntoView({ block: 'nearest' });
  }

  function look() {
    if (field.selectionStart !== field.selectionEnd) return close();
    found = options(field.value.slice(0, field.selectionStart), inThread);
    if (!found || !found.list.length) return close();
    found.list = found.list.slice(0, shown);
    at = 0;
    draw();
  }

  function take(i) {
    const rest = field.value.slice(field.selectionStart);
    const head = field.value.slice(0, found.from) + found.list[i].text + (rest.startsWith(' ') ? '' : ' ');
    field.value = head + rest;
    field.setSelectionRange(head.length, head.length);
    close();
    onTake?.();
    look();
  }

  const exact = () => field.value.slice(found.from, field.selectionStart).toLowerCase() === found.list[at].text.toLowerCase();

  return {
    list,
    look,
    close,
    key(event) {
      if (!found) return false;
      const n = found.list.length;
      if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
        at = (at + (event.key === 'ArrowDown' ? 1 : n - 1)) % n;
        draw();
      } else if (event.key === 'Escape') {
        close();
      } else if (event.key === 'Tab' && !event.shiftKey) {
        take(at);
      } else if (event.key === 'Enter' && !event.shiftKey && !exact()) {
        take(at);
      } else {
        return false;
      }
      event.preventDefault();
      event.stopPropagation();
      return true;
    },
  };
}
