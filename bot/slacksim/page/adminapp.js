// What an administrator does to the app: its token, its scopes, where it is called.

import { get, post } from './api.js';
import { h, replace } from './dom.js';
import { attempt, field, outcome, tick } from './form.js';
import { store } from './store.js';

export function appPart() {
  const place = outcome();
  const facts = h('p', { class: 'desk-hint' });
  const scopes = h('div', { class: 'desk-scopes' });
  const summary = h('summary', {}, 'Scopes');
  const known = new Set(); // scopes seen while the desk is open, revoked ones too
  let ended = false;

  const act = (button, words, change) => attempt(button, place, async () => {
    draw(await post('admin/app', change));
    return words;
  });
  const revoke = h('button', { type: 'button', class: 'danger', dataset: { testid: 'token-revoke' }, on: { click: () => act(revoke, 'The tokens are worthless now.', { revoke_token: true }) } }, 'Revoke the token');
  const restore = h('button', { type: 'button', dataset: { testid: 'token-restore' }, on: { click: () => act(restore, 'The tokens are valid.', { revoke_token: false }) } }, 'Restore it');
  const another = h('input', { name: 'scope', type: 'text', required: true, placeholder: 'reactions:read', autocomplete: 'off', spellcheck: 'false' });
  const grant = h('button', { type: 'submit' }, 'Grant');
  const url = h('input', { name: 'request_url', type: 'url', placeholder: 'none: Socket Mode', autocomplete: 'off', spellcheck: 'false' });
  const call = h('button', { type: 'submit' }, 'Set');

  function draw(app) {
    store.app = { ...store.app, ...app };
    for (const s of app.scopes) known.add(s);
    replace(facts, `${app.connections} ${app.connections === 1 ? 'connection' : 'connections'}, ${app.mode === 'http' ? 'called over signed HTTP' : 'Socket Mode'}. API: ${app.api_url}`);
    summary.textContent = `Scopes (${app.scopes.length} held)`;
    const held = scopes.contains(document.activeElement) ? document.activeElement.name : '';
    replace(scopes, [...known].sort().map((name) => scope(name, app.scopes.includes(name))));
    if (held) scopes.querySelector(`[name="${CSS.escape(held)}"]`)?.focus();
    if (document.activeElement !== url) url.value = app.request_url || '';
  }

  function scope(name, has) {
    const label = tick(name, name);
    const box = label.querySelector('input');
    box.checked = has;
    box.addEventListener('change', async () => {
      const done = box.checked
        ? await act(box, `${name} is granted.`, { grant_scopes: [name] })
        : await act(box, `${name} is revoked.`, { revoke_scopes: [name] });
      if (!done) box.checked = !box.checked;
    });
    return label;
  }

  const load = () => get('app').then((app) => ended || draw(app)).catch(() => {});
  load();
  const off = [store.on('connection', load), store.on('resync', load)];
  const submit = (f) => ({ submit: (event) => { event.preventDefault(); f(); } });
  return {
    title: 'The app',
    node: h('div', {}, facts,
      h('div', { class: 'desk-row' }, revoke, restore),
      h('details', { class: 'desk-kind' }, summary, scopes,
        h('form', { class: 'desk-row', on: submit(async () => { if (await act(grant, `${another.value.trim()} is granted.`, { grant_scopes: [another.value.trim()] })) another.value = ''; }) },
          field('Another scope', another), grant)),
      h('form', { class: 'desk-row', on: submit(() => act(call, url.value ? 'The app is called there.' : 'The app is reached over Socket Mode.', { request_url: url.value.trim() || null })) },
        field('Request URL', url), call),
      place),
    end() {
      ended = true;
      off.forEach((f) => f());
    },
  };
}
