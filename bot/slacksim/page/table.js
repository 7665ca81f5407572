// The table block: the first row is its head. It scrolls inside itself.

import { h } from './dom.js';
import { renderRichText } from './richtext.js';
import { unsupported } from './unsupported.js';

export function renderTable(block) {
  const settings = block.column_settings || [];
  const [head = [], ...rows] = block.rows || [];
  const cell = (tag) => (content, n) => {
    const align = ['center', 'right'].includes(settings[n]?.align) ? ` bk-${settings[n].align}` : '';
    const wrap = settings[n]?.is_wrapped ? ' bk-wrapped' : '';
    return h(tag, { class: `bk-cell${align}${wrap}`, scope: tag === 'th' ? 'col' : null }, inside(content));
  };
  return h('div', { class: 'bk-tablebox', role: 'region', 'aria-label': 'Table', tabindex: '0' },
    h('table', { class: 'bk-table' }, h('thead', {}, h('tr', {}, head.map(cell('th')))), h('tbody', {}, rows.map((r) => h('tr', {}, r.map(cell('td')))))));
}

function inside(content) {
  switch (content?.type) {
    case 'raw_text': return String(content.text ?? '');
    case 'raw_number': return String(content.text ?? content.value ?? '');
    case 'rich_text': return renderRichText(content);
    default: return unsupported('a cell', content);
  }
}
