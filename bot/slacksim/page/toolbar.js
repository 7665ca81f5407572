// What one can do with a message: a small bar that comes to the message one points
// at or has focus on.

import { act, attempt, say } from './acts.js';
import { h, replace } from './dom.js';
import { emoji, emojiNames } from './emoji.js';
import { icon } from './icons.js';
import { openMenu } from './menu.js';
import { isNotice } from './message.js';
import { renderPlain } from './mrkdwn.js';
import { messageShortcuts } from './shortcuts.js';
import { store } from './store.js';
import { typed } from './typed.js';
import { go } from './where.js';

const usual = ['+1', 'eyes', 'white_check_mark', 'heart', 'tada', 'pray', 'thinking_face', 'warning', 'rocket', 'joy', 'wave', 'no_entry'];

// equip gives a list of messages its bar and its keys. The log tells the message
// of a node.
export function equip(log, { inThread = false } = {}) {
  const bar = h('div', { class: 'toolbar', role: 'toolbar', 'aria-label': 'Message' },
    button('smile', 'Add a reaction', 'message-react', (b, m) => pick(b, m)),
    !inThread && button('reply', 'Reply in thread', 'message-reply', (b, m) => go({ thread: m.thread_ts || m.ts, details: '' })),
    button('more', 'More about this message', 'message-menu', (b, m, node) => openMenu(b, entries(m, node, inThread), { label: 'Message', testid: 'message-actions' })));

  function button(name, label, testid, f) {
    return h('button', {
      class: 'quiet', type: 'button', 'aria-label': label, title: label, dataset: { testid }, 'aria-haspopup': name === 'reply' ? null : 'menu',
      on: { click: (e) => { const node = bar.closest('.message'); const m = node && node.state.message; if (m) f(e.currentTarget, m, node); } },
    }, icon(name));
  }

  function bring(node) {
    const m = node?.state?.message;
    if (!m || bar.parentNode === node) return;
    if (bar.querySelector('[aria-expanded="true"]')) return;
    if (m.deleted || isNotice(m) || m.ephemeral_to || store.channel(m.channel)?.archived) bar.remove();
    else node.append(bar);
  }

  const list = log.list;
  // A finger that presses a button of the message wants that, and not to have the
  // message covered.
  const own = '.message-main :is(button, a, input)';
  list.addEventListener('pointerover', (e) => {
    if (e.pointerType !== 'touch' || !e.target.closest(own)) bring(e.target.closest('.message'));
  });
  list.addEventListener('focusin', (e) => {
    if (e.target.matches(':focus-visible') || !e.target.closest(own)) bring(e.target.closest('.message'));
  });
  list.addEventListener('click', (e) => clicked(e, log));
  list.addEventListener('keydown', (e) => walk(e, list));
  return bar;
}

// clicked follows the buttons that messages themselves carry.
function clicked(event, log) {
  const hit = event.target.closest('[data-act]');
  const node = hit?.closest('.message');
  if (!hit || !node) return;
  const m = node.state.message;
  if (hit.dataset.act === 'thread') go({ thread: hit.dataset.root, details: '' });
  if (hit.dataset.act === 'react') react(m, hit.dataset.name, hit.getAttribute('aria-pressed') === 'true');
}

// walk goes from message to message with the arrows.
function walk(event, list) {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const here = event.target;
  if (!step || (here !== list && !here.classList.contains('message'))) return;
  const all = [...list.querySelectorAll('.message')];
  const to = here === list ? all[all.length - 1] : all[all.indexOf(here) + step];
  if (!to) return;
  event.preventDefault();
  to.focus();
  to.scrollIntoView({ block: 'nearest' });
}

function react(m, name, remove) {
  return attempt(() => act('react', { channel: m.channel, ts: m.ts, name, ...(remove ? { remove } : {}) }));
}

