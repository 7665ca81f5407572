// Finds what a person would: things that can be seen, by what they are called.
// The last match counts, since what is new stands below.
(() => {
  if (window.pagetest) return;
  const shown = (e) => e.getClientRects().length > 0 && e.checkVisibility({ visibilityProperty: true });
  const called = (e) => (e.getAttribute('aria-label') || e.innerText || e.value || '').replace(/\s+/g, ' ').trim();
  const all = (css, name) => [...document.querySelectorAll(css)].filter((e) => shown(e) && (!name || called(e) === name));
  let guard = null;

  window.pagetest = {
    all,
    called,
    find: (css, name) => all(css, name).at(-1) || null,
    text: (css) => all(css).map((e) => e.innerText).join('\n'),

    // spot is where to press the thing, once nothing lies over it.
    spot(css, name) {
      const e = window.pagetest.find(css, name);
      if (!e || e.disabled || e.getAttribute('aria-disabled') === 'true') return null;
      const at = () => {
        const r = e.getClientRects()[0];
        const x = r.left + r.width / 2;
        const y = r.top + r.height / 2;
        const top = document.elementFromPoint(x, y);
        return top && (e.contains(top) || top.control === e || top.closest('label')?.control === e) ? { x, y } : null;
      };
      const here = at();
      if (!here) e.scrollIntoView({ block: 'center', inline: 'nearest', behavior: 'instant' });
      return here || at();
    },

    // aim lets the next press through only if it meets the thing: the page may
    // have moved since it was looked for, or between down and up.
    aim(css, name) {
      guard?.abort();
      guard = new AbortController();
      window.pagetest.met = null;
      const check = (event) => {
        const met = all(css, name).some((e) => e.contains(event.target) || event.target.closest('label')?.control === e);
        if (window.pagetest.met === null || (event.type === 'click' && !met)) window.pagetest.met = met;
        if (window.pagetest.met === false) {
          event.stopImmediatePropagation();
          event.preventDefault();
        }
        if (event.type === 'click') guard.abort();
      };
      for (const kind of ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click']) {
        addEventListener(kind, check, { capture: true, signal: guard.signal });
      }
      return true;
    },
    disarm() {
      guard?.abort();
      return window.pagetest.met === true;
    },
  };
})();
