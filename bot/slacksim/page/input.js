// The input block: label, element, hint and what is wrong with it.

import { h } from './dom.js';
import { renderElement } from './elements.js';
import { renderPlain, textOf } from './mrkdwn.js';

let count = 0;

export function renderInput(block, surface) {
  const { element } = block;
  const id = `input-${++count}`;
  const ticks = ['checkboxes', 'radio_buttons'].includes(element?.type);
  const label = [renderPlain(textOf(block.label)), block.optional && h('span', { class: 'bk-optional' }, ' (optional)')];
  const described = `${block.hint ? `${id}-hint ` : ''}${id}-error`;
  const control = renderElement(element || {}, {
    surface, block: block.block_id, input: true, dispatch: block.dispatch_action === true, optional: block.optional === true,
    id, labelledBy: `${id}-label`, describedBy: described, testid: `input-${block.block_id}`, title: textOf(block.label),
  });
  const node = h('div', { class: 'bk-input', dataset: { inputBlock: block.block_id } },
    h(ticks ? 'div' : 'label', { class: 'bk-label', id: `${id}-label`, for: ticks ? null : id }, label),
    control,
    h('div', { class: 'bk-error', id: `${id}-error`, dataset: { testid: `error-${block.block_id}` } }),
    block.hint ? h('div', { class: 'bk-hint', id: `${id}-hint` }, renderPlain(textOf(block.hint))) : null);
  setInputError(node, surface.errors?.[block.block_id] || '');
  return node;
}

// setInputError writes what is wrong below the input; '' takes it away.
export function setInputError(node, words) {
  const line = node.querySelector(':scope > .bk-error');
  if (line.textContent !== words) line.textContent = words;
  node.classList.toggle('bk-wrong', words !== '');
  const control = inputControl(node);
  if (words) control?.setAttribute('aria-invalid', 'true');
  else control?.removeAttribute('aria-invalid');
}

// inputControl is what takes the focus of an input block.
export function inputControl(node) {
  const control = node.querySelector('[data-focus]');
  return control?.matches('.bk-ticks') ? control.querySelector('input') || control : control;
}
