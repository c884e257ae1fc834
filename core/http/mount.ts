/**
 * From a route literal to an Express handler. The order is the contract: who calls, how often, what
 * was said, whether it was said before, and only then the verb.
 */
import { canonicalJson, type Json, type JsonObject } from '../base/json.ts';
import { invariant } from '../base/assert.ts';
import type { Keyring } from '../base/keyring.ts';
import type { Access } from '../access/access.ts';
import {
  idempotencyClash,
  type Idempotency,
  type IdempotencyRecord,
} from '../idempotency/idempotency.ts';
import { Problem } from '../sdk/problem.ts';
import type { IdempotencySlot, Principal, Reply, Route, RouteInput } from '../sdk/route.ts';
import { Conflict } from '../storage/index.ts';
import type { Request, RequestHandler } from 'express';
import { parseJson, readBytes } from './body.ts';
import { inspect, refuseCardNumber } from './inspect.ts';
import type { Limits } from './limits.ts';
import { sendReply } from './send.ts';
import { bodyCheck, replyFault, textCheck, type Check } from './validate.ts';

export interface MountDeps {
  readonly access: Access;
  readonly idempotency: Idempotency;
  readonly keyring: Keyring;
  readonly limits: Limits;
  readonly mode: 'sandbox' | 'live';
  readonly bodyLimitBytes: number;
  /** Replies are held against their schemas; for tests, a reply that lies is a fault of ours. */
  readonly checkReplies: boolean;
  /** The answer to a repeat whose first request has no answer stored. */
  resume(principal: Principal, record: IdempotencyRecord, requestId: string): Promise<Reply>;
}

/** What a request carries through the middleware. */
export interface Locals {
  requestId: string;
  principal?: Principal;
  route?: Route;
}

const anonymous: Principal = {
  kind: 'public',
  keyId: '',
  merchantId: '',
  profileId: undefined,
  mode: 'sandbox',
  scopes: new Set(),
};

const keyShape = /^[\x21-\x7e]{1,255}$/;

export function handlerOf(route: Route, deps: MountDeps): RequestHandler {
  const checks = {
    params: route.params && textCheck(route.params, 'the path'),
    query: textCheck(route.query ?? emptyQuery, 'the query'),
    body: route.body && bodyCheck(route.body),
  };
  const faults = new Map(
    Object.entries(route.replies).map(([status, schema]) => [Number(status), replyFault(schema)]),
  );
  return async (request, response) => {
    const locals = response.locals as Locals;
    locals.route = route;
    const principal = await authenticate(route, request, deps);
    locals.principal = principal;
    await count(route, request, principal, deps);
    const body = await readBody(route, request, checks.body, deps.bodyLimitBytes);
    const input: RouteInput<unknown, unknown, unknown> = {
      params: checks.params?.(request.params),
      query: checks.query(queryOf(request)),
      body,
      principal,
      requestId: locals.requestId,
      clientIp: request.ip ?? '',
      slot: slotOf(route, request, principal, body, deps),
    };
    const reply = await answer(route, input, deps);
    if (deps.checkReplies && reply.status < 300) {
      const fault = faults.get(reply.status)?.(reply.text ? JSON.parse(reply.text) : reply.body);
      invariant(faults.has(reply.status), `${route.id} declares a ${reply.status}`);
      invariant(fault === undefined, `${route.id} keeps its word: ${fault ?? ''}`);
    }
    sendReply(response, reply);
  };
}

const emptyQuery = { type: 'object', properties: {}, additionalProperties: false } as const;

async function authenticate(route: Route, request: Request, deps: MountDeps): Promise<Principal> {
  const { access } = route;
  if (access.kind === 'anyone') return anonymous;
  const [, bearer] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  const principal = await deps.access.principalOf(bearer);
  if (!principal || (principal.kind !== 'admin' && principal.mode !== deps.mode)) {
    await deps.limits.count('public', request.ip ?? '');
    throw new Problem('unauthorized', 'send a valid API key as Authorization: Bearer <key>', {
      headers: { 'www-authenticate': 'Bearer' },
    });
  }
  assertAllowed(route, principal);
  return principal;
}

function assertAllowed({ access }: Route, principal: Principal): void {
  if (access.kind === 'anyone') return;
  if (access.kind === 'admin') {
    if (principal.kind === 'admin') return;
    throw new Problem('forbidden', 'this needs the admin key');
  }
  if (principal.kind === 'admin') {
    throw new Problem(
      'forbidden',
      'the admin key manages merchants; use a key of the merchant here',
    );
  }
  if (principal.kind === 'public') {
    if (access.publicKey) return;
    throw new Problem(
      'forbidden',
      'a public key may not do that; use a secret key, on your server',
    );
  }
  if (!principal.scopes.has(access.scope)) {
    throw new Problem('forbidden', `this key does not have the scope ${access.scope}`);
  }
}

async function count(
  route: Route,
  request: Request,
  principal: Principal,
  { limits }: MountDeps,
): Promise<void> {
  if (route.access.kind === 'anyone' || principal.kind === 'public') {
    await limits.count('public', request.ip ?? '');
  }
  if (route.access.kind !== 'anyone') {
    await limits.count(route.rate, principal.merchantId || principal.keyId);
  }
}

