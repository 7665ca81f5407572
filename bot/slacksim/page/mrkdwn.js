// Slack's markup as nodes of the document.

import { h, link } from './dom.js';
import { formatDate, full } from './dates.js';
import { emoji, fromCodes } from './emoji.js';
import { parse } from './markup.js';
import { now } from './simclock.js';
import { store } from './store.js';

// renderMrkdwn draws text as Slack's client does. With verbatim, addresses that are
// not in angle brackets stay text.
export function renderMrkdwn(text, { verbatim = false } = {}) {
  const out = document.createDocumentFragment();
  for (const block of parse(text, { verbatim })) {
    if (block.type === 'pre') out.append(h('pre', { class: 'mk-pre', tabindex: '0' }, h('code', {}, tokens(block.children))));
    else if (block.type === 'quote') out.append(h('blockquote', { class: 'mk-quote' }, tokens(block.children)));
    else out.append(h('div', { class: 'mk-text', dir: 'auto' }, tokens(block.children)));
  }
  return out;
}

// renderPlain draws text without markup. Emoji names are drawn unless emoji is
// false.
export function renderPlain(text, { emoji: withEmoji = true } = {}) {
  const out = document.createDocumentFragment();
  const lines = String(text ?? '').split('\n');
  lines.forEach((line, n) => {
    if (n) out.append(h('br'));
    if (!withEmoji) {
      out.append(line);
      return;
    }
    for (const piece of line.split(/(:[a-z0-9_+'-]{1,100}:)/)) {
      const sign = /^:.+:$/.test(piece) && emoji(piece.slice(1, -1));
      out.append(sign ? emojiNode(piece.slice(1, -1)) : piece);
    }
  });
  return out;
}

// renderText draws a text object.
export function renderText(object) {
  if (object?.type === 'mrkdwn') return renderMrkdwn(object.text, { verbatim: object.verbatim === true });
  return renderPlain(object?.text, { emoji: object?.emoji !== false });
}

// textOf is the text of a plain text object.
export const textOf = (object) => (typeof object?.text === 'string' ? object.text : '');

const tags = { bold: 'strong', italic: 'em', strike: 's', code: 'code' };

function tokens(list) {
  return list.map((t) => {
    if (tags[t.type]) return h(tags[t.type], {}, tokens(t.children));
    switch (t.type) {
      case 'text': return t.text;
      case 'break': return h('br');
      case 'link': return linkNode(t.url, t.label || t.url.replace(/^mailto:/, ''));
      case 'emoji': return emojiNode(t.name, t.tone);
      case 'user': return userNode(t.id, t.label);
      case 'channel': return channelNode(t.id, t.label);
      case 'group': return groupNode(t.id, t.label);
      case 'special': return specialNode(t.range, t.label);
      case 'date': return dateNode(t);
      default: return '';
    }
  });
}

// emojiNode is an emoji, or its name if it is not known here. codes are its code
// points, if the app sent them.
export function emojiNode(name, tone = '', codes = '') {
  const sign = emoji(name, tone) || fromCodes(codes);
  if (!sign || !canDraw(sign)) return `:${name}:`;
  return h('span', { class: 'mk-emoji', role: 'img', 'aria-label': name.replaceAll('_', ' '), title: `:${name}:` }, sign);
}

const drawable = new Map();
let pen = null;

// canDraw tells whether this machine has letters for a sign. A missing one is as
// wide as a character that nobody has; a name says more than its box.
function canDraw(sign) {
  if (!drawable.has(sign)) {
    pen ||= document.createElement('canvas').getContext('2d');
    if (pen) pen.font = '32px system-ui, sans-serif';
    const nothing = pen ? pen.measureText('\u{10fffd}').width : -1;
    drawable.set(sign, !pen || pen.measureText([...sign][0]).width !== nothing);
  }
  return drawable.get(sign);
}

// linkNode is a link. One to a message of this workspace, which outside is an
// address of Slack, leads to its channel here.
export function linkNode(url, ...words) {
  const hit = /^https:\/\/[a-z0-9-]+\.slack\.com\/archives\/([A-Z0-9]{2,20})(?:\/p(\d{10})(\d{6}))?(?:\?(.*))?$/.exec(url);
  const channel = hit && store.channel(hit[1]);
  if (!channel) return link(url, ...words);
  const thread = new URLSearchParams(hit[4] || '').get('thread_ts');
  const query = new URLSearchParams({ as: store.me?.name || '', channel: channel.id, ...(thread ? { thread } : {}) });
  const ts = hit[2] ? `${hit[2]}.${hit[3]}` : null;
  return h('a', { href: `/?${query}`, dataset: { channel: channel.id, thread, ts } }, ...words);
}

export function userNode(id, label = '') {
  const person = store.person(id);
  const name = person?.name || label || (id === store.app?.bot_user_id ? 'app' : id);
  const mine = store.me && id === store.me.id ? ' mk-mine' : '';
  return h('span', { class: `mk-mention${mine}`, title: person?.real_name || null, dataset: { user: id } }, `@${name}`);
}

export function channelNode(id, label = '') {
  const channel = store.channel(id);
  if (!channel) return h('span', { class: 'mk-mention', dataset: { unknown: id, label } }, label ? `#${label}` : '#private-channel');
  const query = new URLSearchParams({ as: store.me?.name || '', channel: id });
  return h('a', { class: 'mk-mention', href: `/?${query}`, dataset: { channel: id } }, `#${channel.name}`);
}

// nameChannels names the channels that became known after what mentions them.
export function nameChannels() {
  for (const node of document.querySelectorAll('[data-unknown]')) {
    if (store.channel(node.dataset.unknown)) node.replaceWith(channelNode(node.dataset.unknown, node.dataset.label));
  }
}

export function groupNode(id, label = '') {
  const group = store.group(id);
  const mine = store.me && group?.members?.includes(store.me.id) ? ' mk-mine' : '';
  return h('span', { class: `mk-mention${mine}`, title: group?.name || null }, `@${group?.handle || label || id}`);
}

export function specialNode(range, label = '') {
  if (['here', 'channel', 'everyone'].includes(range)) return h('span', { class: 'mk-mention mk-mine' }, `@${range}`);
  return label || `<${range}>`;
}

// dateNode draws {seconds, format, link, fallback} in the zone of who acts.
export function dateNode({ seconds, format, link: url, fallback }) {
  const zone = store.me?.tz || 'UTC';
  const words = formatDate(seconds, format, zone, now());
  if (words === null) return fallback || '';
  const node = h('time', { class: 'mk-date', datetime: new Date(seconds * 1000).toISOString(), title: full(seconds, zone) }, words);
  return url ? link(url, node) : node;
}
