// The modal on top of a person's stack, as one dialog that changes what it shows.

import { post } from './api.js';
import { renderBlocks } from './blocks.js';
import { focusables, modalDialog } from './dialog.js';
import { h, live, replace } from './dom.js';
import { keepFocus } from './focus.js';
import { icon } from './icons.js';
import { inputControl, setInputError } from './input.js';
import { undelivered } from './press.js';
import { store } from './store.js';
import { formOf } from './values.js';

const trouble = 'We had some trouble connecting. Try again?';

let open = null; // {handle, node, me, view, depth, sending, failure}
let sync = () => {};

// showModals draws the top of a stack of views, root first. again asks the
// workspace anew what is open.
export function showModals(views, again) {
  sync = again;
  const view = views.at(-1);
  if (!view) {
    open?.handle.close();
    open = null;
    return;
  }
  if (open && open.me !== store.me.id) {
    open.handle.close();
    open = null;
  }
  if (!open) open = start();
  const same = open.view?.id === view.id;
  if (same && open.view.hash === view.hash && open.depth === views.length) {
    showErrors(view.errors || {});
    return;
  }
  if (!same) {
    open.failure = '';
    open.sending = false;
  }
  open.view = view;
  open.depth = views.length;
  draw(same);
}

function start() {
  const made = { me: store.me.id, view: null, depth: 0, sending: false, failure: '' };
  made.title = h('h2', { id: 'modal-title', tabindex: '-1' });
  made.back = h('button', { type: 'button', class: 'dlg-x vw-back', 'aria-label': 'Back to the previous view', on: { click: () => close(false) } }, icon('back'));
  made.body = h('div', { class: 'dlg-body vw-body', on: { 'bk-change': (event) => clearError(event.detail.block) } });
  made.failed = h('div', { class: 'vw-failed', role: 'alert' });
  made.foot = h('div', { class: 'dlg-foot' });
  const form = h('form', { class: 'vw-form', novalidate: true, on: { submit: (event) => (event.preventDefault(), submit()) } }, made.body, made.failed, made.foot);
  made.node = h('dialog', { class: 'dlg vw', 'aria-labelledby': 'modal-title', dataset: { testid: 'modal' } },
    h('div', { class: 'dlg-head' }, made.back, made.title,
      h('button', { type: 'button', class: 'dlg-x', 'aria-label': 'Close', dataset: { testid: 'modal-x' }, on: { click: () => close(true) } }, icon('close'))),
    form);
  made.handle = modalDialog(made.node, { onEscape: () => close(false) });
  return made;
}

function draw(same) {
  const { view, node } = open;
  node.dataset.view = view.id;
  node.dataset.callback = view.callback_id || '';
  open.title.textContent = view.title;
  open.back.hidden = open.depth < 2;
  const surface = { kind: 'view', id: view.id, state: view.state, errors: view.errors || {}, inputs: () => formOf(view, store.me.id) };
  keepFocus(open.body, () => replace(open.body, renderBlocks(view.blocks, surface)));
  if (!same) open.body.scrollTop = 0;
  drawFoot();
  // A list that is open over the form, or its foot, keeps the focus.
  if (!same || !node.contains(document.activeElement)) focusFirst();
  if (same) live(`${view.title} has changed.`);
}

function drawFoot() {
  const { view, sending, failure } = open;
  const submit = view.submit && h('button', {
    type: 'submit', class: `bk-button bk-primary vw-submit${sending ? ' bk-pending' : ''}`, disabled: sending, dataset: { testid: 'modal-submit', focus: 'modal submit' },
  }, h('span', { class: 'bk-spin', 'aria-hidden': 'true' }), view.submit);
  const cancel = h('button', {
    type: 'button', class: 'bk-button', dataset: { testid: 'modal-close', focus: 'modal close' }, on: { click: () => close(false) },
  }, view.close || (view.submit ? 'Cancel' : 'Close'));
  keepFocus(open.foot, () => replace(open.foot, cancel, submit));
  open.failed.textContent = failure;
  open.node.toggleAttribute('data-sending', sending);
  open.body.inert = sending;
}

// focusFirst focuses what a person does first: what is wrong, what the app names,
// the first input, or else the title.
function focusFirst() {
  const { body, title } = open;
  const wrong = body.querySelector('.bk-wrong');
  const target = (wrong && inputControl(wrong)) || body.querySelector('[data-first]') || firstInput(body);
  (target || title).focus({ preventScroll: !target });
}

function firstInput(body) {
  const block = body.querySelector('.bk-input');
  const control = block && inputControl(block);
  if (control) return control;
  return focusables(body).find((n) => !n.matches('pre, .bk-tablebox, a')) || null;
}

async function submit() {
  if (!open || open.sending || !open.view.submit) return;
  const asked = open;
  const { view } = open;
  open.sending = true;
  open.failure = '';
  drawFoot();
  let errors = {};
  let failure = '';
  try {
    const end = await post(`as/${encodeURIComponent(asked.me)}/submit`, { view: view.id, values: formOf(view, asked.me) });
    errors = end.errors || {};
    if (end.result === 'failed') failure = end.shown || undelivered(end) || trouble;
  } catch (refused) {
    failure = refused.status === 0 ? trouble : refused.detail;
  }
  if (open !== asked || open.view.id !== view.id) {
    sync();
    return;
  }
  open.sending = false;
  open.failure = failure;
  drawFoot();
  if (failure) live(failure);
  if (failure && !open.node.contains(document.activeElement)) open.foot.querySelector('[type="submit"]')?.focus();
  showErrors(errors, true);
  sync();
}

// showErrors writes errors below their inputs. With move the first of them gets the
// focus.
function showErrors(errors, move = false) {
  let first = null;
  for (const node of open.body.querySelectorAll('.bk-input')) {
    const words = errors[node.dataset.inputBlock] || '';
    const was = open.view.errors?.[node.dataset.inputBlock] || '';
    // What the person has corrected meanwhile stays corrected until it is sent.
    if (!move && words === was) continue;
    setInputError(node, words);
    if (words && !first) first = node;
  }
  open.view.errors = errors;
  if (!first || !move) return;
  const control = inputControl(first);
  control?.focus();
  first.scrollIntoView({ block: 'nearest' });
  live(Object.values(errors).join(' '));
}

function clearError(block) {
  const node = open?.body.querySelector(`.bk-input[data-input-block="${CSS.escape(block)}"]`);
  if (node) setInputError(node, '');
}

// close closes the top view, or with clear all of them.
async function close(clear) {
  if (!open) return;
  const { view, depth, me } = open;
  try {
    await post(`as/${encodeURIComponent(me)}/close`, { view: view.id, clear: clear && depth > 1 });
  } catch (refused) {
    if (open?.view.id === view.id && refused.error !== 'not_found') {
      open.failure = refused.detail;
      drawFoot();
    }
  }
  sync();
}
