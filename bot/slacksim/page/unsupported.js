// What this page does not draw says so, and shows what was sent.

import { h } from './dom.js';

export function unsupported(what, object) {
  const type = String(object?.type ?? 'no type');
  return h('details', { class: 'bk-unsupported', dataset: { testid: 'unsupported', type } },
    h('summary', {}, `Not drawn here: ${what} of the type `, h('code', {}, type)),
    h('pre', { tabindex: '0' }, JSON.stringify(object, null, 2) ?? ''));
}
