// Bolt in Socket Mode, with its default options apart from the API URL.
import bolt from '@slack/bolt';
import { asked, slack, tell } from './report.mjs';
import { repairs } from './repairs.mjs';

const app = repairs(new bolt.App({
  token: slack.botToken, appToken: slack.appToken, socketMode: true, clientOptions: { slackApiUrl: slack.apiUrl },
}));
app.error(async (error) => tell('error', { error: String(error) }));

await app.start();
tell('ready');
await asked();
await app.stop();
