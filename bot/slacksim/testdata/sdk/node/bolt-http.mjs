// Bolt behind a request URL, with its default options apart from the API URL.
import bolt from '@slack/bolt';
import { asked, slack, tell } from './report.mjs';
import { repairs } from './repairs.mjs';

const app = repairs(new bolt.App({
  token: slack.botToken, signingSecret: slack.signingSecret, clientOptions: { slackApiUrl: slack.apiUrl },
}));
app.use(async ({ context, next }) => {
  if (context.retryNum) tell('retry', { num: context.retryNum, reason: context.retryReason });
  await next();
});
app.error(async (error) => tell('error', { error: String(error) }));

const server = await app.start({ host: '127.0.0.1', port: 0 });
tell('ready', { url: `http://127.0.0.1:${server.address().port}/slack/events` });
await asked();
// Connections on which nothing was ever asked are not idle to Node, which would
// wait for them a minute.
const stopped = app.stop();
server.closeAllConnections();
await stopped;
