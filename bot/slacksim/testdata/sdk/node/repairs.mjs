// An app as bolt's users write them: people ask for a repair in a form, two
// others approve it by a button.
const plain = (text) => ({ type: 'plain_text', text });
const section = (text) => ({ type: 'section', text: { type: 'mrkdwn', text } });
const button = (text, action_id, value) => ({ type: 'button', text: plain(text), action_id, value });
const field = (block_id, label) => ({
  type: 'input', block_id, label: plain(label), element: { type: 'plain_text_input', action_id: 'text' },
});

const form = (channel) => ({
  type: 'modal', callback_id: 'repair', title: plain('Ask for a repair'), submit: plain('Ask'), close: plain('Cancel'),
  private_metadata: channel, blocks: [field('table', 'Table'), field('rows', 'Rows to write')],
});

const waiting = (plan, approvers) => [
  section(`Repair of ${plan.table}: ${plan.rows} rows, asked by <@${plan.asker}> · ${approvers.length} of 2 approvals`),
  { type: 'actions', block_id: 'decide', elements: [button('Approve', 'approve', JSON.stringify(plan)), button('Reject', 'reject', 'no')] },
];

export function repairs(app) {
  const approvals = new Map(); // by message ts

  app.command('/repair', async ({ ack, body, client }) => {
    await ack();
    await client.views.open({ trigger_id: body.trigger_id, view: form(body.channel_id) });
  });

  app.view('repair', async ({ ack, body, view, client }) => {
    const { table, rows } = view.state.values;
    if (!/^[0-9]+$/.test(rows.text.value)) {
      await ack({ response_action: 'errors', errors: { rows: `"${rows.text.value}" is no number.` } });
      return;
    }
    await ack();
    const plan = { table: table.text.value, rows: Number(rows.text.value), asker: body.user.id };
    await client.chat.postMessage({
      channel: view.private_metadata, text: `Repair of ${plan.table}`, blocks: waiting(plan, []),
      metadata: { event_type: 'repair_asked', event_payload: { rows: plan.rows } },
    });
  });

  app.action('approve', async ({ ack, action, body, client, respond }) => {
    await ack();
    const plan = JSON.parse(action.value);
    if (body.user.id === plan.asker) {
      await respond({ text: 'You asked for it, so your approval cannot count.', replace_original: false });
      return;
    }
    const { ts } = body.message;
    const approvers = [...new Set([...(approvals.get(ts) ?? []), body.user.id])];
    approvals.set(ts, approvers);
    if (approvers.length < 2) {
      await client.chat.update({ channel: body.channel.id, ts, text: `Repair of ${plan.table}`, blocks: waiting(plan, approvers) });
      return;
    }
    const names = approvers.map((id) => `<@${id}>`).join(' and ');
    await respond({ replace_original: true, text: 'approved', blocks: [section(`Repair of ${plan.table} approved by ${names}`)] });
  });

  // A file in the thread of what was said, and the one who is told by name.
  app.message(/report/, async ({ message, client, say }) => {
    const { user } = await client.users.info({ user: message.user });
    await client.filesUploadV2({
      channel_id: message.channel, thread_ts: message.ts, filename: 'report.csv', content: 'id,stage\n1,MQL\n', initial_comment: 'Rows',
    });
    await say({ text: `Written for ${user.profile.real_name}, ${user.tz}`, thread_ts: message.ts });
  });

  app.event('app_mention', async ({ event, say }) => {
    await say(`I heard: ${event.text.replace(/<@[^>]+>/, '').trim()}`);
  });

  // A room of its own, and its history read page by page.
  app.command('/room', async ({ ack, body, client, respond }) => {
    await ack('Opening a room');
    const { channel } = await client.conversations.create({ name: body.text, is_private: true });
    await client.conversations.invite({ channel: channel.id, users: body.user_id });
    for (const step of ['one', 'two', 'three', 'four', 'five']) {
      await client.chat.postMessage({ channel: channel.id, text: `step ${step}` });
    }
    const pages = [];
    for await (const page of client.paginate('conversations.history', { channel: channel.id, limit: 2 })) {
      pages.push(page.messages.filter((m) => m.text.startsWith('step')).map((m) => m.text.slice(5)).join(' '));
    }
    await respond({ text: `Read back: ${pages.filter(Boolean).join(' | ')}`, response_type: 'ephemeral' });
  });

  app.event('app_home_opened', async ({ event, client }) => {
    await client.views.publish({
      user_id: event.user,
      view: { type: 'home', blocks: [section(`Nothing waits for <@${event.user}>`), { type: 'actions', elements: [button('Look again', 'again', 'x')] }] },
    });
  });
  app.action('again', async ({ ack, body, client }) => {
    await ack();
    await client.views.publish({ user_id: body.user.id, hash: body.view.hash, view: { type: 'home', blocks: [section('Still nothing')] } });
  });

  app.shortcut('repair.new', async ({ ack, shortcut, client }) => {
    await ack();
    await client.views.open({ trigger_id: shortcut.trigger_id, view: { ...form(''), callback_id: 'unheard' } });
  });
  app.shortcut('repair.note', async ({ ack, shortcut, say, respond }) => {
    await ack();
    await say({ text: `Noted: ${shortcut.message.text}`, thread_ts: shortcut.message_ts });
    await respond({ text: 'Only you read this', response_type: 'ephemeral' });
  });

  return app;
}
