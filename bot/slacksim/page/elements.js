// The elements of blocks: what a person can press, choose or type into.

import { h, safeHref } from './dom.js';
import { icon } from './icons.js';
import { drawField, fields } from './fields.js';
import { renderPlain, textOf } from './mrkdwn.js';
import { openPicker } from './picker.js';
import { acting, pending, press } from './press.js';
import { drawSelect, selects } from './select.js';
import { store } from './store.js';
import { drawTicks } from './ticks.js';
import { unsupported } from './unsupported.js';
import { Values } from './values.js';

// renderElement draws an element. place: {surface, block} and, for the element of an
// input block, {input: true, dispatch, id, labelledBy, describedBy, testid}.
// Elsewhere an element acts as soon as it changes; in an input block only if the
// app asked for that.
export function renderElement(element, place) {
  const hand = new Hand(element, place);
  if (element.type === 'button') return button(hand);
  if (element.type === 'overflow') return overflow(hand);
  if (element.type === 'checkboxes' || element.type === 'radio_buttons') return drawTicks(hand);
  if (selects.has(element.type)) return drawSelect(hand);
  if (fields.has(element.type)) return drawField(hand);
  return unsupported('an element', element);
}

// Hand is what an element's drawing holds: its value, its names and its act.
class Hand {
  constructor(element, place) {
    this.element = element;
    this.place = place;
    this.values = new Values(place.surface, store.me?.id);
  }

  get acts() {
    return !this.place.input || this.place.dispatch;
  }

  get value() {
    return this.values.of(this.place.block, this.element);
  }

  // names are the attributes by which a control is known, labelled and described.
  names(more = {}) {
    const { input, id, labelledBy, describedBy, testid } = this.place;
    const own = textOf(this.element.placeholder) || textOf(this.element.text) || this.element.action_id;
    return {
      id: id || null, 'aria-describedby': describedBy || null, 'aria-labelledby': labelledBy || null,
      'aria-label': input || more['aria-labelledby'] ? null : this.element.accessibility_label || own,
      dataset: { testid: testid || `action-${this.element.action_id}`, action: this.element.action_id, focus: this.focus },
      ...more,
    };
  }

  // wrap gives a control that acts the place for its state.
  wrap(control) {
    return this.acts ? acting(this.place.surface, this.place.block, this.element, control) : control;
  }

  // focus names the control beyond a drawing: what is drawn in its place has it too.
  get focus() {
    return `${this.values.key} ${this.place.block} ${this.element.action_id}`;
  }

  get busy() {
    return pending(this.place.surface, this.place.block, this.element);
  }

  // keep remembers a value without telling the app.
  keep(value, node) {
    this.values.set(this.place.block, this.element, value);
    node?.dispatchEvent(new CustomEvent('bk-change', { bubbles: true, detail: { block: this.place.block } }));
  }

  // change remembers a value and acts if the element does. undo draws the old value
  // again if the person did not confirm; without it the new one stays.
  async change(value, node, undo) {
    const old = this.value;
    this.keep(value, node);
    if (!this.acts) return;
    const list = value === null ? [] : [].concat(value);
    const end = await this.press(list);
    if (!undo || (end !== 'denied' && end !== 'busy')) return;
    this.values.set(this.place.block, this.element, old);
    undo();
  }

  press(values) {
    const { surface, block } = this.place;
    return press({ surface, block, element: this.element, values, inputs: surface.inputs?.() });
  }
}

function button(hand) {
  const { element } = hand;
  const style = ['primary', 'danger'].includes(element.style) ? ` bk-${element.style}` : '';
  const href = element.url ? safeHref(element.url) : null;
  const attrs = { class: `bk-button${style}`, ...hand.names({ 'aria-label': element.accessibility_label || null }) };
  const click = (event) => {
    if (hand.busy) {
      event.preventDefault();
      return;
    }
    hand.press();
  };
  const words = renderPlain(textOf(element.text), { emoji: element.text?.emoji !== false });
  const control = href
    ? h('a', { ...attrs, href, target: '_blank', rel: 'noopener noreferrer', on: { click } }, words, h('span', { class: 'unseen' }, ' (opens a new tab)'))
    : h('button', { ...attrs, type: 'button', on: { click } }, words);
  return hand.wrap(control);
}

function overflow(hand) {
  const { element } = hand;
  const options = (element.options || []).map((o) => ({ value: o.value, label: textOf(o.text), description: textOf(o.description), url: o.url }));
  const open = () => {
    if (hand.busy) return;
    openPicker({
      anchor: control, role: 'menu', title: 'More', groups: [{ options }], chosen: [],
      onPick: ([value]) => {
        const url = options.find((o) => o.value === value)?.url;
        if (url && safeHref(url)) globalThis.open(url, '_blank', 'noopener,noreferrer');
        hand.press([value]);
      },
    });
  };
  const control = h('button', {
    type: 'button', class: 'bk-button bk-overflow', 'aria-haspopup': 'menu', 'aria-expanded': 'false',
    ...hand.names({ 'aria-label': element.accessibility_label || 'More actions' }), on: { click: open },
  }, icon('more'));
  return hand.wrap(control);
}
