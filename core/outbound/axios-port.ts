/**
 * The http port of every connector, on axios. Its one hard duty: to know whether a byte of the
 * request may have left this machine. "Surely not" lets the switch try another account; everything
 * else has to be asked for, because a second attempt could charge twice.
 */
import http from 'node:http';
import https from 'node:https';
import { Axios, type AxiosResponse } from 'axios';
import { Fault } from '../sdk/fault.ts';
import type { HttpPort, HttpRequest, HttpResponse } from '../sdk/http.ts';
import { faultOf, type Exchange } from './classify.ts';
import { createGate } from './queue.ts';

export interface HttpPortOptions {
  /** The deadline of an exchange that names none, in milliseconds. */
  readonly defaultTimeoutMs: number;
  /** No exchange may ask for more than this, in milliseconds. */
  readonly ceilingMs: number;
  /** The largest answer that is read, after decompression; 1 MiB unless told. */
  readonly maxResponseBytes?: number;
  /** Exchanges at a time; the others wait, and the wait counts against their deadline. */
  readonly concurrency: number;
  /** Passed to both agents: `ca`, `lookup` … */
  readonly agentOptions?: https.AgentOptions;
}

// Node's own servers close an idle socket after 5 s, few others sooner. A request that crosses such
// a close has an unknown effect, so idle sockets are given up before that.
const idleSocketMs = 4_000;

/**
 * The port and `close()`, which ends its sockets: running exchanges end as `broken`, later ones as
 * `unreachable`.
 */
export function createHttpPort(options: HttpPortOptions): HttpPort & { close(): void } {
  const { concurrency, defaultTimeoutMs, ceilingMs } = options;
  const agentOptions: https.AgentOptions = {
    keepAlive: true,
    timeout: idleSocketMs,
    ...options.agentOptions,
    maxSockets: concurrency,
  };
  const agents = { http: new http.Agent(agentOptions), https: new https.Agent(agentOptions) };
  const client = clientOver(agents, options.maxResponseBytes ?? 1024 * 1024);
  const gate = createGate(concurrency);
  let closed = false;

  async function send(request: HttpRequest): Promise<HttpResponse> {
    const deadline = new AbortController();
    const exchange: Exchange = { request, mayHaveLeft: false, expired: false };
    const timer = setTimeout(
      () => {
        exchange.expired = true;
        deadline.abort();
      },
      Math.min(request.timeoutMs ?? defaultTimeoutMs, ceilingMs),
    );
    try {
      if (!(await gate.enter(deadline.signal))) throw faultOf(exchange, undefined);
      try {
        if (closed) throw new Fault('unreachable', 'the http port is closed');
        return answerOf(await dispatch(client, exchange, deadline.signal));
      } catch (error) {
        // The error itself is dropped on purpose: it carries headers and body.
        throw error instanceof Fault ? error : faultOf(exchange, error);
      } finally {
        gate.leave();
      }
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    send,
    close() {
      closed = true;
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

/** A bare client: none of axios' defaults, no redirects, no proxy, every status an answer. */
function clientOver(agents: { http: http.Agent; https: https.Agent }, maxBytes: number): Axios {
  return new Axios({
    adapter: 'http',
    httpAgent: agents.http,
    httpsAgent: agents.https,
    maxRedirects: 0,
    proxy: false,
    responseType: 'text',
    decompress: true,
    maxContentLength: maxBytes,
    validateStatus: () => true,
    transformRequest: [(data: unknown) => data],
    transformResponse: [(data: unknown) => data],
  });
}

async function dispatch(
  client: Axios,
  exchange: Exchange,
  signal: AbortSignal,
): Promise<AxiosResponse<string>> {
  const { method, url, headers, body } = exchange.request;
  const protocol = new URL(url).protocol;
  // Axios would also read data: URLs.
  if (protocol !== 'http:' && protocol !== 'https:') {
    throw new TypeError('the URL is neither http nor https');
  }
  return client.request<string>({
    method,
    url,
    headers: checkedHeaders(headers),
    data: body,
    signal,
    transport: watchedTransport(protocol, exchange, signal),
  });
}

/**
 * Throws what Node would throw. Axios instead drops the characters it does not like without a word,
 * and a shortened idempotency key is another key.
 */
function checkedHeaders(given: HttpRequest['headers']): Record<string, string | false> {
  // `false` keeps axios from calling every body without a content type a form.
  const headers: Record<string, string | false> = {
    'user-agent': 'pointsman',
    'content-type': false,
  };
  for (const [name, value] of Object.entries(given ?? {})) {
    http.validateHeaderName(name);
    http.validateHeaderValue(name, value);
    headers[name.toLowerCase()] = value;
  }
  return headers;
}

/** Node's own client, with an eye on the moment from which bytes may leave. */
function watchedTransport(protocol: string, exchange: Exchange, signal: AbortSignal) {
  const secure = protocol === 'https:';
  return {
    request(
      options: http.RequestOptions,
      onResponse: (response: http.IncomingMessage) => void,
    ): http.ClientRequest {
      signal.throwIfAborted();
      const request = (secure ? https : http).request(options, onResponse);
      request.once('socket', (socket) => {
        const departs = () => {
          exchange.mayHaveLeft = true;
        };
        // A socket from the pool, or one that somebody else opened: it can be written to at once.
        if (request.reusedSocket || !socket.connecting) departs();
        else socket.once(secure ? 'secureConnect' : 'connect', departs);
      });
      return request;
    },
  };
}

function answerOf(response: AxiosResponse<string>): HttpResponse {
  const headers = Object.entries(response.headers).map(([name, value]) => [
    name.toLowerCase(),
    Array.isArray(value) ? value.join(', ') : String(value),
  ]);
  return {
    status: response.status,
    headers: Object.fromEntries(headers) as Record<string, string>,
    text: response.data,
  };
}
