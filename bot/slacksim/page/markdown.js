// Standard Markdown, for the block of that name, read into tokens. Nothing here
// touches the document. HTML in it is text.
//
// Blocks: heading {level}, paragraph, quote {blocks}, code {text, language}, list
// {ordered, start, items: [{blocks, done}]}, table {align, rows}, rule.
// Inside: text, bold, italic, strike, code, link {url, children}, break.

const fence = /^ {0,3}(`{3,}|~{3,})\s*([^`\s]*)[^`]*$/;
const heading = /^ {0,3}(#{1,6})(?:\s+(.*?))?\s*#*\s*$/;
const rule = /^ {0,3}(?:(?:\*\s*){3,}|(?:-\s*){3,}|(?:_\s*){3,})$/;
const item = /^( {0,8})(?:[-*+]|(\d{1,9})[.)])\s+(.*)$/;
const divide = /^ {0,3}\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;

export function parseMarkdown(text) {
  return blocksOf(String(text ?? '').replaceAll('\r\n', '\n').split('\n'), 0);
}

function blocksOf(lines, depth) {
  const out = [];
  let words = [];
  const flush = () => {
    if (words.length) out.push({ type: 'paragraph', children: inlineMarkdown(words.join('\n')) });
    words = [];
  };
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i];
    let hit;
    if (!line.trim()) {
      flush();
    } else if ((hit = fence.exec(line))) {
      flush();
      const code = [];
      while (++i < lines.length && !lines[i].trimStart().startsWith(hit[1])) code.push(lines[i]);
      out.push({ type: 'code', text: code.join('\n'), language: hit[2] });
    } else if ((hit = heading.exec(line))) {
      flush();
      out.push({ type: 'heading', level: hit[1].length, children: inlineMarkdown(hit[2] || '') });
    } else if (rule.test(line)) {
      flush();
      out.push({ type: 'rule' });
    } else if (/^ {0,3}>/.test(line) && depth < 8) {
      flush();
      const inner = [];
      for (; i < lines.length && /^ {0,3}>/.test(lines[i]); i++) inner.push(lines[i].replace(/^ {0,3}> ?/, ''));
      i -= 1;
      out.push({ type: 'quote', blocks: blocksOf(inner, depth + 1) });
    } else if (item.test(line) && depth < 8) {
      flush();
      const { block, next } = listAt(lines, i, depth);
      out.push(block);
      i = next - 1;
    } else if (line.includes('|') && divide.test(lines[i + 1] || '') && (lines[i + 1] || '').includes('-')) {
      flush();
      const { block, next } = tableAt(lines, i);
      out.push(block);
      i = next - 1;
    } else {
      words.push(line);
    }
  }
  flush();
  return out;
}

// listAt reads the items of one list; what is indented below an item is its own.
function listAt(lines, from, depth) {
  const first = item.exec(lines[from]);
  const indent = first[1].length;
  const ordered = first[2] !== undefined;
  const block = { type: 'list', ordered, start: ordered ? Number(first[2]) : 1, items: [] };
  let i = from;
  while (i < lines.length) {
    const hit = item.exec(lines[i]);
    if (!hit || hit[1].length !== indent || (hit[2] !== undefined) !== ordered) break;
    const inner = [hit[3]];
    for (i += 1; i < lines.length; i++) {
      const deeper = /^(\s*)/.exec(lines[i])[1].length > indent;
      if (lines[i].trim() ? !deeper : !/^\s/.test(lines[i + 1] || '')) break;
      inner.push(lines[i].slice(Math.min(indent + 2, /^\s*/.exec(lines[i])[0].length)));
    }
    const task = /^\[([ xX])\]\s+/.exec(inner[0]);
    if (task) inner[0] = inner[0].slice(task[0].length);
    block.items.push({ blocks: blocksOf(inner, depth + 1), done: task ? task[1] !== ' ' : null });
  }
  return { block, next: i };
}

function tableAt(lines, from) {
  const cells = (line) => line.trim().replace(/^\|/, '').replace(/\|$/, '').split('|').map((c) => c.trim());
  const align = cells(lines[from + 1]).map((c) => (c.endsWith(':') ? (c.startsWith(':') ? 'center' : 'right') : 'left'));
  const rows = [cells(lines[from]).map(inlineMarkdown)];
  let i = from + 2;
  for (; i < lines.length && lines[i].includes('|'); i++) rows.push(cells(lines[i]).map(inlineMarkdown));
  return { block: { type: 'table', align, rows }, next: i };
}

// inlineMarkdown reads the marks inside a paragraph. Each kind of mark is sought at
// most once beyond the point up to which it is known to be absent.
export function inlineMarkdown(text, depth = 0) {
  const out = [];
  const absent = new Map();
  let plain = '';
  const flush = () => {
    if (plain) out.push({ type: 'text', text: plain });
    plain = '';
  };
  const find = (mark, from) => {
    if (absent.has(mark)) return -1;
    const at = text.indexOf(mark, from);
    if (at < 0) absent.set(mark, true);
    return at;
  };
  const add = (token) => {
    flush();
    out.push(token);
  };
  for (let i = 0; i < text.length;) {
    const c = text[i];
    if (c === '\\' && /[!-/:-@[-`{-~]/.test(text[i + 1] || '')) {
      plain += text[i + 1];
      i += 2;
      continue;
    }
    const hit = (c === '\n' && { token: { type: 'break' }, to: i + 1 })
      || (c === '`' && codeAt(text, i, find))
      || (depth < 6 && '*_~'.includes(c) && markAt(text, i, find, depth))
      || (depth < 6 && (c === '[' || (c === '!' && text[i + 1] === '[')) && linkAt(text, i, find, depth))
      || (c === 'h' && bareAt(text, i));
    if (hit) {
      add(hit.token);
      i = hit.to;
      continue;
    }
    plain += c;
    i += 1;
  }
  flush();
  return out;
}