// pick offers the usual reactions, and any other by its name.
function pick(anchor, m) {
  let menu = null;
  const choose = (name) => {
    menu.close();
    const mine = (m.reactions || []).some((r) => r.name === name && r.users.includes(store.me.id));
    react(m, name, mine);
  };
  const grid = h('div', { class: 'emoji-grid' });
  const draw = (names) => replace(grid, names.map((n) => h('button', {
    class: 'quiet emoji-choice', type: 'button', 'aria-label': n.replaceAll('_', ' '), title: `:${n}:`, dataset: { testid: `emoji-${n}` }, on: { click: () => choose(n) },
  }, renderPlain(`:${n}:`))));
  const field = h('input', { type: 'text', placeholder: 'Name of an emoji', 'aria-label': 'Name of an emoji', autocomplete: 'off', dataset: { testid: 'emoji-name' } });
  field.addEventListener('input', () => {
    const word = field.value.trim().replaceAll(':', '').toLowerCase();
    draw(word ? emojiNames().filter((n) => n.includes(word)).slice(0, 18) : usual);
  });
  const form = h('form', { class: 'emoji-form', on: {
    submit: (e) => {
      e.preventDefault();
      const word = field.value.trim().replaceAll(':', '').toLowerCase();
      if (word) choose(emoji(word) ? word : grid.firstChild?.dataset.testid.slice(6) || word);
    },
  } }, field);
  draw(usual);
  menu = openMenu(anchor, [], { label: 'Reactions', testid: 'reactions', content: h('div', { class: 'emoji-picker' }, form, grid) });
}

function entries(m, node, inThread) {
  const items = [];
  if (!inThread) items.push({ icon: 'reply', label: 'Reply in thread', testid: 'menu-reply', act: () => go({ thread: m.thread_ts || m.ts, details: '' }) });
  items.push({ icon: 'link', label: 'Copy its ts', note: m.ts, act: () => copy(m.ts) });
  const shortcuts = messageShortcuts(m);
  if (shortcuts.length) items.push('-', ...shortcuts);
  if (m.user === store.me.id) {
    items.push('-',
      { icon: 'sliders', label: 'Edit message', testid: 'menu-edit', act: () => editMessage(node) },
      { icon: 'close', label: 'Delete message', danger: true, testid: 'menu-delete', act: () => attempt(() => act('delete', { channel: m.channel, ts: m.ts })) });
  }
  return items;
}

// copy says what it did: a browser may refuse, and off this machine it always does.
async function copy(ts) {
  try {
    await navigator.clipboard.writeText(ts);
    say(`${ts} is copied.`);
  } catch {
    say(`This browser lets nothing be copied here. The ts is ${ts}`);
  }
}

// editMessage puts a field in the place of the body.
export function editMessage(node) {
  const m = node.state.message;
  const body = node.state.nodes.body;
  if (node.querySelector('.edit')) return;
  const field = h('textarea', { 'aria-label': 'Edit message', rows: '2', dataset: { testid: 'edit-field' } });
  field.value = typed(m.text);
  const problem = h('span', { class: 'alert', role: 'alert' });
  const done = () => {
    form.remove();
    node.state.nodes.body.hidden = false;
    node.focus({ preventScroll: true });
  };
  const save = async () => {
    const text = field.value.trim();
    if (!text || text === typed(m.text)) return done();
    try {
      await act('edit', { channel: m.channel, ts: m.ts, text });
      done();
    } catch (error) {
      problem.textContent = error.detail;
    }
  };
  const form = h('form', { class: 'edit', on: { submit: (e) => { e.preventDefault(); save(); } } },
    field, h('div', { class: 'edit-line' }, problem,
      h('button', { type: 'button', on: { click: done } }, 'Cancel'), h('button', { class: 'primary', type: 'submit', dataset: { testid: 'edit-save' } }, 'Save')));
  field.addEventListener('keydown', (e) => {
    if (e.key === 'Escape') done();
    else if (e.key === 'Enter' && !e.shiftKey && !e.isComposing) {
      e.preventDefault();
      save();
    } else return;
    e.stopPropagation();
  });
  body.hidden = true;
  body.after(form);
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);
}
