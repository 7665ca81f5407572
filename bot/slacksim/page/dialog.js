// Dialogs: they hold the focus, close with Escape, and give the focus back.

import { h } from './dom.js';
import { icon } from './icons.js';
import { renderText, textOf } from './mrkdwn.js';

const focusable = 'a[href], button, input, select, textarea, summary, [tabindex]';

let count = 0;

export function focusables(node) {
  return [...node.querySelectorAll(focusable)].filter((n) => n.tabIndex >= 0 && !n.disabled && n.getClientRects().length > 0);
}

// modalDialog shows a <dialog> that keeps Tab inside and asks onEscape instead of
// closing by itself. close() takes it away and gives the focus back.
export function modalDialog(node, { onEscape }) {
  const before = document.activeElement;
  node.addEventListener('cancel', (event) => {
    event.preventDefault();
    onEscape();
  });
  node.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !event.defaultPrevented) {
      event.preventDefault();
      event.stopPropagation();
      onEscape();
    }
    if (event.key === 'Tab') wrapTab(node, event);
  });
  document.body.append(node);
  node.showModal();
  return {
    close() {
      if (!node.isConnected) return;
      node.close();
      node.remove();
      if (before?.isConnected && before !== document.body) before.focus({ preventScroll: true });
    },
  };
}

function wrapTab(node, event) {
  const all = focusables(node);
  if (!all.length) {
    event.preventDefault();
    return;
  }
  const at = document.activeElement;
  const inside = node.contains(at);
  if (event.shiftKey && (!inside || at === all[0] || at === node)) {
    event.preventDefault();
    all.at(-1).focus();
  } else if (!event.shiftKey && (!inside || at === all.at(-1))) {
    event.preventDefault();
    all[0].focus();
  }
}

// openDialog shows something with a title. actions are buttons {label, style,
// onClick, testid}; one whose onClick answers false leaves the dialog open. onClose
// hears of every end.
export function openDialog({ title, body, actions = [], onClose, testid = 'dialog', wide = false, closable = true }) {
  const id = `dialog-${++count}`;
  let open = true;
  const close = () => {
    if (!open) return;
    open = false;
    handle.close();
    onClose?.();
  };
  const button = (a) => h('button', {
    type: 'button', class: `bk-button ${a.style ? `bk-${a.style}` : ''}`, dataset: { testid: a.testid },
    on: { click: async () => (await a.onClick?.()) !== false && close() },
  }, a.label);
  const node = h('dialog', { class: `dlg${wide ? ' dlg-wide' : ''}`, 'aria-labelledby': id, dataset: { testid } },
    h('div', { class: 'dlg-head' }, h('h2', { id, tabindex: '-1' }, title),
      closable && h('button', { type: 'button', class: 'dlg-x', 'aria-label': 'Close', on: { click: close } }, icon('close'))),
    h('div', { class: 'dlg-body' }, body),
    actions.length ? h('div', { class: 'dlg-foot' }, actions.map(button)) : null);
  const handle = modalDialog(node, { onEscape: close });
  (focusables(node.querySelector('.dlg-body'))[0] || node.querySelector('.dlg-foot button:last-child') || node.querySelector('h2')).focus();
  return { node, close };
}

// confirmDialog asks what a confirm object of Slack asks. It resolves to whether
// the person agreed.
export function confirmDialog(confirm) {
  return new Promise((resolve) => {
    let agreed = false;
    const danger = confirm.style === 'danger';
    const { node } = openDialog({
      title: textOf(confirm.title) || 'Are you sure?', testid: 'confirm', closable: false,
      body: h('div', { class: 'dlg-words' }, renderText(confirm.text)),
      actions: [
        { label: textOf(confirm.deny) || 'Cancel', testid: 'confirm-deny' },
        { label: textOf(confirm.confirm) || 'Yes', style: danger ? 'danger' : 'primary', testid: 'confirm-yes', onClick: () => { agreed = true; } },
      ],
      onClose: () => resolve(agreed),
    });
    node.setAttribute('role', 'alertdialog');
    node.querySelector('[data-testid="confirm-yes"]').focus();
  });
}
