// Attachments: the older way to say more, with a bar of colour at the side.

import { h, link } from './dom.js';
import { renderImage } from './images.js';
import { dateNode, renderMrkdwn, renderPlain } from './mrkdwn.js';
import { unsupported } from './unsupported.js';

const named = { good: '#2eb67d', warning: '#ecb22e', danger: '#e01e5a' };

// renderAttachment draws one; blocks draws the blocks in it.
export function renderAttachment(a, blocks) {
  const bar = h('div', { class: 'at-bar' });
  const color = named[a.color] || (/^#?(?:[0-9a-f]{3}|[0-9a-f]{6})$/i.test(a.color || '') ? `#${a.color.replace('#', '')}` : null);
  if (color) bar.style.setProperty('background-color', color);
  const marked = (name, fallback) => (Array.isArray(a.mrkdwn_in) ? a.mrkdwn_in.includes(name) : fallback);
  const words = (name, text, fallback) => (marked(name, fallback) ? renderMrkdwn(text) : renderPlain(text));
  const told = a.blocks?.length ? h('div', { class: 'at-blocks' }, blocks(a.blocks)) : legacy(a, words);
  return h('div', { class: 'at' },
    a.pretext ? h('div', { class: 'at-pretext' }, words('pretext', a.pretext, true)) : null,
    h('div', { class: 'at-frame' }, bar, h('div', { class: 'at-inside' }, told)));
}

function legacy(a, words) {
  const out = [];
  if (a.author_name) out.push(h('div', { class: 'at-author' }, a.author_link ? link(a.author_link, a.author_name) : a.author_name));
  if (a.title) out.push(h('div', { class: 'at-title' }, a.title_link ? link(a.title_link, renderPlain(a.title)) : renderPlain(a.title)));
  if (a.text) out.push(h('div', { class: 'at-text' }, words('text', a.text, true)));
  if (a.fields?.length) {
    out.push(h('dl', { class: 'at-fields' }, a.fields.map((f) => h('div', { class: f.short ? 'at-short' : 'at-long' },
      f.title ? h('dt', {}, f.title) : null, h('dd', {}, words('fields', f.value, true))))));
  }
  if (a.image_url) out.push(renderImage({ image_url: a.image_url, alt_text: a.fallback || a.title || 'no description' }, 'bk-image'));
  else if (a.thumb_url) out.push(renderImage({ image_url: a.thumb_url, alt_text: a.title || 'no description' }, 'bk-thumb'));
  if (a.actions?.length) out.push(unsupported('the buttons of an attachment,', { type: 'actions', actions: a.actions }));
  if (a.footer || a.ts) {
    const at = a.ts ? dateNode({ seconds: Number(a.ts), format: '{date_short_pretty} {time}', fallback: '' }) : null;
    out.push(h('div', { class: 'at-footer' }, a.footer || '', a.footer && at ? ' · ' : '', at));
  }
  if (!out.length && a.fallback) out.push(renderPlain(a.fallback));
  return out;
}
