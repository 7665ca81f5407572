// Keeping the focus where it is while what holds it is drawn anew.

// keepFocus runs draw and then focuses what has the same name as what had the focus
// inside node, with the same part of its text selected.
export function keepFocus(node, draw) {
  const before = node.contains(document.activeElement) ? document.activeElement : null;
  const name = before?.dataset.focus;
  const selection = before && 'selectionStart' in before ? selectionOf(before) : null;
  const scroll = node.scrollTop;
  draw();
  node.scrollTop = scroll;
  if (!before || before.isConnected || !name) return;
  const after = node.querySelector(`[data-focus="${CSS.escape(name)}"]`);
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
  const name = control.dataset.focus;
  if (control.isConnected || !name) return control;
  return document.querySelector(`[data-focus="${CSS.escape(name)}"]`) || control;
}

function selectionOf(node) {
  try {
    return node.selectionStart === null ? null : [node.selectionStart, node.selectionEnd, node.selectionDirection];
  } catch {
    return null;
  }
}
