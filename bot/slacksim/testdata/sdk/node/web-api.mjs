// @slack/web-api without bolt, with its default options apart from the API URL.
// The test has seen to it that some of the calls are refused once.
import assert from 'node:assert/strict';
import { WebClient, WebClientEvent } from '@slack/web-api';
import { refusal, slack, tell } from './report.mjs';

const silent = { debug() {}, info() {}, warn() {}, error() {}, setLevel() {}, getLevel: () => 'error', setName() {} };
const options = { slackApiUrl: slack.apiUrl };
const web = new WebClient(slack.botToken, options);

const me = await web.auth.test();
assert.equal(me.team, 'Acme');
assert.ok(me.response_metadata.scopes.includes('chat:write'), 'the scopes stand in a header');

const { channels } = await web.users.conversations({ types: 'public_channel' });
const general = channels.find((c) => c.name === 'general').id;

await retries();
await Promise.all([pages(), errors(), files(), forms()]);
tell('done');

// 429 with Retry-After is obeyed, and the call comes again by itself; so does one
// that a broken server refused.
async function retries() {
  const limited = [];
  web.on(WebClientEvent.RATE_LIMITED, (seconds, { url }) => limited.push({ seconds, method: url.split('/').pop() }));
  const began = Date.now();
  const [posted] = await Promise.all([
    web.chat.postMessage({ channel: general, text: 'Posted after a pause' }),
    web.pins.list({ channel: general }),
  ]);
  assert.ok(posted.ts);
  tell('limited', { limited, ms: Date.now() - began });

  const hasty = new WebClient(slack.botToken, { ...options, rejectRateLimitedCalls: true });
  const error = await refusal(hasty.bookmarks.list({ channel_id: general }));
  tell('hasty', { code: error.code, retryAfter: error.retryAfter });
}

async function pages() {
  const names = [];
  for await (const page of web.paginate('users.list', { limit: 2 })) {
    assert.ok(page.members.length <= 2);
    names.push(...page.members.map((m) => m.name));
  }
  const members = await web.paginate('conversations.members', { channel: general, limit: 3 },
    () => false, (all = [], page) => [...all, ...page.members]);
  const rooms = [];
  for await (const page of web.paginate('conversations.list', { limit: 1, exclude_archived: true })) rooms.push(...page.channels.map((c) => c.name));
  tell('pages', { names, members: members.length, rooms });
}

async function errors() {
  const told = async (call) => {
    const { code, data } = await refusal(call);
    return { code, error: data.error, needed: data.needed, messages: data.response_metadata.messages };
  };
  const quiet = { ...options, logLevel: 'error', logger: silent };
  const mute = new WebClient(slack.botToken, quiet);
  tell('errors', {
    channel: await told(mute.chat.postMessage({ channel: 'C0NOWHERE00', text: 'x' })),
    token: await told(new WebClient('xoxb-of-nobody', quiet).auth.test()),
    none: await told(new WebClient(undefined, quiet).auth.test()),
    method: await told(mute.apiCall('nothing.ofTheKind')),
    cursor: await told(mute.users.list({ cursor: 'bm9uc2Vuc2U' })),
    blocks: await told(mute.chat.postMessage({ channel: general, text: 'x', blocks: [{ type: 'section', text: { type: 'mrkdwn', text: '' } }] })),
    trigger: await told(mute.views.open({ trigger_id: '1.2.3', view: { type: 'modal', title: { type: 'plain_text', text: 'x' }, blocks: [] } })),
    kind: await told(new WebClient(slack.appToken, quiet).auth.test()),
  });
}

async function files() {
  const bytes = Buffer.from([0, 1, 2, 0xff, 0xfe, 13, 10, 45, 45]);
  const up = await web.filesUploadV2({
    channel_id: general, initial_comment: 'Two files',
    file_uploads: [{ file: bytes, filename: 'bytes.bin' }, { content: 'a,b\n', filename: 'rows.csv', title: 'Rows' }],
  });
  const ids = up.files.flatMap((done) => done.files.map((f) => f.id));
  const { file } = await web.files.info({ file: ids[0] });
  const answer = await fetch(file.url_private, { headers: { Authorization: `Bearer ${slack.botToken}` } });
  assert.deepEqual(Buffer.from(await answer.arrayBuffer()), bytes);
  assert.equal((await fetch(file.url_private)).headers.get('content-type').startsWith('application/octet'), false, 'not without the token');
  tell('files', { sizes: await Promise.all(ids.map(async (id) => (await web.files.info({ file: id })).file.size)) });
}

// Arguments in all their forms: arrays, objects, booleans and numbers.
async function forms() {
  const { channel } = await web.conversations.create({ name: 'forms', is_private: false });
  const { members } = await web.users.list({});
  const people = members.filter((m) => !m.is_bot && ['ana', 'ben'].includes(m.name)).map((m) => m.id);
  await web.conversations.invite({ channel: channel.id, users: people.join(',') });
  await web.conversations.setTopic({ channel: channel.id, topic: 'Forms & <arguments>' });
  const { ts } = await web.chat.postMessage({
    channel: channel.id, text: 'With all', unfurl_links: false, reply_broadcast: false,
    blocks: [{ type: 'section', text: { type: 'mrkdwn', text: 'With *all*' } }],
    metadata: { event_type: 'forms', event_payload: { n: 1, deep: { is: true } } },
  });
  await web.reactions.add({ channel: channel.id, timestamp: ts, name: 'eyes' });
  await web.pins.add({ channel: channel.id, timestamp: ts });
  await web.bookmarks.add({ channel_id: channel.id, title: 'Home', type: 'link', link: 'https://example.com/' });
  await web.chat.postEphemeral({ channel: channel.id, user: people[0], text: 'For you' });
  const { messages: [read] } = await web.conversations.history({ channel: channel.id, oldest: ts, inclusive: true, limit: 1, include_all_metadata: true });
  const { permalink } = await web.chat.getPermalink({ channel: channel.id, message_ts: ts });
  assert.match(permalink, /\/archives\/C[0-9A-Z]+\/p[0-9]{16}$/);
  tell('forms', { metadata: read.metadata, reactions: read.reactions.map((r) => r.name), pinned: read.pinned_to.length });
}
