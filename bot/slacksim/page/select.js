// Selects: of options, people, channels and conversations; one or several.

import { h, replace } from './dom.js';
import { latest } from './focus.js';
import { textOf } from './mrkdwn.js';
import { chevron, openPicker } from './picker.js';
import { store } from './store.js';

export const selects = new Set([
  'static_select', 'users_select', 'channels_select', 'conversations_select',
  'multi_static_select', 'multi_users_select', 'multi_channels_select', 'multi_conversations_select',
]);

const placeholders = {
  static_select: 'Select an option', users_select: 'Select a person', channels_select: 'Select a channel', conversations_select: 'Select a conversation',
};

// groupsOf lists what a select offers, in groups.
export function groupsOf(element) {
  switch (element.type.replace('multi_', '')) {
    case 'users_select': return [{ options: people() }];
    case 'channels_select': return [{ options: channels((c) => c.kind === 'public') }];
    case 'conversations_select': return [{ options: channels(wanted(element.filter)) }];
    default: return staticGroups(element);
  }
}

function staticGroups(element) {
  const read = (options) => (options || []).map((o) => ({ value: o.value, label: textOf(o.text), description: textOf(o.description) }));
  if (!element.option_groups?.length) return [{ options: read(element.options) }];
  return element.option_groups.map((g) => ({ label: textOf(g.label), options: read(g.options) }));
}

function people() {
  return [...store.people.values()].filter((p) => !p.deactivated)
    .map((p) => ({ value: p.id, label: p.real_name || p.name, description: `@${p.name}` }))
    .sort((a, b) => a.label.localeCompare(b.label));
}

const kinds = { public: 'public', private: 'private', im: 'dm' };

function wanted(filter) {
  const include = filter?.include?.map((k) => kinds[k]);
  return (c) => (!include || include.includes(c.kind)) && !(c.kind === 'dm' && filter?.exclude_bot_users);
}

function channels(fits) {
  return [...store.channels.values()].filter((c) => fits(c) && !c.archived)
    .map((c) => ({ value: c.id, label: c.kind === 'dm' ? `@${c.name}` : `#${c.name}` }))
    .sort((a, b) => a.label.localeCompare(b.label));
}

export function drawSelect(hand) {
  const { element } = hand;
  const multi = element.type.startsWith('multi_');
  const words = h('span', { class: 'bk-chosen' });
  if (hand.place.id) words.id = `${hand.place.id}-chosen`;
  const hint = textOf(element.placeholder) || placeholders[element.type.replace('multi_', '')];

  function draw() {
    const values = [].concat(hand.value ?? []);
    const options = groupsOf(element).flatMap((g) => g.options);
    const labels = values.map((v) => options.find((o) => o.value === v)?.label || nameOf(v));
    control.classList.toggle('bk-empty', !values.length);
    control.setAttribute('aria-label', hand.place.input ? '' : [labels.join(', '), hint].filter(Boolean).join(', '));
    if (hand.place.input) control.removeAttribute('aria-label');
    control.dataset.value = values.join(',');
    replace(words, !values.length ? hint : multi ? labels.map((l) => h('span', { class: 'bk-chip' }, l)) : labels[0]);
  }

  function open() {
    if (hand.busy) return;
    openPicker({
      anchor: control, title: hand.place.title || hint, groups: groupsOf(element), multi, most: element.max_selected_items || Infinity,
      chosen: [].concat(hand.value ?? []), clearable: multi || !hand.place.input || hand.place.optional,
      onPick(values) {
        const value = multi ? values.filter((v) => v !== null) : values[0];
        if (!multi && value === hand.value) return;
        hand.change(value, latest(control), () => latest(control).redraw());
        latest(control).redraw();
      },
    });
  }

  const control = h('button', {
    type: 'button', class: 'bk-select', role: 'combobox', 'aria-haspopup': 'listbox', 'aria-expanded': 'false', ...hand.names(),
    on: {
      click: open,
      keydown(event) {
        if (!['ArrowDown', 'ArrowUp'].includes(event.key)) return;
        event.preventDefault();
        open();
      },
    },
  }, words, chevron());
  if (hand.place.labelledBy) control.setAttribute('aria-labelledby', `${hand.place.labelledBy} ${words.id}`);
  control.redraw = draw;
  draw();
  return hand.wrap(control);
}

// nameOf is how somebody or something chosen is called that the list does not show.
function nameOf(id) {
  const person = store.person(id);
  if (person) return person.real_name || person.name;
  const channel = store.channel(id);
  return channel ? `#${channel.name}` : id;
}
