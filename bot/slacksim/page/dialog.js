// Dialogs.

import { h } from './dom.js';

export function openDialog({ title, body, onClose }) {
  const dialog = h('dialog', { 'aria-label': title }, h('h2', {}, title), body);
  dialog.addEventListener('close', () => {
    dialog.remove();
    onClose?.();
  });
  document.body.append(dialog);
  dialog.showModal();
  return { close: () => dialog.close(), node: dialog };
}
