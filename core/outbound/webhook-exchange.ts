/**
 * One POST to addresses that have been looked at, with Node's own client: it follows no redirects,
 * knows no proxies, and lets us choose where it connects.
 */
import http from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { maskCards } from '../base/card-mask.ts';
import { obstacleOf, type Stage } from './obstacle.ts';
import type { Receiver } from './webhook-url.ts';

export interface Agents {
  readonly http: http.Agent;
  readonly https: https.Agent;
}

export interface Exchange {
  readonly receiver: Receiver;
  /** The only ones that are connected to, in this order. */
  readonly addresses: readonly string[];
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly agents: Agents;
  /** Ends the exchange with its reason, however far it has come. */
  readonly signal: AbortSignal;
}

export interface ExchangeAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The first 1,024 characters of the body, card numbers masked. */
  readonly excerpt: string;
}

/** Read and thrown away, so that a receiver with an ordinary page is not cut off while it sends. */
const readBytes = 64 * 1_024;
// Masking shortens: a card number may stand in four times as many characters as are left of it.
const keptBytes = 8 * 1_024;
const excerptLength = 1_024;

/** Throws {@link Obstacle}, or what is a defect of ours. The socket is gone when it returns. */
export async function exchange(call: Exchange): Promise<ExchangeAnswer> {
  const { receiver, signal } = call;
  signal.throwIfAborted();
  const request = requestFor(call);
  try {
    return await new Promise<ExchangeAnswer>((resolve, reject) => {
      let stage: Stage = 'connecting';
      const fail = (error: unknown) => reject(asError(obstacleOf(error, stage, receiver.url.host)));
      request.once('socket', (socket) => {
        const isSecure = receiver.url.protocol === 'https:';
        socket.once('connect', () => (stage = isSecure ? 'securing' : 'exchanging'));
        socket.once('secureConnect', () => (stage = 'exchanging'));
      });
      // Stays for the request's whole life: destroying it below is an error to Node.
      request.on('error', fail);
      let answered = false;
      // An answer that is none, such as 101, ends in silence otherwise.
      request.once('close', () => {
        if (!answered) fail(new Error('closed'));
      });
      request.once('response', (response) => {
        answered = true;
        readBody(response).then((excerpt) => resolve(answerOf(response, excerpt)), fail);
      });
      signal.addEventListener('abort', () => reject(asError(signal.reason)), { once: true });
      request.end(call.body);
    });
  } finally {
    request.destroy();
  }
}

function requestFor({ receiver, addresses, headers, body, agents }: Exchange): http.ClientRequest {
  const { url, host, port } = receiver;
  const isSecure = url.protocol === 'https:';
  const options: https.RequestOptions = {
    method: 'POST',
    host,
    port,
    path: `${url.pathname}${url.search}`,
    headers: {
      ...headers,
      host: url.host,
      'user-agent': 'Pointsman-Webhooks/1',
      'content-length': String(body.byteLength),
      'accept-encoding': 'identity',
    },
    lookup: lookupIn(addresses),
  };
  if (!isSecure) return http.request({ ...options, agent: agents.http });
  return https.request({
    ...options,
    agent: agents.https,
    // TLS knows no server names that are addresses (RFC 6066).
    servername: isIP(host) === 0 ? host : '',
    // Said aloud, or NODE_TLS_REJECT_UNAUTHORIZED=0 would hold here too.
    rejectUnauthorized: true,
  });
}

/** Answers Node's look-up with what has been checked: nobody is asked a second time. */
function lookupIn(addresses: readonly string[]): LookupFunction {
  const found = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_host, options, done) => {
    const [first] = found;
    if (options.all === true) done(null, found);
    else done(null, first?.address ?? '', first?.family ?? 0);
  };
}

/** Resolves at the end of the body, or of what is read of it; rejects when it is cut short. */
async function readBody(response: http.IncomingMessage): Promise<string> {
  const kept: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    if (bytes < keptBytes) kept.push(chunk);
    bytes += chunk.length;
    // Leaving the loop destroys the response, and its socket with it.
    if (bytes >= readBytes) break;
  }
  return excerptOf(Buffer.concat(kept));
}

/** What a delivery log may keep. Postgres takes no NUL in a text; half a character helps nobody. */
function excerptOf(body: Buffer): string {
  const text = maskCards(body.subarray(0, keptBytes).toString('utf8').replaceAll('\0', '\ufffd'));
  return text.slice(0, excerptLength).replace(/[\ud800-\udbff]$/, '');
}

function answerOf(response: http.IncomingMessage, excerpt: string): ExchangeAnswer {
  const headers = Object.entries(response.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : String(value),
  ]);
  return {
    status: response.statusCode ?? 0,
    headers: Object.fromEntries(headers) as Record<string, string>,
    excerpt,
  };
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
