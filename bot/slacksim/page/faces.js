// How people look: their names, and their initials on a colour of their own.

import { h } from './dom.js';
import { store } from './store.js';

export const nameOf = (person) => (person ? person.real_name || person.name : 'Somebody unknown');

function initials(name) {
  const words = name.trim().split(/\s+/);
  const letters = words.length > 1 ? [words[0], words[words.length - 1]] : [name.slice(0, 2)];
  return letters.map((w) => (words.length > 1 ? [...w][0] : w)).join('').toUpperCase();
}

// tint keeps the hue of a colour and gives it the depth on which white can be read.
function tint(colour) {
  const hit = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(colour || '');
  if (!hit) return '';
  const hex = hit[1].length === 3 ? [...hit[1]].map((c) => c + c).join('') : hit[1];
  const [r, g, b] = [0, 2, 4].map((i) => parseInt(hex.slice(i, i + 2), 16));
  const top = Math.max(r, g, b);
  const span = top - Math.min(r, g, b);
  if (!span) return 'hsl(190 12% 34%)';
  const hue = 60 * (top === r ? ((g - b) / span + 6) % 6 : top === g ? (b - r) / span + 2 : (r - g) / span + 4);
  return `hsl(${Math.round(hue)} 42% 32%)`;
}

// avatar is for the eye alone: the name always stands beside it.
export function avatar(person, small = false) {
  const node = h('span', { class: 'avatar' + (small ? ' small' : '') + (person?.bot ? ' app' : ''), 'aria-hidden': 'true' }, initials(nameOf(person)));
  const colour = tint(person?.color);
  if (colour) node.style.setProperty('--face', colour);
  return node;
}

// marks are what one should know of somebody besides the name.
export function marks(person) {
  if (!person) return [];
  const out = [];
  if (person.bot) out.push('App');
  if (person.guest !== 'none' && person.guest) out.push('Guest');
  if (person.stranger) out.push('External');
  if (person.deactivated) out.push('Deactivated');
  return out.map((words) => h('span', { class: 'tag' }, words));
}

// people are the accounts that a person can play or name, by name.
export function people({ bots = false } = {}) {
  return [...store.people.values()]
    .filter((p) => (bots || !p.bot) && !p.deactivated)
    .sort((a, b) => nameOf(a).localeCompare(nameOf(b)));
}
