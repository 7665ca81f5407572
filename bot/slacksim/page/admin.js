// The administrator's desk: what somebody outside of any conversation can do to
// the workspace.

import { get, post } from './api.js';
import { confirmDialog } from './dialog.js';
import { h, replace } from './dom.js';
import { attempt, field, outcome } from './form.js';
import { store } from './store.js';
import { appPart } from './adminapp.js';
import { channelPart, createPart, messagePart } from './adminchannel.js';
import { personPart } from './adminperson.js';

// A part of the desk is {title, node, end}.
const parts = [clockPart, personPart, channelPart, createPart, messagePart, appPart, resetPart];

export function mount(container) {
  const made = parts.map((part) => part());
  replace(container, made.map((p) => h('section', { class: 'desk-part', 'aria-label': p.title }, h('h3', {}, p.title), p.node)));
  return () => made.forEach((p) => p.end?.());
}

function clockPart() {
  const place = outcome();
  const reading = h('p', { class: 'desk-clock', dataset: { testid: 'clock-now' } });
  const freeze = h('button', { type: 'button', dataset: { testid: 'clock-freeze' }, on: { click: () => attempt(freeze, place, async () => { take(await post('clock', { frozen: !frozen })); }) } }, 'Freeze');
  const by = h('input', { name: 'by', type: 'text', value: '31m', autocomplete: 'off', spellcheck: 'false', dataset: { testid: 'clock-by' } });
  const go = h('button', { type: 'submit', dataset: { testid: 'clock-advance' } }, 'Advance');
  const form = h('form', {
    class: 'desk-row',
    on: { submit: (event) => { event.preventDefault(); attempt(go, place, async () => { take(await post('clock', { advance: by.value.trim() })); return `It is ${by.value.trim()} later.`; }); } },
  }, field('By', by, 'Freeze it first. Then such as 3s, 31m or 48h: what falls due meanwhile happens, in order.'), go);
  let frozen = false;
  let ahead = 0;
  let ended = false;

  function take(clock) {
    frozen = clock.frozen;
    ahead = Date.parse(clock.now) - Date.now();
    freeze.textContent = frozen ? 'Let it go on' : 'Freeze';
    by.disabled = go.disabled = !frozen;
    stands = Date.parse(clock.now);
    draw();
  }

  let stands = 0;
  function draw() {
    const at = new Date(frozen ? stands : Date.now() + ahead);
    replace(reading, h('strong', {}, at.toISOString().slice(0, 19).replace('T', ' ')), ' UTC', frozen ? ' · frozen' : '');
  }

  const ask = () => get('clock').then((clock) => ended || take(clock)).catch(() => {});
  by.disabled = go.disabled = true;
  ask();
  const each = setInterval(() => !frozen && draw(), 1000);
  const off = [store.on('clock', ask), store.on('resync', ask)];
  return {
    title: 'Clock',
    node: h('div', {}, h('div', { class: 'desk-row' }, reading, freeze), form, place),
    end() {
      ended = true;
      clearInterval(each);
      off.forEach((f) => f());
    },
  };
}

function resetPart() {
  const place = outcome();
  const seed = h('input', { name: 'seed', type: 'number', min: 1, placeholder: 'as it was' });
  const button = h('button', { type: 'submit', class: 'danger', dataset: { testid: 'reset' } }, 'Reset the workspace');
  async function reset(event) {
    event.preventDefault();
    const sure = await confirmDialog({
      title: { type: 'plain_text', text: 'Reset the workspace?' },
      text: { type: 'mrkdwn', text: 'Everything is as at the start: messages, channels, people, files and faults of this workspace are gone, and the clock follows the machine. Connections stay open.' },
      confirm: { type: 'plain_text', text: 'Reset' }, deny: { type: 'plain_text', text: 'Keep it' }, style: 'danger',
    });
    if (!sure) return;
    attempt(button, place, async () => {
      await post('reset', seed.valueAsNumber ? { seed: seed.valueAsNumber } : {});
      return 'The workspace is as at its start.';
    });
  }
  return {
    title: 'Start anew',
    node: h('form', { on: { submit: reset } }, h('div', { class: 'desk-row' }, field('Seed of the ids', seed), button), place),
  };
}
