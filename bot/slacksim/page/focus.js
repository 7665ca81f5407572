// Keeping the focus where it is while what holds it is drawn anew.

const names = ['focus', 'testid'];

// keepFocus runs draw and then focuses what has the same name as what had the focus
// inside node, with the same part of its text selected.
export function keepFocus(node, draw) {
  const before = node.contains(document.activeElement) ? document.activeElement : null;
  const kind = names.find((n) => before?.dataset[n]);
  const selection = before && 'selectionStart' in before ? selectionOf(before) : null;
  const scroll = node.scrollTop;
  draw();
  node.scrollTop = scroll;
  if (!before || before.isConnected || !kind) return;
  const after = node.querySelector(`[data-${kind}="${CSS.escape(before.dataset[kind])}"]`);
  after?.focus({ preventScroll: true });
  if (selection && after && 'selectionStart' in after) {
    try {
      after.setSelectionRange(...selection);
    } catch {
      // Some kinds of fields have no selection.
    }
  }
}

// latest is the control, or what was drawn in its place meanwhile.
export function latest(control) {
  const kind = names.find((n) => control.dataset[n]);
  if (control.isConnected || !kind) return control;
  return document.querySelector(`[data-${kind}="${CSS.escape(control.dataset[kind])}"]`) || control;
}

function selectionOf(node) {
  try {
    return node.selectionStart === null ? null : [node.selectionStart, node.selectionEnd, node.selectionDirection];
  } catch {
    return null;
  }
}