function codeAt(text, i, find) {
  const mark = text.startsWith('``', i) ? '``' : '`';
  const end = find(mark, i + mark.length);
  return end > i + mark.length ? { token: { type: 'code', text: text.slice(i + mark.length, end).trim() }, to: end + mark.length } : null;
}

const marks = [['**', 'bold'], ['__', 'bold'], ['~~', 'strike'], ['*', 'italic'], ['_', 'italic']];

function markAt(text, i, find, depth) {
  for (const [mark, type] of marks) {
    if (!text.startsWith(mark, i)) continue;
    if (mark[0] === '_' && i > 0 && /[\p{L}\p{N}]/u.test(text[i - 1])) return null;
    const from = i + mark.length;
    if (/^\s|^$/.test(text.slice(from, from + 1))) continue;
    const end = find(mark, from);
    if (end <= from || /\s/.test(text[end - 1])) continue;
    if (mark[0] === '_' && /[\p{L}\p{N}]/u.test(text[end + mark.length] || '')) continue;
    return { token: { type, children: inlineMarkdown(text.slice(from, end), depth + 1) }, to: end + mark.length };
  }
  return null;
}

// linkAt reads [words](address); an image is a link to it.
function linkAt(text, i, find, depth) {
  const from = text[i] === '!' ? i + 2 : i + 1;
  const middle = find('](', from);
  if (middle < 0 || middle - from > 1000) return null;
  const end = find(')', middle + 2);
  if (end < 0) return null;
  const url = text.slice(middle + 2, end).trim().split(/\s/)[0];
  const words = text.slice(from, middle) || url;
  return { token: { type: 'link', url, children: inlineMarkdown(words, Math.max(depth + 1, 6)) }, to: end + 1 };
}

function bareAt(text, i) {
  if (i > 0 && /[\p{L}\p{N}]/u.test(text[i - 1])) return null;
  const pattern = /https?:\/\/[^\s<>]+/y;
  pattern.lastIndex = i;
  const url = pattern.exec(text)?.[0].replace(/[.,;:!?)\]'"*_~`]+$/, '');
  return url && url.length > 8 ? { token: { type: 'link', url, children: [{ type: 'text', text: url }] }, to: i + url.length } : null;
}
