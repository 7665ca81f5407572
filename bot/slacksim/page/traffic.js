// The drawer of traffic: what the app and the workspace said to each other, newest
// first.

import { get } from './api.js';
import { h, replace } from './dom.js';
import { choice, field } from './form.js';
import { store } from './store.js';

const kept = 2000; // exchanges remembered here
const shown = 500; // of them in the document
const longest = 100000; // characters of one side's JSON that are drawn

const kinds = [['', 'All kinds'], ['api', 'Web API'], ['envelope', 'Envelopes'], ['ack', 'Acknowledgements'], ['socket', 'Connections'],
  ['http', 'Signed HTTP'], ['response_url', 'Response URLs'], ['upload', 'Uploads']];

export function mount(container) {
  let items = []; // oldest first
  let last = 0;
  let paused = false;
  let behind = 0; // exchanges that came during the pause
  let busy = false;
  let again = false;
  let ended = false;

  const rows = h('ol', { class: 'traffic-list', 'aria-label': 'Exchanges, newest first' });
  const tally = h('p', { class: 'desk-hint', role: 'status', dataset: { testid: 'traffic-tally' } });
  const text = h('input', { type: 'search', placeholder: 'Any words', autocomplete: 'off', spellcheck: 'false', dataset: { testid: 'traffic-text' }, on: { input: redraw } });
  const kind = choice('kind', kinds, { 'data-testid': 'traffic-kind' });
  kind.addEventListener('change', redraw);
  const only = h('input', { type: 'checkbox', dataset: { testid: 'traffic-failed' }, on: { change: redraw } });
  const pause = h('button', {
    type: 'button', 'aria-pressed': 'false', dataset: { testid: 'traffic-pause' },
    on: { click: () => { paused = !paused; behind = 0; pause.setAttribute('aria-pressed', String(paused)); pause.textContent = paused ? 'Go on' : 'Pause'; paused ? count() : more(); } },
  }, 'Pause');
  const empty = h('button', { type: 'button', on: { click: () => { items = []; redraw(); } } }, 'Clear');

  const none = h('p', { class: 'desk-hint desk-none', dataset: { testid: 'traffic-none' } });

  replace(container,
    h('div', { class: 'desk-bar' }, field('Filter', text), field('Kind', kind),
      h('label', { class: 'desk-tick' }, only, h('span', {}, 'Failures, faults and warnings only')),
      h('div', { class: 'desk-buttons' }, pause, empty), tally),
    none, rows);

  function fits(t) {
    if (kind.value && t.kind !== kind.value) return false;
    if (only.checked && t.ok && !t.error && !t.fault && !t.warnings?.length) return false;
    const wanted = text.value.trim().toLowerCase();
    if (!wanted) return true;
    t.words ||= [t.name, t.kind, t.error, t.fault, json(t.request), json(t.response), ...(t.warnings || [])].join('\n').toLowerCase();
    return t.words.includes(wanted);
  }

  function redraw() {
    replace(rows, items.filter(fits).slice(-shown).reverse().map(row));
    count();
  }

  // add puts what is new above, and takes away what is too much.
  function add(news) {
    items = items.concat(news).slice(-kept);
    const fitting = news.filter(fits).slice(-shown).reverse().map(row);
    rows.prepend(...fitting);
    while (rows.childElementCount > shown) rows.lastElementChild.remove();
    count();
  }

  function count() {
    const n = rows.childElementCount;
    none.hidden = n > 0;
    none.textContent = items.length ? 'Nothing fits: change the filter.' : 'Nothing was said yet. Start the app, or type one of its commands.';
    const words = n === items.length ? `${n} exchanges` : `${n} of ${items.length} exchanges`;
    replace(tally, behind ? `${words} · paused, ${behind} more since` : paused ? `${words} · paused` : words);
  }

  // more asks for what came since. One question at a time: at fifty messages a
  // second the next answer holds what the frames meanwhile told of.
  async function more() {
    again = true;
    if (busy) return;
    busy = true;
    try {
      while (again && !paused && !ended) {
        again = false;
        const { items: news } = await get('traffic', last ? { after: last, limit: 500 } : { limit: 500 });
        if (ended) return;
        if (news.length) {
          last = news.at(-1).n;
          add(news);
          if (news.length === 500) again = true;
        }
        await new Promise(requestAnimationFrame);
      }
    } catch {
      // The stream says when the workspace answers again.
    } finally {
      busy = false;
    }
  }

  function heard() {
    if (!paused) return more();
    behind += 1;
    return count();
  }

  function anew() {
    items = [];
    last = 0;
    redraw();
    more();
  }

  const off = [store.on('traffic', heard), store.on('resync', anew)];
  count();
  more();
  return () => {
    ended = true;
    for (const end of off) end();
  };
}

