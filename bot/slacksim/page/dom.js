// Nodes of the document. Text becomes text nodes and nothing else, so that what a
// person or an app wrote can never become markup.

// h makes an element. Attributes: class; on, an object of listeners; dataset; all
// others as they are, true as an empty attribute, false, null and undefined not at
// all. Children: nodes, strings, numbers, arrays of them; null and false are none.
export function h(tag, attrs, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attrs || {})) {
    if (name === 'on') {
      for (const [event, f] of Object.entries(value)) node.addEventListener(event, f);
    } else if (name === 'dataset') {
      for (const [key, v] of Object.entries(value)) if (v != null) node.dataset[key] = v;
    } else if (/^(style|on.*)$/i.test(name)) {
      throw new Error(`${name} is not set as an attribute`); // the page's policy forbids it
    } else if (value === true) {
      node.setAttribute(name, '');
    } else if (value !== false && value != null) {
      node.setAttribute(name, String(value));
    }
  }
  put(node, children);
  return node;
}

function put(node, children) {
  for (const child of children) {
    if (child == null || child === false || child === true) continue;
    if (Array.isArray(child)) put(node, child);
    else if (child instanceof Node) node.append(child);
    else node.append(document.createTextNode(String(child)));
  }
}

export function clear(node) {
  node.replaceChildren();
  return node;
}

export function replace(node, ...children) {
  node.replaceChildren();
  put(node, children);
  return node;
}

// live says something to those who listen to the page instead of looking at it.
export function live(text) {
  const region = document.getElementById('live');
  if (!region) return;
  // The same words twice are announced twice only if the region changes.
  region.textContent = region.textContent === text ? text + '\u00a0' : text;
}

// safeHref is the address if a link may lead there, else null.
export function safeHref(url) {
  try {
    const { protocol } = new URL(url);
    return ['http:', 'https:', 'mailto:'].includes(protocol) ? url : null;
  } catch {
    return null;
  }
}

// link is a link that opens beside the page, or plain words if its address is not
// one that may be followed.
export function link(url, ...children) {
  const href = safeHref(url);
  if (!href) return h('span', {}, ...children);
  return h('a', { href, target: '_blank', rel: 'noopener noreferrer' }, ...children);
}
