/** The HTTP side: reads, judges and records each request, lets faults strike, answers. */
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { coreError, coreInvalid, snapError, snapUnauthorized, type Answer } from './answers.ts';
import { Checker } from './checker.ts';
import { checkBody } from './contract.ts';
import type { Engine } from './engine.ts';
import { answerInstead, type Faults, type Strike } from './faults.ts';
import { checkHeaders } from './headers.ts';
import type { Idempotency } from './idempotency.ts';
import { findRoute, type Family, type Match } from './routes.ts';
import { isObject } from './wire.ts';

export interface RecordedRequest {
  readonly family: Family;
  readonly method: string;
  /** Still encoded, with the query. */
  readonly path: string;
  /** `charge`, `status`, `snap_create` …; undefined when the path leads nowhere. */
  readonly operation: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly rawBody: string;
  /** Parsed; undefined when empty or not JSON. */
  readonly body: unknown;
  readonly atMs: number;
  /** What is wrong with it by the documentation. */
  readonly violations: readonly string[];
  /** What was answered; undefined while it runs, and when a fault swallowed it. */
  readonly answer: Answer | undefined;
  /** Whether it was acted upon. */
  readonly acted: boolean;
}

export interface ServerParts {
  readonly engine: Engine;
  readonly faults: Faults;
  readonly idempotency: Idempotency;
  readonly requests: RecordedRequest[];
  /** Where notifications go that no header directs. */
  readonly defaultNotificationUrl: () => string | undefined;
}

type Draft = { -readonly [K in keyof RecordedRequest]: RecordedRequest[K] };

export interface Listening {
  readonly url: string;
  close(): Promise<void>;
}

