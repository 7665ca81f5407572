// The faults that the simulated Slack knows: what each does, by what it can be
// matched, and its own fields.

const delay = { name: 'delay', label: 'Delay', value: '30s', hint: 'Such as 30s, 1500ms or 2m.', needed: true };
const copies = { name: 'copies', label: 'Copies', type: 'number', min: 1, value: 1 };
const span = { name: 'window', label: 'How many come in reverse', type: 'number', min: 2, value: 2 };

// By what the faults of a family can be matched.
const matches = {
  api: ['method', 'channel', 'person'],
  socket: ['event', 'command', 'channel', 'person', 'connection'],
  http: ['event', 'command', 'channel', 'person'],
  event: ['event', 'channel', 'person'],
  ephemeral: ['channel', 'person'],
  response: ['channel', 'person'],
};

const table = [
  ['The Web API', [
    ['api.rate_limited', 'The call is refused with 429 and Retry-After.', [{ name: 'retry_after', label: 'Retry after, in seconds', type: 'number', min: 1, value: 30 }]],
    ['api.error', 'The call is refused with an error that Slack documents for the method.', [{ name: 'error', label: 'Error', value: 'internal_error', needed: true }]],
    ['api.http_error', 'A status of 500 to 599 instead of an answer.', [
      { name: 'status', label: 'Status', type: 'number', min: 500, max: 599, value: 503 },
      { name: 'html', label: 'The body is a page of HTML', type: 'checkbox' },
    ]],
    ['api.slow', 'The call is applied at once and answered late.', [delay]],
    ['api.lost_reply', 'The call is applied, then the connection is cut before the answer.', []],
    ['api.lost_request', 'The connection is cut before the call is applied.', []],
  ]],
  ['Socket Mode', [
    ['socket.drop_ack', 'An acknowledgement is not heard.', []],
    ['socket.delay', 'An envelope comes late.', [delay]],
    ['socket.duplicate', 'An envelope comes more than once, also on another connection.', [copies]],
    ['socket.reorder', 'The next envelopes come in reverse.', [span]],
    ['socket.refuse', 'apps.connections.open is refused.', []],
    ['socket.cut', 'The connection is cut.', [], true],
    ['socket.half_close', 'The WebSocket is closed while its TCP connection stays open.', [], true],
    ['socket.warning', 'Slack says that it will close the connection, and does so soon.', [], true],
    ['socket.refresh', 'Slack asks for a new connection and closes this one.', [], true],
    ['socket.too_many', 'The connection is told that there are too many.', [], true],
    ['socket.link_disabled', 'The connection is told that Socket Mode was switched off.', [], true],
    ['socket.no_ping', 'Slack sends no pings any more.', [], true],
  ]],
  ['Signed HTTP', [
    ['http.bad_signature', 'A request comes with a wrong signature.', []],
    ['http.old_timestamp', 'A request was signed long ago.', [{ name: 'skew', label: 'How long ago', value: '10m', hint: 'Such as 10m.' }]],
    ['http.replay', 'A request comes again, byte for byte.', [copies]],
    ['http.slow_body', 'The body of a request dawdles.', [delay]],
  ]],
  ['Events and messages', [
    ['event.drop', 'An event never comes.', []],
    ['event.duplicate', 'An event comes more than once.', [copies]],
    ['event.reorder', 'The next events come in reverse.', [span]],
    ['ephemeral.lost', 'An ephemeral message is answered with ok and never shown.', []],
    ['response.http_error', 'A response URL answers with a status of 500 to 599, and shows nothing.', [{ name: 'status', label: 'Status', type: 'number', min: 500, max: 599, value: 500 }]],
  ]],
];

export const families = table.map(([title, kinds]) => ({
  title,
  kinds: kinds.map(([kind, effect, own, atOnce]) => ({
    kind,
    effect,
    own,
    atOnce: Boolean(atOnce),
    match: atOnce ? ['connection'] : kind === 'socket.refuse' ? [] : matches[kind.split('.')[0]],
  })),
}));
