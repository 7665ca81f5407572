// A list of messages in time: the newest at the bottom, at most 200 in the
// document, older and newer ones fetched as one scrolls.

import { h } from './dom.js';
import { drawMessage, follows, isHeadstone, updateMessage } from './message.js';
import { store } from './store.js';
import { day, dayName } from './time.js';

const most = 200;
const step = 60;
const near = 480; // pixels from an edge at which more is fetched

export class Log {
  // fetch takes {before, after, limit} and answers {messages, has_more}; belongs
  // tells whether a message is one of this list.
  constructor({ label, testid, inThread = false, fetch, belongs, onBottom, keepRoot = false, intro = null }) {
    Object.assign(this, { inThread, fetch, belongs, onBottom, keepRoot, intro });
    this.entries = [];
    this.byTS = new Map();
    this.older = this.newer = false;
    this.unseen = 0;
    this.busy = false;
    this.held = null; // frames that come while messages are fetched
    this.run = 0;
    this.list = h('div', { class: 'log', role: 'log', 'aria-label': label, 'aria-live': 'polite', 'aria-relevant': 'additions', id: inThread ? null : 'messages-log', tabindex: '0', dataset: { testid } });
    this.note = h('div', { class: 'log-note soft', hidden: true }, 'Older messages come as you scroll.');
    this.jump = h('button', { class: 'log-jump', type: 'button', hidden: true, on: { click: () => this.toNewest() } });
    this.scroller = h('div', { class: 'log-scroller' }, this.note, intro, this.list);
    this.node = h('div', { class: 'log-pane' }, this.scroller, this.jump);
    this.scroller.addEventListener('scroll', () => this.scrolled(), { passive: true });
    // A picture that loads or a window that shrinks must not hide the newest.
    this.watch = new ResizeObserver(() => this.stuck && this.toBottom());
    this.watch.observe(this.list);
    this.watch.observe(this.scroller);
    this.stuck = true;
  }

  close() {
    this.run++;
    this.watch.disconnect();
  }

  // load shows the newest, or what is around a message. since is up to where one
  // has read: a line is drawn below it.
  async load({ around = '', since = '' } = {}) {
    const run = ++this.run;
    this.since = since;
    this.held ||= [];
    let got;
    try {
      got = await this.ask(around);
    } catch (error) {
      if (run === this.run) this.release();
      throw error;
    }
    if (run !== this.run) return;
    this.list.setAttribute('aria-busy', 'true');
    this.list.replaceChildren();
    this.entries = [];
    this.byTS.clear();
    this.older = got.older;
    this.newer = got.newer;
    for (const m of got.messages) this.insert(m, this.entries.length);
    this.arrange(0, this.entries.length);
    this.list.setAttribute('aria-busy', 'false');
    this.unseen = 0;
    this.told();
    if (around) this.show(around);
    else this.toBottom();
    this.release();
  }

  async ask(around) {
    if (!around) {
      const page = await this.fetch({ limit: step });
      return { messages: page.messages, older: page.has_more, newer: false };
    }
    const [before, after] = await Promise.all([this.fetch({ before: bump(around), limit: step }), this.fetch({ after: around, limit: step })]);
    return { messages: [...before.messages, ...after.messages], older: before.has_more, newer: after.has_more };
  }

  get first() { return this.entries[0]?.message.ts || ''; }
  get last() { return this.entries[this.entries.length - 1]?.message.ts || ''; }
  get atBottom() { return !this.newer && this.stuck; }
  message(ts) { return this.byTS.get(ts)?.message || null; }

  // release takes in what came meanwhile: an answer may be older than it.
  release() {
    const frames = this.held || [];
    this.held = null;
    if (frames.length) this.apply(frames);
  }

  // apply takes in the messages of one animation frame.
  apply(frames) {
    if (this.held) {
      this.held.push(...frames);
      return;
    }
    // At the bottom the newest is what stays in sight: nothing need be measured.
    const steady = this.stuck && !this.newer ? null : this.hold();
    let changed = false;
    for (const f of frames) {
      if (f.thread) {
        const root = this.byTS.get(f.thread.ts);
        if (root) {
          this.update(root, { ...root.message, reply_count: f.thread.reply_count, reply_users: f.thread.reply_users, latest_reply: f.thread.latest_reply });
          changed = true;
        }
      }
      const m = f.message;
      if (m && this.take(m)) changed = true;
    }
    if (!changed) return;
    this.trim();
    this.told();
    if (this.stuck && !this.newer) this.toBottom();
    else steady?.();
  }

  take(m) {
    const known = this.byTS.get(m.ts);
    if (known && (m.deleted && !isHeadstone(m))) {
      this.drop(this.entries.indexOf(known));
      return true;
    }
    if (known) {
      this.update(known, m);
      return true;
    }
    if (m.deleted || !this.belongs(m)) return false;
    if (m.ts > this.last || !this.entries.length) {
      if (m.user !== store.me.id && !(this.stuck && !this.newer)) this.unseen++;
      // Older ones are on screen: the newest come when one scrolls down.
      if (this.newer) return true;
      this.insert(m, this.entries.length);
      this.arrange(this.entries.length - 1, this.entries.length);
      return true;
    }
    if (m.ts < this.first && this.older) return false;
    const at = this.entries.findIndex((e) => e.message.ts > m.ts);
    this.insert(m, at);
    this.arrange(at, at + 2);
    return true;
  }

  insert(m, at) {
    const entry = { message: m, node: drawMessage(m, { inThread: this.inThread }), line: null };
    this.entries.splice(at, 0, entry);
    this.byTS.set(m.ts, entry);
    const next = this.entries[at + 1];
    this.list.insertBefore(entry.node, next ? next.line || next.node : null);
  }

