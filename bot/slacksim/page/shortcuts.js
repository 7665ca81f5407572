// The shortcuts of the app: global ones, and those of a message.

import { act, attempt } from './acts.js';
import { openMenu } from './menu.js';
import { store } from './store.js';

const of = (type) => store.app.shortcuts.filter((s) => s.type === type);

export function openShortcuts(anchor, { onCommand } = {}) {
  const items = of('global').map((s) => ({
    icon: 'bolt', label: s.name, note: store.app.name, testid: `shortcut-${s.callback_id}`,
    act: () => attempt(() => act('shortcut', { callback_id: s.callback_id })),
  }));
  if (items.length && onCommand && store.app.commands.length) items.push('-');
  if (onCommand) {
    for (const c of store.app.commands) {
      items.push({ icon: 'send', label: c.command, note: c.description, testid: `command-${c.command.slice(1)}`, act: () => onCommand(c.command) });
    }
  }
  if (!items.length) items.push({ label: 'The app has no global shortcuts', note: 'Its manifest names none.', act: () => {} });
  openMenu(anchor, items, { label: 'Shortcuts', title: 'Shortcuts', testid: 'shortcuts' });
}

// messageShortcuts are entries for the menu of a message.
export const messageShortcuts = (message) => of('message').map((s) => ({
  icon: 'bolt', label: s.name, note: store.app.name, testid: `shortcut-${s.callback_id}`,
  act: () => attempt(() => act('shortcut', { callback_id: s.callback_id, channel: message.channel, ts: message.ts })),
}));
