/**
 * One request to one native route, wherever it came from: HTTP (mount.ts) or a plugin
 * (core/plugins/native-calls.ts). What was said is checked, whether it was said before is looked
 * up, and then the verb is called.
 */
import { canonicalJson, type Json, type JsonObject } from '../base/json.ts';
import { invariant } from '../base/assert.ts';
import type { Keyring } from '../base/keyring.ts';
import {
  idempotencyClash,
  type Idempotency,
  type IdempotencyRecord,
} from '../idempotency/idempotency.ts';
import { Problem } from '../sdk/problem.ts';
import type {
  IdempotencySlot,
  Principal,
  RawRequest,
  Reply,
  Route,
  RouteInput,
} from '../sdk/route.ts';
import { Conflict } from '../storage/index.ts';
import { inspect } from './inspect.ts';
import { bodyCheck, replyFault, textCheck, type Check } from './validate.ts';

export interface PerformDeps {
  readonly idempotency: Idempotency;
  readonly keyring: Keyring;
  /** Replies are held against their schemas; for tests, a reply that lies is a fault of ours. */
  readonly checkReplies: boolean;
  /** The answer to a repeat whose first request has no answer stored. */
  resume(principal: Principal, record: IdempotencyRecord, requestId: string): Promise<Reply>;
}

/** A request before its parts are checked; who calls, and whether he may, is known. */
export interface Asked {
  /** With the ids filled in: part of what an idempotency key stands for. */
  readonly path: string;
  readonly params: unknown;
  readonly query: unknown;
  /** Undefined when there is none. */
  readonly body: Json | undefined;
  readonly raw: RawRequest | undefined;
  readonly principal: Principal;
  readonly requestId: string;
  readonly clientIp: string;
  /** The key, and what it stands for where that is not this very request. */
  readonly idempotency: { readonly key: string; readonly fingerprint?: string } | undefined;
}

const emptyQuery = { type: 'object', properties: {}, additionalProperties: false } as const;

/** Compiles the route's schemas: once a route. The function throws what the caller may hear. */
export function performerOf(route: Route, deps: PerformDeps): (asked: Asked) => Promise<Reply> {
  const checks = {
    params: route.params && textCheck(route.params, 'the path'),
    query: textCheck(route.query ?? emptyQuery, 'the query'),
    body: route.body && bodyCheck(route.body),
  };
  const faults = new Map(
    Object.entries(route.replies).map(([status, schema]) => [Number(status), replyFault(schema)]),
  );
  return async ({ idempotency, raw, ...asked }) => {
    const { principal, requestId, clientIp } = asked;
    const body = raw ? undefined : checkedBody(route, asked.body, checks.body);
    const input: RouteInput<unknown, unknown, unknown> = {
      params: checks.params?.(asked.params),
      query: checks.query(asked.query),
      body,
      principal,
      requestId,
      clientIp,
      slot: idempotency && slotOf(route, { ...asked, ...idempotency }, body, deps),
      raw,
    };
    const reply = await answer(route, input, deps);
    if (deps.checkReplies && reply.status < 300) {
      const fault = faults.get(reply.status)?.(reply.text ? JSON.parse(reply.text) : reply.body);
      invariant(faults.has(reply.status), `${route.id} declares a ${reply.status}`);
      invariant(fault === undefined, `${route.id} keeps its word: ${fault ?? ''}`);
    }
    return reply;
  };
}

function checkedBody(
  route: Route,
  json: Json | undefined,
  check: Check<unknown> | undefined,
): unknown {
  if (route.method === 'get') return undefined;
  if (!check) {
    if (json === undefined) return undefined;
    throw new Problem('invalid_request', 'this request takes no body');
  }
  if (json === undefined) {
    if (route.bodyOptional) return undefined;
    throw new Problem('invalid_request', 'this request needs a JSON body');
  }
  inspect(json, route.cardField, route.opaqueFields);
  return check(json);
}

function slotOf(
  route: Route,
  asked: {
    readonly path: string;
    readonly principal: Principal;
    readonly key: string;
    readonly fingerprint?: string;
  },
  body: unknown,
  { keyring }: PerformDeps,
): IdempotencySlot {
  const { key, principal } = asked;
  const said = withoutCvc(route, (body ?? null) as Json);
  // Who asks is part of the question: a browser's key, or one bound to another profile, must not
  // hear an answer that was given to the merchant's own server.
  const { kind, profileId = '' } = principal;
  const fingerprint =
    asked.fingerprint ??
    keyring.digest(
      'request-fingerprint',
      `${kind} ${profileId} ${asked.path} ${canonicalJson(said)}`,
    );
  return { merchantId: principal.merchantId, key, fingerprint, used: false };
}

/** A digest of a three-digit number gives the number away: the CVC stays out of the fingerprint. */
function withoutCvc(route: Route, body: Json): Json {
  if (!route.cardField) return body;
  const card = route.cardField.slice(0, -1);
  // Beside the card as well: the CVC of a card that was kept.
  return without(without(body, [...card, 'cvc']), [...card.slice(0, -1), 'cvc']);
}

/** A copy without the member at `path`; what is not on the way there is shared, not copied. */
export function without(value: Json, [key = '', ...rest]: readonly string[]): Json {
  if (value === null || typeof value !== 'object' || !Object.hasOwn(value, key)) return value;
  const { [key]: inner, ...others } = value as JsonObject;
  return rest.length === 0 ? others : { ...others, [key]: without(inner ?? null, rest) };
}

async function answer(
  route: Route,
  input: RouteInput<unknown, unknown, unknown>,
  deps: PerformDeps,
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
  deps: PerformDeps,
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