  update(entry, m) {
    entry.message = m;
    this.list.setAttribute('aria-busy', 'true');
    updateMessage(entry.node, m);
    this.list.setAttribute('aria-busy', 'false');
    const at = this.entries.indexOf(entry);
    this.arrange(at, at + 2);
  }

  drop(at) {
    const [entry] = this.entries.splice(at, 1);
    this.byTS.delete(entry.message.ts);
    entry.line?.remove();
    entry.node.remove();
    this.arrange(at, at + 1);
  }

  // arrange decides, for a range of entries, which carry a name and which have a
  // line with the day, or with what is new, above them.
  arrange(from, to) {
    for (let i = Math.max(0, from); i < Math.min(to, this.entries.length); i++) {
      const { message: m, node } = this.entries[i];
      const before = this.entries[i - 1]?.message;
      const newDay = !this.inThread && (!before || day(before.ts) !== day(m.ts));
      const unread = Boolean(this.since) && m.ts > this.since && m.user !== store.me.id && (!before || before.ts <= this.since);
      const root = this.keepRoot && i === 1 ? before.reply_count : 0;
      const words = [newDay && dayName(m.ts), root > 0 && (root === 1 ? '1 reply' : `${root} replies`), unread && 'New'].filter(Boolean).join(' · ');
      node.classList.toggle('cont', !words && follows(before, m));
      const entry = this.entries[i];
      if ((entry.line?.dataset.words || '') === words) continue;
      entry.line?.remove();
      entry.line = words ? h('div', { class: 'line' + (unread ? ' new' : ''), role: 'separator', 'aria-label': words, dataset: { words } }, h('span', {}, words)) : null;
      if (entry.line) this.list.insertBefore(entry.line, node);
    }
  }

  // trim keeps the document small: what one does not look at goes.
  trim(fromTop = this.stuck) {
    while (this.entries.length > most) {
      if (fromTop) {
        this.drop(this.keepRoot ? 1 : 0);
        this.older = true;
      } else {
        this.drop(this.entries.length - 1);
        this.newer = true;
      }
    }
  }

  async more(which) {
    if (this.busy || !this[which] || !this.entries.length) return;
    this.busy = true;
    this.held ||= [];
    const run = this.run;
    const top = this.keepRoot ? 1 : 0;
    try {
      const page = await this.fetch(which === 'older' ? { before: this.entries[top]?.message.ts || this.first, limit: step } : { after: this.last, limit: step });
      if (run !== this.run) return;
      const steady = this.hold();
      this.list.setAttribute('aria-busy', 'true');
      const fresh = page.messages.filter((m) => !this.byTS.has(m.ts));
      this[which] = page.has_more;
      fresh.forEach((m, i) => this.insert(m, which === 'older' ? top + i : this.entries.length));
      this.arrange(which === 'older' ? 0 : this.entries.length - fresh.length, which === 'older' ? fresh.length + top + 1 : this.entries.length);
      this.trim(which === 'newer');
      this.list.setAttribute('aria-busy', 'false');
      this.told();
      steady();
    } finally {
      this.busy = false;
      if (run === this.run) this.release();
    }
  }

  // hold remembers where the first visible message stands, and answers what puts it
  // back there.
  hold() {
    const top = this.scroller.getBoundingClientRect().top;
    const seen = this.entries.find((e) => e.node.getBoundingClientRect().bottom > top);
    const was = seen?.node.getBoundingClientRect().top;
    return () => {
      if (!seen?.node.isConnected) return;
      const moved = seen.node.getBoundingClientRect().top - was;
      if (moved) this.scroller.scrollTop += moved;
    };
  }

  scrolled() {
    const s = this.scroller;
    const below = s.scrollHeight - s.clientHeight - s.scrollTop;
    this.stuck = below < 48 && !this.newer;
    if (this.stuck) {
      this.unseen = 0;
      this.onBottom?.();
    }
    this.told();
    if (s.scrollTop < near) this.more('older');
    if (below < near) this.more('newer');
  }

  toBottom() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.stuck = !this.newer;
    if (this.stuck) this.onBottom?.();
  }

  toNewest() {
    this.unseen = 0;
    if (this.newer) this.load();
    else this.toBottom();
    this.told();
  }

  // told says what is above, and how much is below.
  told() {
    this.note.hidden = !this.older;
    if (this.intro) this.intro.hidden = this.older;
    const far = !this.stuck || this.newer;
    this.jump.hidden = !far || !this.entries.length;
    const words = this.unseen ? `${this.unseen} new ${this.unseen === 1 ? 'message' : 'messages'} ↓` : 'Newest ↓';
    if (this.jump.textContent !== words) this.jump.textContent = words;
    this.jump.classList.toggle('fresh', this.unseen > 0);
  }

  // show brings a message into sight and points it out.
  show(ts) {
    const node = this.byTS.get(ts)?.node;
    if (!node) return false;
    node.scrollIntoView({ block: 'center' });
    node.classList.add('pointed');
    setTimeout(() => node.classList.remove('pointed'), 2000);
    node.focus({ preventScroll: true });
    this.scrolled();
    return true;
  }

  // redraw draws everything anew, after names or the time zone changed.
  redraw() {
    const steady = this.hold();
    for (const e of this.entries) {
      const fresh = drawMessage(e.message, { inThread: this.inThread });
      e.node.replaceWith(fresh);
      e.node = fresh;
    }
    this.arrange(0, this.entries.length);
    steady();
  }
}

// bump is the instant right after a message.
function bump(ts) {
  const [s, micros] = ts.split('.');
  return `${s}.${String(Number(micros) + 1).padStart(6, '0')}`;
}
