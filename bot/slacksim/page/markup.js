// Slack's markup read into tokens. Nothing here touches the document, and every
// text, however it is made, takes time in proportion to its length.
//
// Blocks: {type: 'text'|'quote', children} and {type: 'pre', children}. Inside:
// text, break, bold, italic, strike, code, link, user, channel, group, special,
// date and emoji.

const entities = { '&amp;': '&', '&lt;': '<', '&gt;': '>' };

// unescape undoes the three escapes of Slack, each once.
export const unescape = (s) => s.replace(/&(?:amp|lt|gt);/g, (e) => entities[e]);

const kinds = { '*': 'bold', '_': 'italic', '~': 'strike' };
const wordChar = /[\p{L}\p{N}]/u;
const emojiName = /:([a-z0-9_+'-]{1,100}):(?::skin-tone-([2-6]):)?/y;
const address = /https?:\/\/[^\s<>|]+/y;

// parse reads a whole message or text object. With verbatim, addresses that are not
// in angle brackets stay text.
export function parse(text, { verbatim = false } = {}) {
  const out = [];
  let rest = String(text ?? '').replaceAll('\r\n', '\n');
  for (;;) {
    const open = rest.indexOf('```');
    const close = open < 0 ? -1 : rest.indexOf('```', open + 3);
    if (close < 0 || !rest.slice(open + 3, close).trim()) {
      const to = close < 0 ? rest.length : close + 3;
      prose(rest.slice(0, to), verbatim, out);
      rest = rest.slice(to);
      if (!rest) return out;
      continue;
    }
    prose(rest.slice(0, open).replace(/\n$/, ''), verbatim, out);
    out.push({ type: 'pre', children: references(rest.slice(open + 3, close).replace(/^\n/, '').replace(/\n$/, '')) });
    rest = rest.slice(close + 3).replace(/^\n/, '');
  }
}

// prose reads lines: quoted ones and others.
function prose(text, verbatim, out) {
  if (!text) return;
  let all = false; // after >>> everything is quoted
  for (const line of text.split('\n')) {
    const mark = all ? '' : /^(?:&gt;&gt;&gt;|>>>|&gt;|>) ?/.exec(line)?.[0];
    all ||= mark !== undefined && /^(?:&gt;&gt;&gt;|>>>)/.test(mark);
    const type = mark === undefined ? 'text' : 'quote';
    const last = out.at(-1);
    const children = inline(line.slice((mark || '').length), verbatim);
    if (last?.type !== type) {
      out.push({ type, children });
      continue;
    }
    last.children.push({ type: 'break' });
    for (const child of children) last.children.push(child);
  }
}

// Finder looks ahead for a mark without reading any part of a text twice.
class Finder {
  constructor(text, mark) {
    this.text = text;
    this.mark = mark;
    this.at = -2;
  }
  after(from) {
    if (this.at !== -1 && this.at < from) this.at = this.text.indexOf(this.mark, from);
    return this.at;
  }
}

// inline reads one line.
export function inline(line, verbatim = false) {
  const levels = [{ children: [] }]; // the open marks, outermost first
  const ticks = new Finder(line, '`');
  const ends = new Finder(line, '>');
  const starts = new Finder(line, '<');
  let plain = '';
  const flush = () => {
    if (plain) levels.at(-1).children.push({ type: 'text', text: unescape(plain) });
    plain = '';
  };
  const add = (token) => {
    flush();
    levels.at(-1).children.push(token);
  };
  for (let i = 0; i < line.length;) {
    const c = line[i];
    if (c === '`') {
      const end = ticks.after(i + 1);
      if (end > i + 1) {
        add({ type: 'code', children: references(line.slice(i + 1, end)) });
        i = end + 1;
        continue;
      }
    } else if (c === '<') {
      const end = ends.after(i + 1);
      const inner = starts.after(i + 1);
      if (end > i + 1 && (inner < 0 || inner > end)) {
        add(reference(line.slice(i + 1, end)));
        i = end + 1;
        continue;
      }
    } else if (c === ':') {
      emojiName.lastIndex = i;
      const hit = emojiName.exec(line);
      if (hit) {
        add({ type: 'emoji', name: hit[1], tone: hit[2] || '' });
        i += hit[0].length;
        continue;
      }
    } else if (c === 'h' && !verbatim && !wordBefore(line, i)) {
      address.lastIndex = i;
      const hit = address.exec(line)?.[0].replace(/(?:[.,;:!?)\]'"*_~`]|&gt;|&lt;)+$/, '');
      if (hit && hit.length > 8) {
        add({ type: 'link', url: unescape(hit), label: '' });
        i += hit.length;
        continue;
      }
    } else if (kinds[c]) {
      const depth = levels.findLastIndex((l) => l.mark === c);
      if (depth > 0 && closes(line, i) && i > levels[depth].from) {
        flush();
        closeTo(levels, depth);
        i += 1;
        continue;
      }
      if (depth < 0 && opens(line, i)) {
        flush();
        levels.push({ mark: c, from: i + 1, children: [] });
        i += 1;
        continue;
      }
    }
    plain += c;
    i += 1;
  }
  flush();
  while (levels.length > 1) giveUp(levels);
  return join(levels[0].children);
}

// closeTo ends the mark at depth; the marks opened inside it never closed.
function closeTo(levels, depth) {
  while (levels.length > depth + 1) giveUp(levels);
  const { mark, children } = levels.pop();
  levels.at(-1).children.push({ type: kinds[mark], children: join(children) });
}

// giveUp makes an opened mark the character that it is.
function giveUp(levels) {
  const { mark, children } = levels.pop();
  const into = levels.at(-1).children;
  into.push({ type: 'text', text: mark });
  for (const child of children) into.push(child);
}

// join makes neighbouring texts one.
function join(children) {
  const out = [];
  let words = [];
  const flush = () => {
    if (words.length) out.push({ type: 'text', text: words.join('') });
    words = [];
  };
  for (const child of children) {
    if (child.type === 'text') {
      words.push(child.text);
      continue;
    }
    flush();
    out.push(child);
  }
  flush();
  return out;
}

function wordBefore(line, i) {
  return i > 0 && wordChar.test(line[i - 1]);
}

function opens(line, i) {
  const next = line[i + 1];
  return next !== undefined && !/\s/.test(next) && next !== line[i] && !wordBefore(line, i);
}

function closes(line, i) {
  const next = line[i + 1];
  return !/\s/.test(line[i - 1]) && (next === undefined || !wordChar.test(next));
}

// references reads code: only what stands in angle brackets means something.
function references(text) {
  const out = [];
  const ends = new Finder(text, '>');
  const starts = new Finder(text, '<');
  let from = 0;
  for (let at = starts.after(0); at >= 0; at = starts.after(from)) {
    const end = ends.after(at + 1);
    const inner = starts.after(at + 1);
    const whole = end > at + 1 && (inner < 0 || inner > end) && isReference(text.slice(at + 1, end));
    const to = whole ? end + 1 : at + 1;
    out.push({ type: 'text', text: unescape(text.slice(from, whole ? at : to)) });
    if (whole) out.push(reference(text.slice(at + 1, end)));
    from = to;
  }
  out.push({ type: 'text', text: unescape(text.slice(from)) });
  return join(out.filter((t) => t.text !== ''));
}

const isReference = (body) => /^(?:[@#!]|https?:|mailto:)/.test(body);

// reference reads what stands between angle brackets.
export function reference(body) {
  const bar = body.indexOf('|');
  const target = bar < 0 ? body : body.slice(0, bar);
  const label = bar < 0 ? '' : unescape(body.slice(bar + 1));
  if (target.startsWith('@')) return { type: 'user', id: target.slice(1), label: label.replace(/^@/, '') };
  if (target.startsWith('#')) return { type: 'channel', id: target.slice(1), label };
  if (target.startsWith('!subteam^')) return { type: 'group', id: target.slice(9), label: label.replace(/^@/, '') };
  if (target.startsWith('!date^')) return date(target, label);
  if (target.startsWith('!')) return { type: 'special', range: target.slice(1).split('^')[0], label };
  if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return { type: 'link', url: unescape(target), label };
  return { type: 'text', text: unescape(`<${body}>`) };
}

function date(target, fallback) {
  const [, seconds = '', format = '', link = ''] = target.split('^');
  return { type: 'date', seconds: /^-?\d{1,12}$/.test(seconds) ? Number(seconds) : NaN, format: unescape(format), link: unescape(link), fallback };
}
