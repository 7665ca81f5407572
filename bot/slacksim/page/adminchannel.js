// What an administrator does to channels, and to messages in them.

import { get, post } from './api.js';
import { confirmDialog } from './dialog.js';
import { h, replace } from './dom.js';
import { attempt, choice, field, outcome, refill, tick } from './form.js';
import { store } from './store.js';
import { where } from './where.js';

// follow keeps a select full of all channels, also those that the person who plays
// does not see. It returns what ends that.
function follow(select, then) {
  let ended = false;
  async function load() {
    const { channels } = await get('channels');
    if (ended) return;
    then(channels.filter((c) => c.kind !== 'dm'));
  }
  const quietly = () => load().catch(() => {});
  const off = [store.on('channels', quietly), store.on('resync', quietly)];
  quietly();
  return () => {
    ended = true;
    off.forEach((f) => f());
  };
}

const labelled = (channels) => channels.map((c) => [c.id, `${c.kind === 'private' ? '' : '#'}${c.name}${c.archived ? ' (archived)' : ''}`]);

const people = () => [...store.people.values()].map((p) => [p.id, `${p.real_name || p.name}${p.bot ? ' (app)' : ''}`]);

export function channelPart() {
  const place = outcome();
  const which = choice('channel', [], { 'data-testid': 'admin-channel' });
  const name = h('input', { name: 'name', type: 'text', maxlength: 80, autocomplete: 'off', spellcheck: 'false' });
  const shared = choice('shared', [['none', 'with nobody'], ['pending', 'invited, not yet accepted'], ['external', 'with another company']]);
  const archived = tick('Archived', 'archived');
  const archive = archived.querySelector('input');
  const member = choice('member', []);
  const save = h('button', { type: 'submit', class: 'primary', dataset: { testid: 'admin-channel-save' } }, 'Save');
  const kick = h('button', { type: 'button', dataset: { testid: 'admin-kick' }, on: { click: kickOut } }, 'Remove from the channel');
  const drop = h('button', { type: 'button', class: 'danger', dataset: { testid: 'admin-channel-delete' }, on: { click: remove } }, 'Delete the channel');
  let channels = new Map();

  function fill() {
    const c = channels.get(which.value);
    if (!c) return;
    name.value = c.name;
    shared.value = c.shared || 'none';
    archive.checked = c.archived;
    members();
  }

  async function members() {
    const id = which.value;
    const { members: ids } = await get(`channels/${id}`).catch(() => ({ members: [] }));
    if (which.value === id) refill(member, people().filter(([p]) => ids.includes(p)));
  }

  const set = (words, change, button = save, more = {}) => attempt(button, place, async () => {
    const { channel } = await post('admin/channel', { channel: which.value, set: change, ...more });
    channels.set(channel.id, channel);
    if (which.value === channel.id) fill();
    return words;
  });

  function submit(event) {
    event.preventDefault();
    const c = channels.get(which.value);
    if (!c) return;
    const change = {};
    if (name.value.trim() !== c.name) change.name = name.value.trim();
    if (shared.value !== (c.shared || 'none')) change.shared = shared.value;
    if (archive.checked !== c.archived) change.archived = archive.checked;
    if (Object.keys(change).length) set(`#${change.name || c.name} is changed.`, change);
    else replace(place, 'Nothing was changed.');
  }

  function kickOut() {
    const p = store.person(member.value);
    if (p) set(`${p.real_name || p.name} is no longer in the channel.`, {}, kick, { kick: [p.id] });
  }

  async function remove() {
    const c = channels.get(which.value);
    if (!c) return;
    const sure = await confirmDialog({
      title: { type: 'plain_text', text: 'Delete the channel?' }, text: { type: 'plain_text', text: `#${c.name} and its messages cannot be brought back.` },
      confirm: { type: 'plain_text', text: 'Delete' }, deny: { type: 'plain_text', text: 'Keep it' }, style: 'danger',
    });
    if (sure) set(`#${c.name} is deleted.`, { deleted: true }, drop);
  }

  const form = h('form', { class: 'desk-form', on: { submit } },
    h('div', { class: 'desk-grid' }, field('Channel', which), field('Name', name), field('Shared', shared)),
    archived, save,
    h('div', { class: 'desk-row' }, field('Member', member), kick),
    drop, place);
  which.addEventListener('change', fill);
  const end = follow(which, (all) => {
    channels = new Map(all.map((c) => [c.id, c]));
    refill(which, labelled(all), where.channel);
    if (!form.contains(document.activeElement)) fill();
    else members();
  });
  return { title: 'A channel', node: form, end };
}

export function createPart() {
  const place = outcome();
  const name = h('input', { name: 'name', type: 'text', maxlength: 80, required: true, autocomplete: 'off', spellcheck: 'false' });
  const hidden = tick('Private', 'private');
  const all = tick('With everybody in it, not you alone', 'all');
  const button = h('button', { type: 'submit', dataset: { testid: 'admin-create' } }, 'Create');
  function create(event) {
    event.preventDefault();
    attempt(button, place, async () => {
      const members = all.querySelector('input').checked ? [...store.people.values()].filter((p) => !p.bot && !p.deactivated).map((p) => p.id) : [store.me.id];
      const { channel } = await post('admin/channel', { create: { name: name.value.trim(), private: hidden.querySelector('input').checked, members } });
      name.value = '';
      return `#${channel.name} is there.`;
    });
  }
  return {
    title: 'A new channel',
    node: h('form', { class: 'desk-form', on: { submit: create } }, field('Name', name, 'Small letters, digits, - and _.'), hidden, all, button, place),
  };
}

export function messagePart() {
  const place = outcome();
  const which = choice('channel', []);
  const ts = h('input', {
    name: 'ts', type: 'text', required: true, list: 'desk-messages', inputmode: 'decimal', placeholder: '1795243242.000100', autocomplete: 'off',
    dataset: { testid: 'admin-ts' }, on: { focus: latest },
  });
  const list = h('datalist', { id: 'desk-messages' });
  const button = h('button', { type: 'submit', class: 'danger', dataset: { testid: 'admin-message-delete' } }, 'Delete the message');

  // latest offers the newest messages of the channel by their words.
  async function latest() {
    if (!which.value) return;
    const { messages } = await get(`channels/${which.value}/messages`, { limit: 50 }).catch(() => ({ messages: [] }));
    replace(list, messages.reverse().map((m) => h('option', { value: m.ts }, `${store.person(m.user)?.name || ''}: ${(m.plain || m.text || '').replace(/\s+/g, ' ').slice(0, 60)}`)));
  }

  function remove(event) {
    event.preventDefault();
    attempt(button, place, async () => {
      await post('admin/message', { channel: which.value, ts: ts.value.trim(), delete: true });
      ts.value = '';
      return 'The message is deleted.';
    });
  }

  const end = follow(which, (channels) => refill(which, labelled(channels), where.channel));
  return {
    title: 'A message',
    node: h('form', { class: 'desk-form', on: { submit: remove } }, list,
      h('div', { class: 'desk-grid' }, field('In', which), field('Time stamp', ts, 'The newest are offered.')), button, place),
    end,
  };
}
