// The drawer of faults: what goes wrong now, and a form for each kind.

import { del, get, post } from './api.js';
import { h, replace } from './dom.js';
import { families } from './faultkinds.js';
import { attempt, choice, field, outcome, tick } from './form.js';
import { store } from './store.js';

const methods = [
  'chat.postMessage', 'chat.update', 'chat.postEphemeral', 'chat.delete', 'views.open', 'views.push', 'views.update', 'views.publish',
  'conversations.create', 'conversations.invite', 'conversations.info', 'conversations.history', 'conversations.replies',
  'conversations.members', 'conversations.open', 'conversations.list', 'users.info', 'users.list', 'pins.add', 'reactions.add', 'bookmarks.add',
  'files.getUploadURLExternal', 'files.completeUploadExternal', 'auth.test', 'apps.connections.open',
];

const events = [
  'message', 'app_mention', 'app_home_opened', 'block_actions', 'view_submission', 'view_closed', 'slash_commands', 'member_joined_channel',
  'channel_archive', 'channel_rename', 'user_change', 'reaction_added',
];

// A way to match: how its control is made.
const matchers = {
  method: () => field('Method', h('input', { name: 'method', type: 'text', list: 'desk-methods', placeholder: 'any', autocomplete: 'off', spellcheck: 'false' })),
  event: () => field('Event', h('input', { name: 'event', type: 'text', list: 'desk-events', placeholder: 'any', autocomplete: 'off', spellcheck: 'false' })),
  command: () => field('Command', choice('command', [['', 'any'], ...store.app.commands.map((c) => c.command)])),
  channel: () => field('Channel', choice('channel', [['', 'any'], ...rooms()])),
  person: () => field('Person', choice('person', [['', 'anybody'], ...[...store.people.values()].map((p) => [p.id, p.real_name || p.name])])),
  connection: () => field('Connection', h('input', { name: 'connection', type: 'number', min: 1, placeholder: 'all' })),
};

const rooms = () => [...store.channels.values()].filter((c) => c.kind !== 'dm').map((c) => [c.id, '#' + c.name]);

export function mount(container) {
  const list = h('ul', { class: 'desk-list' });
  const none = h('p', { class: 'soft' }, 'Nothing goes wrong.');
  const place = outcome();
  const all = h('button', { type: 'button', class: 'quiet', on: { click: () => attempt(all, place, async () => { await del('faults'); await load(); return 'All faults are removed.'; }) } }, 'Remove all');
  let ended = false;
  let asked = 0;

  async function load() {
    const turn = ++asked;
    const { faults } = await get('faults');
    if (ended || turn !== asked) return;
    const held = list.contains(document.activeElement) ? document.activeElement.dataset.fault : null;
    replace(list, faults.map(row));
    if (held) (list.querySelector(`[data-fault="${held}"]`) || all).focus();
    none.hidden = faults.length > 0;
    all.hidden = faults.length < 2;
  }

  function row(f) {
    const remove = h('button', {
      type: 'button', class: 'quiet', 'aria-label': `Remove ${f.kind}`, dataset: { fault: f.id, testid: 'fault-remove' },
      on: { click: () => attempt(remove, place, async () => { await del(`faults/${f.id}`); await load(); return `${f.kind} is removed.`; }) },
    }, 'Remove');
    return h('li', { dataset: { testid: 'fault' } },
      h('div', { class: 'desk-grow' }, h('code', {}, f.kind), h('p', { class: 'desk-hint' }, described(f))), remove);
  }

  replace(container,
    h('datalist', { id: 'desk-methods' }, methods.map((m) => h('option', { value: m }))),
    h('datalist', { id: 'desk-events' }, events.map((m) => h('option', { value: m }))),
    h('section', { class: 'desk-part', 'aria-label': 'Faults at work' }, h('h3', {}, 'At work'), none, list, all, place),
    families.map((family) => h('section', { class: 'desk-part' }, h('h3', {}, family.title), family.kinds.map((k) => kindOf(k, load)))));

  // Hits are no frames of their own: the exchange that was hit is one.
  const quietly = () => load().catch(() => {});
  let due = 0;
  const soon = () => { due ||= setTimeout(() => { due = 0; quietly(); }, 250); };
  const off = [store.on('fault', quietly), store.on('traffic', soon), store.on('resync', quietly)];
  quietly();
  return () => {
    ended = true;
    clearTimeout(due);
    for (const end of off) end();
  };
}

