// The controls of the drawers: labelled fields, and buttons that say what came of
// a press.

import { h, live, replace } from './dom.js';

let count = 0;

// field is a control under its label, with a hint that is read with it.
export function field(label, control, hint) {
  const id = `desk-${++count}`;
  control.id = id;
  if (hint) control.setAttribute('aria-describedby', `${id}-hint`);
  return h('div', { class: 'desk-field' },
    h('label', { for: id }, label),
    control,
    hint && h('span', { class: 'desk-hint', id: `${id}-hint` }, hint));
}

// tick is a box to tick, beside its label.
export function tick(label, name) {
  return h('label', { class: 'desk-tick' }, h('input', { type: 'checkbox', name }), h('span', {}, label));
}

// choice is a select; options are [value, label] or a word that is both.
export function choice(name, options, attrs) {
  return h('select', { name, ...attrs }, options.map((o) => {
    const [value, label] = Array.isArray(o) ? o : [o, o];
    return h('option', { value }, label);
  }));
}

// refill puts other options into a select and keeps what was chosen, if it is
// still there; if nothing was chosen yet, what is here, if it is one of them.
export function refill(select, options, here = '') {
  const chosen = select.value || here;
  replace(select, options.map(([value, label]) => h('option', { value }, label)));
  if (options.some(([value]) => value === chosen)) select.value = chosen;
}

// outcome is where a form says what came of it.
export const outcome = () => h('p', { class: 'desk-outcome', role: 'status' });

// attempt does something that may be refused. While it is done the button rests;
// the words of act, or of the refusal, stand in the place of the outcome.
export async function attempt(button, place, act) {
  if (button.getAttribute('aria-disabled') === 'true') return false;
  button.setAttribute('aria-disabled', 'true');
  replace(place);
  place.classList.remove('alert');
  try {
    const words = await act();
    if (words) {
      replace(place, words);
      live(words);
    }
    return true;
  } catch (refusal) {
    place.classList.add('alert');
    replace(place, sentence(refusal.message));
    return false;
  } finally {
    button.removeAttribute('aria-disabled');
  }
}

export function sentence(words) {
  const text = String(words || 'That did not work.');
  return text[0].toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? '' : '.');
}