async function readBody(
  route: Route,
  request: Request,
  check: Check<unknown> | undefined,
  limitBytes: number,
): Promise<unknown> {
  if (request.method === 'GET' || request.method === 'HEAD') return undefined;
  const bytes = await readBytes(request, limitBytes);
  const json = parseJson(request, bytes);
  if (!check) {
    if (json === undefined) return undefined;
    throw new Problem('invalid_request', 'this request takes no body');
  }
  if (json === undefined) {
    if (route.bodyOptional) return undefined;
    throw new Problem('invalid_request', 'this request needs a JSON body');
  }
  inspect(json, route.cardField);
  return check(json);
}

function queryOf(request: Request): Record<string, string> {
  const mark = request.url.indexOf('?');
  const query: Record<string, string> = {};
  if (mark === -1) return query;
  for (const [key, value] of new URLSearchParams(request.url.slice(mark + 1))) {
    if (Object.hasOwn(query, key)) {
      throw new Problem('invalid_request', `${key} is given twice`, { param: key });
    }
    inspect({ [key]: value }, undefined);
    query[key] = value;
  }
  return query;
}

function slotOf(
  route: Route,
  request: Request,
  principal: Principal,
  body: unknown,
  { keyring }: MountDeps,
): IdempotencySlot | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined || route.method !== 'post') return undefined;
  if (typeof key !== 'string' || !keyShape.test(key)) {
    throw new Problem(
      'invalid_request',
      'an Idempotency-Key has 1 to 255 printable ASCII characters',
      {
        param: 'Idempotency-Key',
      },
    );
  }
  refuseCardNumber(key, 'Idempotency-Key');
  const said = withoutCvc(route, (body ?? null) as Json);
  // Who asks is part of the question: a browser's key, or one bound to another profile, must not
  // hear an answer that was given to the merchant's own server.
  const { kind, profileId = '' } = principal;
  const fingerprint = keyring.digest(
    'request-fingerprint',
    `${kind} ${profileId} ${request.path} ${canonicalJson(said)}`,
  );
  return { merchantId: principal.merchantId, key, fingerprint, used: false };
}

/** A digest of a three-digit number gives the number away: the CVC stays out of the fingerprint. */
function withoutCvc(route: Route, body: Json): Json {
  if (!route.cardField) return body;
  return without(body, [...route.cardField.slice(0, -1), 'cvc']);
}

/** A copy without the member at `path`; what is not on the way there is shared, not copied. */
function without(value: Json, [key = '', ...rest]: readonly string[]): Json {
  if (value === null || typeof value !== 'object' || !Object.hasOwn(value, key)) return value;
  const { [key]: inner, ...others } = value as JsonObject;
  return rest.length === 0 ? others : { ...others, [key]: without(inner ?? null, rest) };
}

async function answer(
  route: Route,
  input: RouteInput<unknown, unknown, unknown>,
  deps: MountDeps,
): Promise<Reply> {
  const { slot } = input;
  const handle = () => route.handle(input as RouteInput<never, never, never>);
  if (!slot) return handle();
  const { idempotency } = deps;
  const known = await idempotency.find(slot.merchantId, slot.key);
  if (known) return replay(route, input, known, deps);
  if (!idempotency.start(slot)) throw inUse();
  try {
    const reply = await handle();
    invariant(slot.used || reply.status >= 400, `${route.id} commits its idempotency key`);
    return reply;
  } catch (error) {
    if (!(error instanceof Conflict) || error.guard !== idempotencyClash) throw error;
    const winner = await idempotency.find(slot.merchantId, slot.key);
    if (!winner) throw inUse();
    return await replay(route, input, winner, deps);
  } finally {
    idempotency.stop(slot);
  }
}

async function replay(
  route: Route,
  { principal, requestId, slot }: RouteInput<unknown, unknown, unknown>,
  record: IdempotencyRecord,
  deps: MountDeps,
): Promise<Reply> {
  const { idempotency } = deps;
  if (record.fingerprint !== slot?.fingerprint) {
    throw new Problem('idempotency_key_reused', 'this key was used with another request', {
      param: 'Idempotency-Key',
    });
  }
  const headers = { 'idempotent-replayed': 'true' };
  if (idempotency.alive(record)) throw inUse();
  // It may have ended between the reading of the row and the question whether it lives.
  const latest =
    record.state === 'busy' ? await idempotency.find(slot.merchantId, slot.key) : record;
  const stored = latest && idempotency.answerOf(latest);
  if (stored) return { status: stored.status, body: undefined, text: stored.text, headers };
  const reply = await deps.resume(principal, record, requestId);
  // The late success of a creation is answered like the first one would have been.
  const success = route.replies[201] ? 201 : 200;
  return { ...reply, status: reply.status === 200 ? success : reply.status, headers };
}

function inUse(): Problem {
  return new Problem('idempotency_key_in_use', 'the first request with this key is still running', {
    headers: { 'retry-after': '1' },
  });
}
