// What the page knows about the workspace, and who wants to hear of changes.

import { get } from './api.js';

const listeners = new Map();

// Topics: people, channels, message, view, traffic, fault, clock, connection and
// resync carry one frame of the stream each (or none, if the page itself asks).
// batch carries all the frames of one animation frame; where are the person,
// channel, thread or drawer on which one looks.
export const store = {
  me: null,
  app: { commands: [], shortcuts: [], connections: 0 },
  people: new Map(),
  channels: new Map(),
  groups: new Map(),

  person: (id) => store.people.get(id) || null,
  channel: (id) => store.channels.get(id) || null,
  group: (id) => store.groups.get(id) || null,

  // channelNamed finds #general, general, or @app for the conversation with the app.
  channelNamed(name) {
    const dm = name.startsWith('@');
    return [...store.channels.values()].find((c) => c.name === name.replace(/^[#@]/, '') && (!dm || c.kind === 'dm')) || null;
  },

  personNamed: (name) => [...store.people.values()].find((p) => p.name === name || p.id === name) || null,

  // on returns what ends the listening.
  on(topic, f) {
    if (!listeners.has(topic)) listeners.set(topic, new Set());
    listeners.get(topic).add(f);
    return () => listeners.get(topic).delete(f);
  },

  // emit tells everybody, also those after one who failed.
  emit(topic, data) {
    for (const f of [...(listeners.get(topic) || [])]) {
      try {
        f(data);
      } catch (failure) {
        console.error(failure);
      }
    }
  },

  async loadApp() {
    store.app = await get('app');
  },

  async loadPeople() {
    const [people, groups] = await Promise.all([get('people'), get('usergroups')]);
    store.people = new Map(people.people.map((p) => [p.id, p]));
    store.groups = new Map(groups.usergroups.map((g) => [g.id, g]));
    if (store.me) store.me = store.people.get(store.me.id) || store.me;
  },

  // loadChannels drops an answer that is about somebody else by now.
  async loadChannels() {
    const me = store.me;
    const { channels } = await get('channels', { as: me.id });
    if (store.me?.id !== me.id) return;
    store.channels = new Map(channels.map((c) => [c.id, c]));
  },
};
