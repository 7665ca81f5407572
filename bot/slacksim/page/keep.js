// What somebody has typed and not sent outlives a reload of the tab. The browser
// keeps it, for this tab alone.

const kept = new Map();

// keep answers what was kept under a name, and asks write for what to keep when the
// tab goes away. What cannot be read is as good as nothing.
export function keep(name, write) {
  kept.set(name, write);
  try {
    return JSON.parse(sessionStorage.getItem(name)) || [];
  } catch {
    return [];
  }
}

function save() {
  for (const [name, write] of kept) {
    try {
      sessionStorage.setItem(name, JSON.stringify(write()));
    } catch {
      // A browser that keeps nothing, or no more than so much, loses it with the tab.
    }
  }
}

addEventListener('pagehide', save);
document.addEventListener('visibilitychange', () => document.hidden && save());
