// Standard Markdown as nodes of the document.

import { h } from './dom.js';
import { linkNode, renderPlain } from './mrkdwn.js';
import { parseMarkdown } from './markdown.js';

export function renderMarkdown(text) {
  return parseMarkdown(text).map(block);
}

function block(b) {
  switch (b.type) {
    // A message stands below the page's own headings.
    case 'heading': return h(`h${Math.min(b.level + 2, 6)}`, { class: `md-h md-h${b.level}` }, inline(b.children));
    case 'quote': return h('blockquote', { class: 'mk-quote' }, b.blocks.map(block));
    case 'code': return h('pre', { class: 'mk-pre', tabindex: '0' }, h('code', {}, b.text));
    case 'rule': return h('hr', { class: 'bk-divider' });
    case 'list': return list(b);
    case 'table': return table(b);
    default: return h('p', { dir: 'auto' }, inline(b.children));
  }
}

function list(b) {
  return h(b.ordered ? 'ol' : 'ul', { class: 'rt-list', start: b.ordered && b.start !== 1 ? b.start : null }, b.items.map((item) => {
    const only = item.blocks.length === 1 && item.blocks[0].type === 'paragraph';
    const box = item.done === null ? null : h('input', { type: 'checkbox', disabled: true, checked: item.done, 'aria-label': item.done ? 'done' : 'not done' });
    return h('li', { class: box ? 'md-task' : null }, box, only ? inline(item.blocks[0].children) : item.blocks.map(block));
  }));
}

function table(b) {
  const row = (tag) => (cells) => h('tr', {}, b.align.map((a, n) => h(tag, { class: `bk-cell${a === 'left' ? '' : ` bk-${a}`}` }, inline(cells[n] || []))));
  return h('div', { class: 'bk-tablebox', role: 'region', 'aria-label': 'Table', tabindex: '0' },
    h('table', { class: 'bk-table' }, h('thead', {}, row('th')(b.rows[0])), h('tbody', {}, b.rows.slice(1).map(row('td')))));
}

const tags = { bold: 'strong', italic: 'em', strike: 's' };

function inline(list) {
  return list.map((t) => {
    if (tags[t.type]) return h(tags[t.type], {}, inline(t.children));
    if (t.type === 'code') return h('code', {}, t.text);
    if (t.type === 'link') return linkNode(t.url, inline(t.children));
    if (t.type === 'break') return h('br');
    return renderPlain(t.text);
  });
}
