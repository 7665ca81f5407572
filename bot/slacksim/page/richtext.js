// Rich text: what people compose, and what apps send as blocks.

import { h } from './dom.js';
import { channelNode, dateNode, emojiNode, groupNode, linkNode, specialNode, userNode } from './mrkdwn.js';
import { unsupported } from './unsupported.js';

export function renderRichText(block) {
  const out = document.createDocumentFragment();
  for (const part of list(block.elements)) out.append(renderPart(part));
  return out;
}

const list = (x) => (Array.isArray(x) ? x : []);

function renderPart(part) {
  switch (part?.type) {
    case 'rich_text_section': return h('div', { class: 'rt-section', dir: 'auto' }, pieces(part.elements));
    case 'rich_text_quote': return h('blockquote', { class: 'mk-quote' }, pieces(part.elements));
    case 'rich_text_preformatted': return h('pre', { class: 'mk-pre', tabindex: '0' }, h('code', {}, pieces(part.elements)));
    case 'rich_text_list': return renderList(part);
    default: return unsupported('part of rich text', part);
  }
}

function renderList(part) {
  const ordered = part.style === 'ordered';
  const node = h(ordered ? 'ol' : 'ul', {
    class: `rt-list rt-indent-${Math.min(Math.max(Number(part.indent) || 0, 0), 8)}${part.border ? ' rt-border' : ''}`,
    start: ordered && part.offset > 0 ? part.offset + 1 : null,
  });
  for (const item of list(part.elements)) {
    node.append(h('li', {}, item?.type === 'rich_text_section' ? pieces(item.elements) : renderPart(item)));
  }
  return node;
}

// pieces draws what stands in a line. Line breaks in texts are kept by the style of
// their container.
export function pieces(elements) {
  return list(elements).map((e) => styled(piece(e), e?.style));
}

function piece(e) {
  switch (e?.type) {
    case 'text': return String(e.text ?? '');
    case 'link': return linkNode(String(e.url ?? ''), e.text || e.url);
    case 'user': return userNode(e.user_id);
    case 'usergroup': return groupNode(e.usergroup_id);
    case 'channel': return channelNode(e.channel_id);
    case 'broadcast': return specialNode(e.range);
    case 'emoji': return emojiNode(e.name, e.skin_tone ? String(e.skin_tone) : '', e.unicode);
    case 'date': return dateNode({ seconds: Number(e.timestamp), format: String(e.format ?? ''), link: e.url, fallback: e.fallback });
    case 'color': return color(e.value);
    default: return unsupported('piece of rich text', e);
  }
}

function color(value) {
  const chip = h('span', { class: 'rt-color' });
  if (/^#[0-9a-f]{3,8}$/i.test(value)) chip.style.setProperty('background-color', value);
  return h('span', {}, chip, String(value));
}

const tags = { code: 'code', bold: 'strong', italic: 'em', strike: 's', underline: 'u', highlight: 'mark', client_highlight: 'mark' };

function styled(node, style) {
  let out = node;
  for (const [name, tag] of Object.entries(tags)) if (style?.[name] === true) out = h(tag, {}, out);
  return out;
}
