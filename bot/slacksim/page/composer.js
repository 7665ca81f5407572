// Where one writes: Enter sends, Shift+Enter breaks the line, a slash begins a
// command.

import { act, failure, wrong } from './acts.js';
import { completer } from './complete.js';
import { clear, h, live, replace } from './dom.js';
import { icon } from './icons.js';
import { keep } from './keep.js';
import { openShortcuts } from './shortcuts.js';
import { store } from './store.js';

const drafts = new Map(keep('drafts of messages', () => [...drafts]));

const draftKey = (channel, thread) => [store.me.id, channel.id, thread].join(' ');

// unsent shows what was typed where one can no longer write, so that it can be taken
// elsewhere; null if it is nothing.
export function unsent(channel, thread = '') {
  const text = drafts.get(draftKey(channel, thread));
  if (!text) return null;
  const field = h('textarea', { class: 'unsent-field', readonly: true, rows: Math.min(text.split('\n').length, 6), dataset: { testid: 'unsent' } });
  field.value = text;
  return h('label', { class: 'unsent' }, 'You had typed, and not sent:', field);
}

const largest = 45e6; // bytes of a file: written as text, as the page sends it, it has a third more

// short is a label that fits one line of a narrow pane.
const short = (label) => (label.length > 36 ? `${label.slice(0, 34).replace(/[-_ ]+$/, '')}…` : label);

