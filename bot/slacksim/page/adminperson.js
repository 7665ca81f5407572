// What an administrator does to an account.

import { post } from './api.js';
import { h } from './dom.js';
import { attempt, choice, field, outcome, refill, tick } from './form.js';
import { store } from './store.js';

const elsewhere = 'Another team';

export function personPart() {
  const place = outcome();
  const who = choice('person', [], { 'data-testid': 'admin-person' });
  const name = h('input', { name: 'real_name', type: 'text', autocomplete: 'off' });
  const zone = h('input', { name: 'tz', type: 'text', list: 'desk-zones', autocomplete: 'off', spellcheck: 'false' });
  const guest = choice('guest', [['none', 'no guest'], ['single', 'guest of one channel'], ['multi', 'guest of some channels']]);
  const stranger = tick('Stranger, of another team', 'stranger');
  const deactivated = tick('Deactivated', 'deactivated');
  const button = h('button', { type: 'submit', class: 'primary', dataset: { testid: 'admin-person-save' } }, 'Save');
  const box = (label) => label.querySelector('input');

  // fill shows somebody as they are.
  function fill() {
    const p = store.person(who.value);
    if (!p) return;
    name.value = p.real_name || '';
    zone.value = p.tz || '';
    guest.value = p.guest || 'none';
    box(stranger).checked = p.stranger;
    box(deactivated).checked = p.deactivated;
  }

  function changed(p) {
    const set = {};
    if (name.value !== (p.real_name || '')) set.real_name = name.value;
    if (zone.value !== (p.tz || '')) set.tz = zone.value;
    if (guest.value !== (p.guest || 'none')) set.guest = guest.value;
    if (box(stranger).checked !== p.stranger) set.team = p.stranger ? store.app.team_id : elsewhere;
    if (box(deactivated).checked !== p.deactivated) set.deactivated = box(deactivated).checked;
    return set;
  }

  async function save(event) {
    event.preventDefault();
    const p = store.person(who.value);
    const set = changed(p);
    if (!Object.keys(set).length) {
      place.classList.remove('alert');
      place.textContent = 'Nothing was changed.';
      return;
    }
    await attempt(button, place, async () => {
      const { person } = await post('admin/person', { person: p.id, set });
      store.people.set(person.id, person);
      if (who.value === person.id) fill();
      return `${person.real_name || person.name} is changed.`;
    });
  }

  // list keeps what is being typed: only a change of somebody else's makes it stale.
  function list() {
    const all = [...store.people.values()].sort((a, b) => a.bot - b.bot);
    refill(who, all.map((p) => [p.id, `${p.real_name || p.name}${p.bot ? ' (app)' : ''}${p.deactivated ? ' (deactivated)' : ''}`]), store.me?.id);
    if (!form.contains(document.activeElement)) fill();
  }

  const zones = Intl.supportedValuesOf ? Intl.supportedValuesOf('timeZone') : [];
  const form = h('form', { class: 'desk-form', on: { submit: save } },
    h('datalist', { id: 'desk-zones' }, zones.map((z) => h('option', { value: z }))),
    h('div', { class: 'desk-grid' }, field('Person', who), field('Real name', name), field('Time zone', zone), field('Guest', guest)),
    stranger, deactivated, button, place);
  who.addEventListener('change', fill);
  list();
  fill();
  const anew = () => store.loadPeople().then(list).catch(() => {});
  const off = [store.on('people', anew), store.on('resync', anew)];
  return { title: 'A person', node: form, end: () => off.forEach((f) => f()) };
}
