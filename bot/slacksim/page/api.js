// The control API of the simulated Slack, under /sim/.

export class ApiError extends Error {
  constructor(status, error, detail) {
    super(detail || error);
    this.status = status;
    this.error = error;
    this.detail = detail || error;
  }
}

async function ask(method, path, body) {
  let response;
  try {
    response = await fetch('/sim/' + path, {
      method,
      cache: 'no-store',
      headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new ApiError(0, 'unreachable', 'The simulated Slack does not answer. Is it still running?');
  }
  let out;
  try {
    out = await response.json();
  } catch {
    throw new ApiError(response.status, 'unreadable', `The answer cannot be read (status ${response.status}).`);
  }
  if (!out.ok) throw new ApiError(response.status, out.error, out.detail);
  return out;
}

export function get(path, query) {
  const pairs = Object.entries(query || {}).filter(([, v]) => v !== undefined && v !== null && v !== '');
  return ask('GET', pairs.length ? `${path}?${new URLSearchParams(pairs)}` : path);
}

export const post = (path, body) => ask('POST', path, body || {});

export const del = (path) => ask('DELETE', path);

// openStream listens to what changes until close() is called. It comes back by
// itself after a pause that grows to five seconds. onState hears 'connecting',
// 'open' and 'lost'; onFrame every frame.
export function openStream({ as, after = 0, onFrame, onState }) {
  let socket = null;
  let closed = false;
  let tries = 0;
  let timer = 0;
  let last = after;

  function dial() {
    onState?.('connecting');
    const address = new URL('/sim/stream', location.href);
    address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
    address.searchParams.set('as', as);
    if (last > 0) address.searchParams.set('after', String(last));
    socket = new WebSocket(address);
    socket.onopen = () => {
      tries = 0;
      onState?.('open');
    };
    socket.onmessage = (event) => {
      const frame = JSON.parse(event.data);
      last = frame.n;
      onFrame(frame);
    };
    socket.onclose = () => {
      if (closed) return;
      onState?.('lost');
      tries += 1;
      timer = setTimeout(dial, Math.min(250 * 2 ** tries, 5000));
    };
  }

  dial();
  return {
    close() {
      closed = true;
      clearTimeout(timer);
      socket?.close();
    },
  };
}
