// What somebody has typed or chosen and not yet sent, and what an element holds.
// A value is a text, a list of texts, or null; options are their values, people and
// channels their ids, instants their seconds as text.

import { keep } from './keep.js';

const single = {
  static_select: ['selected_option', 'initial_option'],
  radio_buttons: ['selected_option', 'initial_option'],
  users_select: ['selected_user', 'initial_user'],
  channels_select: ['selected_channel', 'initial_channel'],
  conversations_select: ['selected_conversation', 'initial_conversation'],
  datepicker: ['selected_date', 'initial_date'],
  timepicker: ['selected_time', 'initial_time'],
  datetimepicker: ['selected_date_time', 'initial_date_time'],
  plain_text_input: ['value', 'initial_value'],
  number_input: ['value', 'initial_value'],
  email_text_input: ['value', 'initial_value'],
  url_text_input: ['value', 'initial_value'],
};

const many = {
  checkboxes: ['selected_options', 'initial_options'],
  multi_static_select: ['selected_options', 'initial_options'],
  multi_users_select: ['selected_users', 'initial_users'],
  multi_channels_select: ['selected_channels', 'initial_channels'],
  multi_conversations_select: ['selected_conversations', 'initial_conversations'],
};

const one = (raw) => {
  if (raw === null || raw === undefined || raw === '') return null;
  return String(typeof raw === 'object' ? raw.value ?? '' : raw);
};

// held is what an element holds by itself: what the workspace knows of it, else
// what the app gave it. Nothing that is no longer among its options is held.
export function held(element, state) {
  const keys = many[element.type] || single[element.type];
  if (!keys) return null;
  const raw = state?.type === element.type ? state[keys[0]] : element[keys[1]];
  return fitting(element, many[element.type] ? (Array.isArray(raw) ? raw : []).map(one).filter((v) => v !== null) : one(raw));
}

// optionsOf lists the options of an element, groups flattened.
export function optionsOf(element) {
  const list = (x) => (Array.isArray(x) ? x : []);
  return [...list(element.options), ...list(element.option_groups).flatMap((g) => list(g?.options))];
}

function fitting(element, value) {
  const options = optionsOf(element);
  if (!options.length) return value;
  const fits = (v) => options.some((o) => o.value === v);
  if (Array.isArray(value)) return value.filter(fits);
  return value !== null && fits(value) ? value : null;
}

// drafts hold by surface, block and action what the workspace does not know yet.
const drafts = new Map(keep('drafts of forms', () => [...drafts].map(([key, own]) => [key, [...own]])).map(([key, own]) => [key, new Map(own)]));

// surfaceKey names a surface: a message as one person sees it, or a view.
export function surfaceKey(surface, me = '') {
  return surface.kind === 'message' ? `message ${me} ${surface.channel} ${surface.ts}` : `view ${me} ${surface.id}`;
}

export class Values {
  constructor(surface, me) {
    this.key = surfaceKey(surface, me);
    this.state = surface.state?.values || {};
  }

  of(block, element) {
    const draft = drafts.get(this.key)?.get(`${block} ${element.action_id}`);
    if (draft && draft.type === element.type) return fitting(element, draft.value);
    return held(element, this.state[block]?.[element.action_id]);
  }

  set(block, element, value) {
    if (!drafts.has(this.key)) drafts.set(this.key, new Map());
    drafts.get(this.key).set(`${block} ${element.action_id}`, { type: element.type, value });
  }
}

// formOf are the values of all inputs of a view, by block and action.
export function formOf(view, me) {
  const values = new Values({ kind: 'view', id: view.id, state: view.state }, me);
  const out = {};
  for (const block of view.blocks) {
    if (block.type !== 'input' || !block.element?.action_id) continue;
    out[block.block_id] = { [block.element.action_id]: values.of(block.block_id, block.element) };
  }
  return out;
}

// forgetViews drops what somebody typed into views that are closed by now.
export function forgetViews(open, me) {
  const own = `view ${me} `;
  for (const key of drafts.keys()) if (key.startsWith(own) && !open.has(key.slice(own.length))) drafts.delete(key);
}
