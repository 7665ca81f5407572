// Images. Only files of this very workspace are shown; for one from outside stands
// its description, because this page asks nobody else for anything.

import { h, link, safeHref } from './dom.js';
import { textOf } from './mrkdwn.js';

// ownFile is the address under which this workspace serves the image, or null.
export function ownFile(image, origin) {
  const id = image.slack_file?.id;
  if (/^F[0-9A-Z]{2,20}$/.test(id || '')) return `/sim/files/${id}/content`;
  let url;
  try {
    url = new URL(image.slack_file?.url || image.image_url || '', origin);
  } catch {
    return null;
  }
  const hit = /^\/(?:sim\/files|files-pri)\/(?:[^/]*-)?(F[0-9A-Z]{2,20})(?:\/|$)/.exec(url.pathname);
  return url.origin === origin && hit ? `/sim/files/${hit[1]}/content` : null;
}

export function renderImage(image, kind) {
  const alt = String(image.alt_text ?? image.fallback ?? '');
  const src = ownFile(image, location.origin);
  const title = textOf(image.title);
  if (src) {
    const picture = h('img', { src, alt, loading: 'lazy', decoding: 'async' });
    picture.addEventListener('error', () => picture.replaceWith(box(image, alt, kind)));
    return h('figure', { class: `${kind} bk-picture` }, title && h('figcaption', {}, title), picture);
  }
  return h('figure', { class: kind }, title && h('figcaption', {}, title), box(image, alt, kind));
}

function box(image, alt, kind) {
  const href = safeHref(image.image_url || '');
  const small = kind !== 'bk-image';
  return h('div', { class: 'bk-alt', role: 'img', 'aria-label': `Image: ${alt}`, title: small ? alt : null },
    h('span', { class: 'bk-alt-words' }, small ? alt : `Image: ${alt}`),
    !small && href && h('span', { class: 'bk-alt-note' }, 'Outside images are not loaded here. ', link(href, 'Open it')));
}
