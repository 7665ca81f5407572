// The page on which a person plays everybody of the simulated workspace.

import { h, replace } from './dom.js';
import { store } from './store.js';
import { follow } from './frames.js';
import { go, where } from './where.js';
import * as drawer from './drawer.js';
import { syncViews } from './views.js';

async function start() {
  await Promise.all([store.loadApp(), store.loadPeople()]);
  const me = store.personNamed(where.as) || [...store.people.values()].find((p) => !p.bot && !p.deactivated);
  store.me = me;
  go({ as: me.name }, { replace: true });
  follow(me.id);
  await store.loadChannels();
  replace(document.getElementById('sidebar'), [...store.channels.values()].map((c) => h('button', { dataset: { testid: `channel-${c.name}` } }, c.name)));
  drawer.draw();
  syncViews();
}

store.on('view', () => syncViews());

start();
