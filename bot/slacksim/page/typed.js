// Between what a person types and what a message stores.

import { store } from './store.js';

const entities = { '&amp;': '&', '&lt;': '<', '&gt;': '>' };

// typed is the text of a message as its author would type it.
export function typed(text) {
  return text
    .replace(/<([^<>]*)>/g, (whole, inner) => reference(inner) ?? whole)
    .replace(/&(?:amp|lt|gt);/g, (e) => entities[e]);
}

function reference(inner) {
  const [what, label] = inner.split('|');
  if (what.startsWith('@')) return `@${store.person(what.slice(1))?.name || label || what.slice(1)}`;
  if (what.startsWith('#')) return `#${store.channel(what.slice(1))?.name || label || what.slice(1)}`;
  if (what.startsWith('!subteam^')) return `@${store.group(what.slice(9))?.handle || label || what.slice(9)}`;
  if (what.startsWith('!date^')) return label || '';
  if (what.startsWith('!')) return `@${what.slice(1)}`;
  return what;
}

// verbs are the words that may follow a command, from its usage hint: the parts
// between the bars, each up to what one fills in.
export function verbs(hint) {
  return (hint || '').split('|').map((part) => {
    const usage = part.trim();
    const word = /^[\w-]+(?: [\w-]+)*/.exec(usage)?.[0] || '';
    return { word, usage };
  }).filter((v) => v.word);
}
