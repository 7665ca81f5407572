// What the programs here share: where Slack is, and how they tell the test what
// they saw. Each line on standard output that is a JSON object with "told" is for
// the test; the end of standard input asks the program to end.
import assert from 'node:assert/strict';

export const slack = {
  apiUrl: process.env.SLACK_API_URL,
  botToken: process.env.SLACK_BOT_TOKEN,
  appToken: process.env.SLACK_APP_TOKEN,
  signingSecret: process.env.SLACK_SIGNING_SECRET,
};
for (const [name, value] of Object.entries(slack)) assert.ok(value, `${name} is not told`);

export function tell(told, more = {}) {
  process.stdout.write(`${JSON.stringify({ told, ...more })}\n`);
}

// asked resolves when the test asks the program to end.
export function asked() {
  return new Promise((resolve) => {
    process.stdin.on('end', resolve);
    process.stdin.resume();
  });
}

// refusal is the error with which a call was refused.
export async function refusal(call) {
  try {
    await call;
  } catch (error) {
    return error;
  }
  return assert.fail('the call was not refused');
}