const json = (v) => (v === undefined || v === null ? '' : JSON.stringify(v, unfold, 2));

const folded = ['blocks', 'attachments', 'metadata', 'view', 'payload', 'files'];

// unfold shows what a form carries as JSON text as the JSON that it is.
function unfold(key, value) {
  if (typeof value !== 'string' || !folded.includes(key)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

// row is one exchange. Both sides' JSON is drawn when it is opened.
function row(t) {
  const bad = !t.ok || t.error;
  const inside = h('div', { class: 'traffic-inside' });
  let drawn = false;
  return h('li', {}, h('details', {
    class: 'traffic-item' + (bad ? ' bad' : '') + (t.fault ? ' struck' : '') + (t.warnings?.length ? ' warned' : ''), dataset: { testid: 'traffic-item', n: t.n, kind: t.kind },
    on: { toggle: (event) => { if (event.target.open && !drawn) { drawn = true; replace(inside, sides(t)); } } },
  }, h('summary', {},
    h('span', { class: 'traffic-way', title: t.dir === 'to_app' ? 'to the app' : 'from the app', 'aria-hidden': 'true' }, t.dir === 'to_app' ? '→' : '←'),
    h('span', { class: 'unseen' }, t.dir === 'to_app' ? 'to the app' : 'from the app'),
    h('span', { class: 'traffic-name' }, t.name || t.kind),
    h('span', { class: 'tag' }, t.kind),
    t.fault && h('span', { class: 'tag traffic-fault' }, t.fault),
    t.error && h('span', { class: 'traffic-error' }, t.error),
    t.warnings?.length ? h('span', { class: 'tag traffic-fault' }, t.warnings.length === 1 ? 'warning' : `${t.warnings.length} warnings`) : null,
    h('time', { class: 'traffic-time', datetime: t.at }, timeOf(t), t.ms > 0 ? ` · ${t.ms} ms` : '')), inside));
}

function timeOf(t) {
  const at = new Date(t.at);
  return Number.isNaN(at.valueOf()) ? '' : at.toISOString().slice(11, 23);
}

function sides(t) {
  return [
    t.warnings?.length ? h('ul', { class: 'traffic-warnings' }, t.warnings.map((w) => h('li', {}, w))) : null,
    side(t.dir === 'to_app' ? 'The workspace said' : 'The app said', t.request),
    side(t.dir === 'to_app' ? 'The app answered' : 'The workspace answered', t.response),
    t.request === undefined && t.response === undefined && !t.warnings?.length ? h('p', { class: 'desk-hint' }, 'Nothing more was said.') : null,
  ];
}

function side(title, value) {
  const words = json(value);
  if (!words) return null;
  const cut = words.length > longest;
  return h('div', {}, h('h4', {}, title),
    h('pre', { tabindex: '0', 'aria-label': title }, cut ? words.slice(0, longest) : words),
    cut && h('p', { class: 'desk-hint' }, `${(words.length - longest).toLocaleString('en')} more characters are not drawn.`));
}
