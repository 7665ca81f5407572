// Dates as Slack's client writes them, in somebody's time zone. Times are of the 24
// hours, which in Slack is a preference.

const formats = new Map();

function formatter(zone, options) {
  const key = zone + JSON.stringify(options);
  if (!formats.has(key)) {
    let made;
    try {
      made = new Intl.DateTimeFormat('en-US', { ...options, timeZone: zone || 'UTC' });
    } catch {
      made = new Intl.DateTimeFormat('en-US', { ...options, timeZone: 'UTC' });
    }
    formats.set(key, made);
  }
  return formats.get(key);
}

const whole = {
  year: 'numeric', month: 'long', day: 'numeric', weekday: 'long', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23',
};

// parts takes an instant, in seconds, apart in a zone.
export function parts(seconds, zone) {
  const at = new Date(seconds * 1000);
  const found = Object.fromEntries(formatter(zone, whole).formatToParts(at).map((p) => [p.type, p.value]));
  const month = Number(formatter(zone, { month: 'numeric' }).format(at));
  return { ...found, monthNumber: month, year: Number(found.year), day: Number(found.day) };
}

const two = (n) => String(n).padStart(2, '0');

export function ordinal(n) {
  const tens = n % 100;
  if (tens >= 11 && tens <= 13) return `${n}th`;
  return n + (['th', 'st', 'nd', 'rd'][n % 10] || 'th');
}

const dayNumber = (p) => Date.UTC(p.year, p.monthNumber - 1, p.day) / 86400000;

// nearDay is yesterday, today or tomorrow, or nothing.
function nearDay(p, now) {
  return { '-1': 'yesterday', 0: 'today', 1: 'tomorrow' }[dayNumber(p) - dayNumber(now)] || '';
}

const halfYear = 183 * 86400;

// formatDate fills in the tokens of a date format; null if there is no such
// instant. Both instants are in seconds.
export function formatDate(seconds, format, zone, now) {
  if (!Number.isFinite(seconds) || Math.abs(seconds) > 8.64e12) return null;
  const p = parts(seconds, zone);
  const today = parts(now, zone);
  const near = nearDay(p, today);
  const year = Math.abs(seconds - now) > halfYear ? `, ${p.year}` : '';
  const short = p.month.slice(0, 3);
  const tokens = {
    date_num: () => `${p.year}-${two(p.monthNumber)}-${two(p.day)}`,
    date_slash: () => `${two(p.day)}/${two(p.monthNumber)}/${p.year}`,
    date: () => `${p.month} ${ordinal(p.day)}${year}`,
    date_short: () => `${short} ${p.day}${year}`,
    date_long: () => `${p.weekday}, ${p.month} ${ordinal(p.day)}, ${p.year}`,
    date_long_full: () => `${p.month} ${p.day}, ${p.year}`,
    date_pretty: () => near || tokens.date(),
    date_short_pretty: () => near || tokens.date_short(),
    date_long_pretty: () => near || tokens.date_long(),
    day_divider_pretty: () => near || `${p.weekday}, ${p.month} ${ordinal(p.day)}${p.year === today.year ? '' : `, ${p.year}`}`,
    time: () => `${p.hour}:${p.minute}`,
    time_secs: () => `${p.hour}:${p.minute}:${p.second}`,
    ago: () => ago(seconds - now),
  };
  // A format that begins with a word begins with a capital.
  return format.replace(/\{([a-z_]{1,24})\}/g, (token, name, at) => {
    if (!Object.hasOwn(tokens, name)) return token;
    const words = tokens[name]();
    return at === 0 ? words[0].toUpperCase() + words.slice(1) : words;
  });
}

const steps = [['year', 31536000], ['month', 2592000], ['day', 86400], ['hour', 3600], ['minute', 60]];

// ago says how far away a moment is, in seconds from now.
export function ago(distance) {
  const far = Math.abs(distance);
  for (const [unit, length] of steps) {
    if (far < length) continue;
    const n = Math.floor(far / length);
    const words = `${n} ${unit}${n === 1 ? '' : 's'}`;
    return distance < 0 ? `${words} ago` : `in ${words}`;
  }
  return distance < -5 ? `${Math.floor(far)} seconds ago` : distance > 5 ? `in ${Math.floor(far)} seconds` : 'just now';
}

// full is an instant in whole, for who wants to be sure.
export function full(seconds, zone) {
  const p = parts(seconds, zone);
  return `${p.weekday}, ${p.month} ${p.day}, ${p.year}, ${p.hour}:${p.minute}:${p.second} (${zone || 'UTC'})`;
}

// toLocal is an instant as the value of a field of date and time.
export function toLocal(seconds, zone) {
  const p = parts(seconds, zone);
  return `${String(p.year).padStart(4, '0')}-${two(p.monthNumber)}-${two(p.day)}T${p.hour}:${p.minute}`;
}

// fromLocal is the instant, in seconds, that such a value means in a zone; NaN if
// it means none. A time that does not exist, when clocks go forward, is the one an
// hour later.
export function fromLocal(value, zone) {
  const hit = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)/.exec(value || '');
  if (!hit) return NaN;
  const wanted = Date.UTC(+hit[1], hit[2] - 1, +hit[3], +hit[4], +hit[5]) / 1000;
  let at = wanted;
  for (let n = 0; n < 2; n++) at = wanted - offset(at, zone);
  return at;
}

function offset(seconds, zone) {
  const p = parts(seconds, zone);
  return Date.UTC(p.year, p.monthNumber - 1, p.day, +p.hour, +p.minute, +p.second) / 1000 - seconds;
}
