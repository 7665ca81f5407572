// The body of a message.

import { h } from './dom.js';
import { renderMrkdwn } from './mrkdwn.js';

export function renderMessageBody(message) {
  return h('div', { class: 'body' }, renderMrkdwn(message.plain || message.text));
}

export function renderBlocks() {
  return document.createDocumentFragment();
}
