// Blocks, and the body of a message.

import { h } from './dom.js';
import { renderAttachment } from './attachments.js';
import { renderElement } from './elements.js';
import { renderImage } from './images.js';
import { renderInput } from './input.js';
import { renderMarkdown } from './markdownview.js';
import { renderMrkdwn, renderText } from './mrkdwn.js';
import { renderRichText } from './richtext.js';
import { renderTable } from './table.js';
import { unsupported } from './unsupported.js';

let count = 0;

// A surface is where blocks stand: {kind: 'message', channel, ts}, {kind: 'view', id,
// state, errors} or {kind: 'home', id, state}.

// renderMessageBody draws the words of a message: its blocks, or else its text, and
// its attachments.
export function renderMessageBody(message, surface) {
  const body = h('div', { class: 'bk-body' });
  if (message.blocks?.length) body.append(renderBlocks(message.blocks, surface));
  else if (message.text) body.append(renderMrkdwn(message.text));
  for (const attachment of message.attachments || []) body.append(renderAttachment(attachment, (blocks) => renderBlocks(blocks, surface)));
  return body;
}

export function renderBlocks(blocks, surface) {
  const out = document.createDocumentFragment();
  for (const block of blocks || []) out.append(renderBlock(block, surface));
  return out;
}

const drawings = {
  section, context, actions,
  header: (b) => h('h3', { class: 'bk-header' }, renderText(b.text)),
  divider: () => h('hr', { class: 'bk-divider' }),
  image: (b) => renderImage(b, 'bk-image'),
  input: renderInput,
  rich_text: (b) => h('div', { class: 'bk-rich' }, renderRichText(b)),
  table: renderTable,
  markdown: (b) => h('div', { class: 'bk-markdown' }, renderMarkdown(b.text)),
};

// renderBlock draws one. One that breaks in drawing breaks alone.
export function renderBlock(block, surface) {
  const draw = Object.hasOwn(drawings, block?.type) ? drawings[block.type] : null;
  if (!draw) return unsupported('a block', block);
  try {
    const node = draw(block, surface);
    node.classList.add('bk-block');
    if (block.block_id) node.dataset.block = block.block_id;
    return node;
  } catch (failure) {
    console.error(failure);
    return unsupported('a block that could not be read,', block);
  }
}

function section(block, surface) {
  const { accessory } = block;
  const fields = block.fields?.length ? h('div', { class: 'bk-fields' }, block.fields.map((f) => h('div', { class: 'bk-fieldcell' }, renderText(f)))) : null;
  const words = h('div', { class: 'bk-words' }, block.text ? renderText(block.text) : null, fields);
  if (!accessory) return h('div', { class: 'bk-section' }, words);
  const side = accessory.type === 'image' ? renderImage(accessory, 'bk-thumb') : renderElement(accessory, { surface, block: block.block_id });
  // Ten buttons of a list may all be called Change: what each changes is said with it.
  const control = side.querySelector('[data-action]');
  if (control && !accessory.accessibility_label) {
    words.id = `words-${++count}`;
    control.setAttribute('aria-describedby', words.id);
  }
  const wide = ['checkboxes', 'radio_buttons'].includes(accessory.type);
  return h('div', { class: `bk-section bk-with${wide ? ' bk-with-wide' : ''}` }, words, h('div', { class: 'bk-accessory' }, side));
}

function context(block) {
  return h('div', { class: 'bk-context' }, (block.elements || []).map((e) => {
    if (e?.type === 'image') return renderImage(e, 'bk-icon');
    if (e?.type === 'mrkdwn' || e?.type === 'plain_text') return h('div', { class: 'bk-note' }, renderText(e));
    return unsupported('an element', e);
  }));
}

function actions(block, surface) {
  return h('div', { class: 'bk-actions' }, (block.elements || []).map((e) => renderElement(e, { surface, block: block.block_id })));
}