// described says of a fault by what it is matched, and how often it struck.
function described(f) {
  const words = [];
  for (const [name, value] of Object.entries(f.match || {})) words.push(`${name} ${called(name, value)}`);
  for (const name of ['error', 'retry_after', 'status', 'html', 'delay', 'copies', 'window', 'skew']) {
    if (f[name] === true) words.push(name);
    else if (f[name]) words.push(`${name.replace('_', ' ')} ${f[name]}`);
  }
  if (f.skip) words.push(`lets ${f.skip} pass`);
  words.push(f.times ? `struck ${f.hits} of ${f.times}` : `struck ${f.hits}, until it is removed`);
  return words.join(' · ');
}

function called(name, value) {
  if (name === 'channel' && store.channel(value)) return '#' + store.channel(value).name;
  if (name === 'person' && store.person(value)) return store.person(value).name;
  return value;
}

// kindOf is a kind of fault with its form, which is made when it is first opened.
function kindOf(kind, done) {
  const inside = h('div', {});
  let made = false;
  return h('details', {
    class: 'desk-kind', name: 'fault-kind', dataset: { testid: `fault-kind-${kind.kind}` },
    on: { toggle: (event) => { if (event.target.open && !made) { made = true; replace(inside, form(kind, done)); } } },
  }, h('summary', {}, h('code', {}, kind.kind), h('span', { class: 'desk-hint' }, kind.effect)), inside);
}

function form(kind, done) {
  const place = outcome();
  const button = h('button', { type: 'submit', class: 'primary', dataset: { testid: 'fault-add' } }, kind.atOnce ? 'Do it now' : 'Add this fault');
  const counts = kind.atOnce ? null : [
    field('How often', h('input', { name: 'times', type: 'number', min: 0, value: 1 }), '0 is until removed.'),
    field('Let pass first', h('input', { name: 'skip', type: 'number', min: 0, value: 0 })),
  ];
  return h('form', {
    class: 'desk-form', 'aria-label': kind.kind,
    on: {
      submit: (event) => {
        event.preventDefault();
        attempt(button, place, async () => {
          await post('faults', asked(event.target, kind));
          await done();
          return kind.atOnce ? 'Done.' : 'It waits for what it fits.';
        });
      },
    },
  }, h('div', { class: 'desk-grid' }, kind.own.map(own), kind.match.map((name) => matchers[name]()), counts), button, place);
}

function own(f) {
  if (f.type === 'checkbox') return tick(f.label, f.name);
  return field(f.label, h('input', {
    name: f.name, type: f.type || 'text', min: f.min, max: f.max, value: f.value, required: f.needed, autocomplete: 'off', spellcheck: 'false',
  }), f.hint);
}

// asked is the fault that a form describes. What is empty is not said.
function asked(node, kind) {
  const of = (name) => node.elements[name];
  const fault = { kind: kind.kind };
  for (const f of kind.own) {
    const value = f.type === 'checkbox' ? of(f.name).checked : f.type === 'number' ? of(f.name).valueAsNumber : of(f.name).value.trim();
    if (value) fault[f.name] = value;
  }
  const match = {};
  for (const name of kind.match) {
    const value = name === 'connection' ? of(name).valueAsNumber : of(name).value.trim();
    if (value) match[name] = value;
  }
  if (Object.keys(match).length) fault.match = match;
  if (!kind.atOnce) {
    fault.times = of('times').valueAsNumber;
    fault.skip = of('skip').valueAsNumber || 0;
    if (Number.isNaN(fault.times)) fault.times = 1;
  }
  return fault;
}