// composer makes one for a channel, or for the thread of a message in it.
export function composer({ channel, thread = '', label, onSent, onEditLast }) {
  const inThread = Boolean(thread);
  const key = draftKey(channel, thread);
  const field = h('textarea', {
    class: 'composer-field', rows: '1', placeholder: short(label), 'aria-label': label, autocomplete: 'off', spellcheck: 'true',
    dataset: { testid: inThread ? 'thread-composer' : 'composer' },
  });
  const error = h('div', { class: 'composer-error', role: 'alert', hidden: true, dataset: { testid: 'composer-error' } });
  const proposals = completer(field, { inThread, onTake: changed });
  const pick = h('input', { type: 'file', class: 'unseen', tabindex: '-1', 'aria-hidden': 'true', multiple: true });
  const send = h('button', { class: 'primary composer-send', type: 'submit', 'aria-label': 'Send', title: 'Send (Enter)', dataset: { testid: inThread ? 'thread-send' : 'send' } }, icon('send'));
  const tools = [
    h('button', { class: 'quiet', type: 'button', 'aria-label': 'Share a file', title: 'Share a file', on: { click: () => pick.click() } }, icon('clip')),
    h('button', { class: 'quiet', type: 'button', 'aria-label': 'Mention somebody', title: 'Mention somebody', on: { click: () => insert('@') } }, h('span', { class: 'glyph', 'aria-hidden': 'true' }, '@')),
    !inThread && h('button', {
      class: 'quiet', type: 'button', 'aria-label': 'Shortcuts', title: 'Shortcuts and commands', 'aria-haspopup': 'menu', dataset: { testid: 'shortcut-menu' },
      on: { click: (e) => openShortcuts(e.currentTarget, { onCommand: (c) => { field.value = ''; insert(`${c} `); } }) },
    }, icon('bolt')),
  ];
  const form = h('form', { class: 'composer', on: { submit: (e) => { e.preventDefault(); submit(); } } },
    proposals.list, error,
    h('div', { class: 'composer-box' }, field, h('div', { class: 'composer-tools' }, tools, h('span', { class: 'grow' }), send)), pick);

  function changed() {
    if (field.value) drafts.set(key, field.value);
    else drafts.delete(key);
    send.disabled = !field.value.trim();
    field.style.setProperty('height', 'auto');
    field.style.setProperty('height', `${Math.min(field.scrollHeight + 2, 240)}px`);
  }

  function insert(text) {
    const start = field.selectionStart;
    const lead = text === '@' && start > 0 && !/\s$/.test(field.value.slice(0, start)) ? ' ' : '';
    field.setRangeText(lead + text, start, field.selectionEnd, 'end');
    field.focus();
    changed();
    proposals.look();
  }

  function say(words, note) {
    error.hidden = !words;
    if (words) {
      replace(error, h('span', { class: 'grow' }, words, note && h('small', {}, note)),
        h('button', { class: 'quiet', type: 'button', 'aria-label': 'Dismiss', on: { click: () => { say(''); field.focus(); } } }, icon('close')));
    } else {
      clear(error);
    }
  }

  // submit empties the field at once and gives the words back if they were refused.
  async function submit() {
    const text = field.value.trim() && field.value.replace(/\s+$/, '');
    if (!text) return;
    say('');
    proposals.close();
    field.value = '';
    changed();
    const restore = (words, note) => {
      if (!field.value) field.value = text;
      changed();
      say(words, note);
    };
    try {
      if (!text.startsWith('/')) {
        // A space before a slash only says that this is no command.
        await act('message', { channel: channel.id, text: inThread ? text : text.trimStart(), ...(inThread ? { thread_ts: thread } : {}) });
      } else if (inThread) {
        restore(`${text.split(/\s/)[0]} is not supported in threads. Sorry!`, 'Run it in the channel instead.');
        return;
      } else {
        const [, command, rest] = /^(\S+)\s*([\s\S]*)$/.exec(text);
        const outcome = await act('slash', { channel: channel.id, command, text: rest });
        const bad = wrong(outcome);
        if (bad) {
          restore(bad, 'Your command is back in the field.');
          return;
        }
        if (outcome.shown) live(outcome.shown);
      }
      onSent?.();
    } catch (problem) {
      const unknown = text.startsWith('/') && problem.error === 'not_possible' && problem.detail.includes('is not a command');
      restore(failure(problem), unknown ? 'Text that begins with a slash is a command. To send it as a message, begin it with a space.' : '');
    }
  }

  async function upload(files) {
    for (const file of files) {
      if (file.size > largest) {
        say(`${file.name} was not shared: it has ${Math.ceil(file.size / 1e6)} MB, and no more than ${largest / 1e6} fit.`, 'Share a part of it, or a smaller one.');
        continue;
      }
      say('');
      live(`Uploading ${file.name}`);
      send.disabled = true;
      try {
        await act('upload', { channel: channel.id, filename: file.name, content_base64: await base64(file), ...(inThread ? { thread_ts: thread } : {}) });
        onSent?.();
      } catch (problem) {
        say(`${file.name} was not shared: ${failure(problem)}`);
      }
    }
    changed();
  }

  field.addEventListener('input', () => { changed(); proposals.look(); });
  field.addEventListener('click', () => proposals.look());
  field.addEventListener('blur', () => proposals.close());
  field.addEventListener('paste', (e) => {
    if (e.clipboardData?.files.length) {
      e.preventDefault();
      upload([...e.clipboardData.files]);
    }
  });
  field.addEventListener('keydown', (event) => {
    if (event.isComposing || proposals.key(event)) return;
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      submit();
    } else if (event.key === 'ArrowUp' && !field.value && onEditLast?.()) {
      event.preventDefault();
    } else if (['PageUp', 'PageDown'].includes(event.key) && field.scrollHeight <= field.clientHeight) {
      event.preventDefault();
      const list = form.closest('#main, #side').querySelector('.log-scroller');
      list.scrollBy({ top: (event.key === 'PageUp' ? -0.9 : 0.9) * list.clientHeight });
    }
  });
  pick.addEventListener('change', () => { upload([...pick.files]); pick.value = ''; });
  form.addEventListener('dragover', (e) => e.preventDefault());
  form.addEventListener('drop', (e) => { e.preventDefault(); upload([...e.dataTransfer.files]); });

  field.value = drafts.get(key) || '';
  requestAnimationFrame(changed);
  return { node: form, field, focus: () => field.focus({ preventScroll: true }) };
}

async function base64(file) {
  const url = await new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(new Error('the file cannot be read'));
    reader.readAsDataURL(file);
  });
  return url.slice(url.indexOf(',') + 1);
}
