// The part of the page that a phone's keyboard leaves free. Browsers that shrink the
// page for the keyboard need no help; the others tell how much of it can be seen.

const view = globalThis.visualViewport;

// What somebody has zoomed into is smaller too, and stays as it is.
function fit() {
  const free = Math.abs(view.scale - 1) < 0.01 && view.height < innerHeight - 1 ? `${Math.floor(view.height)}px` : '';
  document.documentElement.style.setProperty('--view', free || '100dvh');
  if (free) scrollTo(0, 0);
}

view?.addEventListener('resize', fit);