export async function listen(parts: ServerParts, family: Family): Promise<Listening> {
  // Longer than a test: a connection that is closed while a call goes out is a fault of its own.
  const server: Server = createServer({ keepAliveTimeout: 75_000 }, (request, response) => {
    serve(parts, family, request, response).catch((cause: unknown) => {
      // A bug of the fake, or a caller who hung up: a test sees the broken connection and the line.
      if (!request.destroyed) console.error('the fake failed:', cause);
      response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function serve(
  parts: ServerParts,
  family: Family,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const rawBody = Buffer.concat(chunks).toString('utf8');
  const method = request.method ?? '';
  const path = request.url ?? '/';
  const match = findRoute(family, method, path.replace(/\?.*$/, ''));
  const parsed = parse(rawBody);
  const checker = new Checker();
  if (match && !match.route.open) {
    const { operation } = match.route;
    checkHeaders(checker, operation, request.headers, rawBody !== '');
    if (parsed !== 'broken') checkBody(checker, operation, parsed.body);
  }
  if (parsed === 'broken') checker.breach('the body is not JSON');
  if (!match) checker.breach(`there is no ${method} ${path}`);
  const record: Draft = {
    family,
    method,
    path,
    operation: match?.route.operation,
    headers: request.headers,
    rawBody,
    body: parsed === 'broken' ? undefined : parsed.body,
    atMs: parts.engine.world.now(),
    violations: [...checker.refusals, ...checker.breaches],
    answer: undefined,
    acted: false,
  };
  parts.requests.push(record);
  const strike = parts.faults.take(method, path);
  if (strike) await struck(parts, record, match, checker, strike, response);
  else reply(response, record, act(parts, record, match, checker));
}

/** The order matters: what strikes before acting leaves no trace in the books. */
async function struck(
  parts: ServerParts,
  record: Draft,
  match: Match | undefined,
  checker: Checker,
  strike: Strike,
  response: ServerResponse,
): Promise<void> {
  const { kind } = strike;
  const instead = answerInstead(kind, record.family);
  if (instead) return reply(response, record, instead);
  if (kind === 'hang') return undefined;
  if (kind === 'close_before') return void response.destroy();
  const key = twinKey(parts, record);
  const isTwin = key !== undefined && parts.idempotency.before(key) !== undefined;
  if (key !== undefined && !isTwin) parts.idempotency.begin(key);
  try {
    const answer = act(parts, record, match, checker, !isTwin);
    if (kind === 'close_after') return void response.destroy();
    if (kind === 'hang_after') return undefined;
    strike.reach();
    if (typeof kind === 'object' && 'delayMs' in kind) await elapse(kind.delayMs);
    else await strike.released;
    return reply(response, record, answer);
  } finally {
    if (key !== undefined && !isTwin) parts.idempotency.end(key);
  }
}

function elapse(delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, delayMs).unref();
  });
}

function twinKey({ idempotency }: ServerParts, { method, headers, body }: Draft) {
  if (method !== 'POST') return undefined;
  return idempotency.keyOf(readKey(headers) ?? '', headers['idempotency-key'], body);
}

/** Judges and carries out; everything here happens at once, so that requests cannot interleave. */
function act(
  parts: ServerParts,
  record: Draft,
  match: Match | undefined,
  checker: Checker,
  isFirst = false,
): Answer {
  const { engine, idempotency } = parts;
  const isApi = record.family === 'api';
  if (!match) return notFound(isApi);
  engine.sweep();
  const serverKey = readKey(record.headers);
  if (!match.route.open && serverKey === undefined) {
    return isApi ? coreError(401) : snapUnauthorized();
  }
  if (record.rawBody !== '' && record.body === undefined) {
    return isApi ? coreError(413) : snapError(400, 'Invalid JSON data provided.');
  }
  const key = twinKey(parts, record);
  const replayed = key === undefined || isFirst ? undefined : idempotency.before(key);
  if (replayed) return replayed;
  if (checker.refusals.length > 0) {
    return isApi ? coreInvalid(checker.refusals) : snapError(400, ...checker.refusals);
  }
  const merchant = engine.world.merchant(serverKey ?? '');
  record.acted = true;
  const answer = match.route.handle({
    engine,
    merchant,
    id: match.id,
    body: isObject(record.body) ? record.body : {},
    notifyUrls: notifyUrls(parts, record.headers),
  });
  if (key !== undefined) idempotency.keep(key, answer);
  return answer;
}

function notFound(isApi: boolean): Answer {
  return isApi ? { ...coreError(404), http: 404 } : snapError(404, 'Not found');
}

/** The server key of an accepted Authorization header: the user's name, with no password. */
function readKey(headers: IncomingHttpHeaders): string | undefined {
  const match = /^Basic ([A-Za-z0-9+/]+=*)$/.exec(headers.authorization ?? '');
  const text = Buffer.from(match?.[1] ?? '', 'base64').toString('utf8');
  const key = text.endsWith(':') ? text.slice(0, -1) : '';
  return key.startsWith('SB-Mid-server-') && !key.includes('invalid') && !key.includes(':')
    ? key
    : undefined;
}

/** Override takes the place of the dashboard's address, append comes after it; three at most. */
function notifyUrls(parts: ServerParts, headers: IncomingHttpHeaders): string[] {
  const read = (name: string) => {
    const value = headers[name];
    if (typeof value !== 'string') return [];
    return value
      .split(',')
      .map((url) => url.trim())
      .slice(0, 3);
  };
  const override = read('x-override-notification');
  if (override.length > 0) return override;
  const usual = parts.defaultNotificationUrl();
  return [...(usual === undefined ? [] : [usual]), ...read('x-append-notification')];
}

function parse(text: string): { readonly body: unknown } | 'broken' {
  if (text === '') return { body: undefined };
  try {
    return { body: JSON.parse(text) as unknown };
  } catch {
    // Not JSON: the documented answer is 413, given later.
    return 'broken';
  }
}

function reply(response: ServerResponse, record: Draft, answer: Answer): void {
  record.answer = answer;
  const isText = typeof answer.body === 'string';
  response.writeHead(answer.http, {
    'content-type': answer.contentType ?? 'application/json',
  });
  response.end(isText ? answer.body : JSON.stringify(answer.body));
}
