// When a message was written, in the zone of the person who reads.

import { formatDate, full } from './dates.js';
import { now } from './simclock.js';
import { store } from './store.js';

const formats = new Map();

function format(kind, locale, options) {
  const zone = store.me?.tz || 'UTC';
  const key = kind + zone;
  if (!formats.has(key)) {
    let made;
    try {
      made = new Intl.DateTimeFormat(locale, { ...options, timeZone: zone });
    } catch {
      made = new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' });
    }
    formats.set(key, made);
  }
  return formats.get(key);
}

export const seconds = (ts) => parseFloat(ts);

// clock is the time of day.
export const clock = (ts) => format('clock', 'en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(seconds(ts) * 1000);

// day tells days apart.
export const day = (ts) => format('day', 'en-CA', { year: 'numeric', month: '2-digit', day: '2-digit' }).format(seconds(ts) * 1000);

export const dayName = (ts) => formatDate(seconds(ts), '{day_divider_pretty}', store.me?.tz, now()) || '';

// moment names day and time.
export const moment = (ts) => formatDate(seconds(ts), '{date_short_pretty} at {time}', store.me?.tz, now()) || '';

export const whole = (ts) => full(seconds(ts), store.me?.tz);

export const iso = (ts) => new Date(seconds(ts) * 1000).toISOString();
