// @slack/socket-mode without bolt: three connections of one app, each with its
// default options apart from the API URL.
import { subscribe } from 'node:diagnostics_channel';
import { SocketModeClient } from '@slack/socket-mode';
import { WebClient } from '@slack/web-api';
import { asked, refusal, slack, tell } from './report.mjs';

const clientOptions = { slackApiUrl: slack.apiUrl };
const web = new WebClient(slack.botToken, clientOptions);
const plain = (text) => ({ type: 'plain_text', text });

function connection(by) {
  const client = new SocketModeClient({ appToken: slack.appToken, clientOptions: { ...clientOptions } });
  client.on('slash_commands', async ({ body, ack }) => {
    tell(`command ${body.text}`, { by });
    if (body.text === 'silence') return;
    if (body.text !== 'form') {
      await ack({ text: `${body.text}, heard by ${by}`, response_type: body.text === 'loud' ? 'in_channel' : 'ephemeral' });
      return;
    }
    await ack();
    const input = { type: 'input', block_id: 'name', label: plain('Name'), element: { type: 'plain_text_input', action_id: 'text' } };
    await web.views.open({ trigger_id: body.trigger_id, view: { type: 'modal', title: plain('Form'), submit: plain('Send'), blocks: [input] } });
  });
  client.on('interactive', async ({ body, ack }) => {
    const name = body.view.state.values.name.text.value;
    const blocks = [{ type: 'section', text: plain(`Thank you, ${name}`) }];
    await ack({ response_action: 'update', view: { type: 'modal', title: plain('Form'), blocks } });
  });
  client.on('message', async ({ event, body, ack, retry_num, retry_reason }) => {
    if (event.text === 'twice') tell('twice', { by, event_id: body.event_id, retry_num, retry_reason });
    if (event.text !== 'twice' || retry_num > 0) await ack();
  });
  for (const state of ['connected', 'reconnecting', 'disconnected']) client.on(state, () => tell(state, { by }));
  return client;
}

subscribe('undici:websocket:ping', () => tell('ping'));
subscribe('undici:websocket:pong', () => tell('pong'));

const clients = [1, 2, 3].map(connection);
for (const client of clients) await client.start();

const stranger = new SocketModeClient({ appToken: 'xapp-of-nobody', clientOptions: { ...clientOptions }, logLevel: 'error' });
const error = await refusal(stranger.start());
tell('stranger', { code: error.code, error: error.data.error });

tell('ready');
await asked();
await Promise.all(clients.map((client) => client.disconnect()));
