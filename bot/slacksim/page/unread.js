// What a person has not looked at yet. The browser remembers how far each person
// has read each channel.

import { store } from './store.js';

const mentions = new Map();

const key = (channel) => `read ${store.app.team_id} ${store.me?.id} ${channel}`;

export function readUpTo(channel) {
  try {
    return localStorage.getItem(key(channel)) || '0';
  } catch {
    return '0';
  }
}

export function markRead(channel, ts) {
  const counted = mentions.delete(channel);
  if (!ts || ts <= readUpTo(channel)) {
    if (counted) store.emit('unread', channel);
    return;
  }
  try {
    localStorage.setItem(key(channel), ts);
  } catch {
    // A browser that keeps nothing shows more as unread, and no less.
  }
  store.emit('unread', channel);
}

export const isUnread = (channel) => Boolean(channel.member && channel.last_ts && channel.last_ts > readUpTo(channel.id));

export const mentionsIn = (channel) => mentions.get(channel) || 0;

export function forgetMentions() {
  mentions.clear();
}

// count takes note of a new message. One's own words are read as they are written.
export function count(message) {
  const channel = store.channel(message.channel);
  if (!channel || message.deleted || (channel.last_ts && message.ts <= channel.last_ts)) return;
  const behind = isUnread(channel);
  const called = mentionsIn(channel.id);
  channel.last_ts = message.ts;
  if (message.user === store.me.id) {
    if (!behind) markRead(channel.id, message.ts);
  } else if (calls(channel, message)) {
    mentions.set(channel.id, mentionsIn(channel.id) + 1);
  }
  if (isUnread(channel) !== behind || mentionsIn(channel.id) !== called) store.emit('unread', channel.id);
}

// calls tells whether a message is meant for the acting person in particular.
function calls(channel, message) {
  if (channel.kind === 'dm' || message.ephemeral_to) return true;
  // The words of a card are in its blocks.
  const words = message.text + JSON.stringify(message.blocks || []);
  return words.includes(`<@${store.me.id}`) ||
    [...store.groups.values()].some((g) => g.members.includes(store.me.id) && words.includes(`<!subteam^${g.id}`));
}

addEventListener('storage', (event) => event.key?.startsWith('read ') && store.emit('unread'));
