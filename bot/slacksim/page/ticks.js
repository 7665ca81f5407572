// Checkboxes and radio buttons.

import { h } from './dom.js';
import { renderText } from './mrkdwn.js';

let count = 0;

export function drawTicks(hand) {
  const { element } = hand;
  const radio = element.type === 'radio_buttons';
  const name = `ticks-${++count}`;
  const group = h('div', { class: 'bk-ticks', role: radio ? 'radiogroup' : 'group', ...hand.names() });

  function sync() {
    const on = [].concat(hand.value ?? []);
    for (const box of group.querySelectorAll('input')) box.checked = on.includes(box.value);
  }

  function changed(event) {
    if (hand.busy) {
      sync();
      return;
    }
    const on = [...group.querySelectorAll('input:checked')].map((b) => b.value);
    hand.change(radio ? on[0] ?? null : on, event.target, sync);
  }

  for (const [n, option] of (element.options || []).entries()) {
    const described = option.description ? `${name}-${n}-about` : null;
    group.append(h('label', { class: 'bk-tick' },
      h('input', {
        type: radio ? 'radio' : 'checkbox', name, value: option.value, 'aria-describedby': described,
        dataset: { focus: `${hand.focus} ${option.value}` }, on: { change: changed },
      }),
      h('span', { class: 'bk-words' }, h('span', {}, renderText(option.text)),
        option.description && h('span', { class: 'bk-desc', id: described }, renderText(option.description)))));
  }
  sync();
  return hand.wrap(group);
}
