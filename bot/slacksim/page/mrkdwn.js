// Slack's markup as nodes.

export function renderMrkdwn(text) {
  return renderPlain(text);
}

export function renderPlain(text) {
  const out = document.createDocumentFragment();
  out.append(document.createTextNode(String(text ?? '')));
  return out;
}
