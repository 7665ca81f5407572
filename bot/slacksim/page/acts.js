// What the acting person does, and how its failure is said.

import { ApiError, post } from './api.js';
import { live } from './dom.js';
import { store } from './store.js';

export const act = (what, body) => post(`as/${encodeURIComponent(store.me.id)}/${what}`, body);

// failure is an error as a sentence.
export function failure(error) {
  if (!(error instanceof ApiError)) console.error(error);
  const words = error.detail || error.message || String(error);
  return words[0].toUpperCase() + words.slice(1) + (/[.!?]$/.test(words) ? '' : '.');
}

// wrong tells what the app made of an act if it was not well: it was not there, or
// did not answer in time. Events are between Slack and the app: who reacts to a
// message never hears of them.
export function wrong(outcome) {
  const late = (outcome.deliveries || []).find((d) => d.type !== 'events_api' && d.state !== 'acked' && d.state !== 'pending');
  const failed = /^\/\S+ failed with the error/.test(outcome.shown || '');
  if (!late && !failed) return '';
  if (late?.state === 'no_connection') return `${outcome.shown || 'The app was not reached'}: no app is connected.`;
  return outcome.shown ? `${outcome.shown}.` : 'The app did not answer in time.';
}

let timer = 0;

// say shows something for a while at the bottom of the page.
export function say(words, { bad = false } = {}) {
  let node = document.getElementById('toast');
  if (!node) {
    node = document.createElement('div');
    node.id = 'toast';
    document.body.append(node);
  }
  node.textContent = words;
  node.className = bad ? 'bad' : '';
  node.dataset.testid = 'toast';
  node.hidden = false;
  live(words);
  clearTimeout(timer);
  timer = setTimeout(() => { node.hidden = true; }, 6000);
}

// attempt does something of which only the failure is worth a word.
export async function attempt(f) {
  try {
    const outcome = await f();
    const bad = outcome && wrong(outcome);
    if (bad) say(bad, { bad: true });
    return outcome;
  } catch (error) {
    say(failure(error), { bad: true });
    return null;
  }
}
