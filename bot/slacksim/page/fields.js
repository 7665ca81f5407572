// Fields: texts, numbers, addresses, dates and times.

import { h } from './dom.js';
import { fromLocal, toLocal } from './dates.js';
import { textOf } from './mrkdwn.js';
import { store } from './store.js';

const typed = {
  plain_text_input: { type: 'text' },
  number_input: { type: 'text', inputmode: 'decimal' },
  email_text_input: { type: 'email', inputmode: 'email' },
  url_text_input: { type: 'url', inputmode: 'url' },
};

const picked = { datepicker: 'date', timepicker: 'time', datetimepicker: 'datetime-local' };

export const fields = new Set([...Object.keys(typed), ...Object.keys(picked)]);

export function drawField(hand) {
  return picked[hand.element.type] ? drawMoment(hand) : drawText(hand);
}

// drawText draws what is typed. It acts, if it does, when Enter is pressed, or with
// each letter, as the app asked.
function drawText(hand) {
  const { element, place } = hand;
  const on = element.dispatch_action_config?.trigger_actions_on || ['on_enter_pressed'];
  const most = Number(element.max_length) || (element.type === 'plain_text_input' ? 3000 : 0);
  const left = h('span', { class: 'bk-left', 'aria-live': 'off' });
  let timer = 0;

  function count() {
    const rest = most - control.value.length;
    left.textContent = most && rest <= Math.max(20, most / 10) ? String(rest) : '';
    left.classList.toggle('bk-over', most > 0 && rest < 0);
  }

  function input() {
    count();
    hand.keep(control.value === '' ? null : control.value, control);
    if (!hand.acts || !on.includes('on_character_entered')) return;
    clearTimeout(timer);
    timer = setTimeout(send, 300);
  }

  // What is typed while the app is being told is told afterwards.
  function send() {
    clearTimeout(timer);
    if (hand.busy) timer = setTimeout(send, 100);
    else hand.change(control.value === '' ? null : control.value, control);
  }

  function key(event) {
    if (event.key !== 'Enter' || event.isComposing || !hand.acts || !on.includes('on_enter_pressed')) return;
    if (element.multiline && event.shiftKey) return;
    event.preventDefault();
    send();
  }

  const attrs = {
    class: 'bk-field', placeholder: textOf(element.placeholder) || null, autocomplete: 'off', ...hand.names(),
    ...(element.multiline ? { rows: '4' } : typed[element.type]), on: { input, keydown: key },
  };
  const control = h(element.multiline ? 'textarea' : 'input', attrs);
  control.value = hand.value ?? '';
  if (element.focus_on_load) control.dataset.first = 'true';
  count();
  return hand.wrap(h('span', { class: 'bk-fieldbox' }, control, left));
}

// drawMoment draws a date, a time or both. It acts when the person leaves it, or
// has stopped changing it for a moment: a date typed digit by digit is many dates.
function drawMoment(hand) {
  const { element } = hand;
  const zone = store.me?.tz || 'UTC';
  const both = element.type === 'datetimepicker';
  const read = () => {
    if (control.value === '') return null;
    return both ? String(fromLocal(control.value, zone)) : control.value;
  };
  const draw = () => {
    const value = hand.value;
    control.value = value === null ? '' : both ? toLocal(Number(value), zone) : value;
    sent = read();
  };
  let sent = null;
  let timer = 0;

  function send() {
    clearTimeout(timer);
    const value = read();
    if (value === sent || hand.busy) return;
    sent = value;
    hand.change(value, control, draw);
  }

  function changed() {
    if (!hand.acts) {
      hand.keep(read(), control);
      return;
    }
    clearTimeout(timer);
    timer = setTimeout(send, 800);
  }

  const control = h('input', {
    class: 'bk-field bk-moment', type: picked[element.type], title: textOf(element.placeholder) || null, ...hand.names(),
    on: { change: changed, blur: () => hand.acts && send(), keydown: (event) => event.key === 'Enter' && hand.acts && (event.preventDefault(), send()) },
  });
  draw();
  const zoned = both ? h('span', { class: 'bk-zone' }, zone) : null;
  return hand.wrap(h('span', { class: 'bk-fieldbox bk-fieldbox-moment' }, control, zoned));
}
