// The time of the workspace, which a test or the administrator may stop and move.

import { get } from './api.js';
import { store } from './store.js';

let ahead = 0; // how far the workspace is before this machine, in milliseconds
let stopped = 0; // where its clock stands, 0 if it goes

// now is the instant of the workspace in seconds.
export const now = () => (stopped || Date.now() + ahead) / 1000;

export async function syncClock() {
  const { now: at, frozen } = await get('clock');
  const instant = Date.parse(at);
  if (Number.isNaN(instant)) return;
  stopped = frozen ? instant : 0;
  ahead = instant - Date.now();
}

const quietly = () => syncClock().catch(() => {});
store.on('clock', quietly);
store.on('resync', quietly);
if (typeof document !== 'undefined') quietly();
