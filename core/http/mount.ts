/**
 * From a route literal to an Express handler. The order is the contract: who calls, how often, what
 * was said, whether it was said before, and only then the verb.
 */
import type { Json } from '../base/json.ts';
import type { Access } from '../access/access.ts';
import { Problem } from '../sdk/problem.ts';
import type { Principal, RawRequest, Route } from '../sdk/route.ts';
import type { Request, RequestHandler } from 'express';
import { parseJson, readBytes } from './body.ts';
import { inspect, refuseCardNumber } from './inspect.ts';
import type { Limits } from './limits.ts';
import { performerOf, type PerformDeps } from './perform.ts';
import { sendReply } from './send.ts';

export interface MountDeps extends PerformDeps {
  readonly access: Access;
  readonly limits: Limits;
  readonly mode: 'sandbox' | 'live';
  readonly bodyLimitBytes: number;
}

/** What a request carries through the middleware. */
export interface Locals {
  requestId: string;
  principal?: Principal;
  /** For logs: its path is a pattern. */
  route?: { readonly path: string };
}

/** Nobody in particular. */
export const anonymous: Principal = {
  kind: 'public',
  keyId: '',
  merchantId: '',
  profileId: undefined,
  mode: 'sandbox',
  scopes: new Set(),
};

const keyShape = /^[\x21-\x7e]{1,255}$/;

export function handlerOf(route: Route, deps: MountDeps): RequestHandler {
  const perform = performerOf(route, deps);
  return async (request, response) => {
    const locals = response.locals as Locals;
    locals.route = route;
    const principal = await authenticate(route, request, deps);
    locals.principal = principal;
    await count(route, request, principal, deps);
    const raw = route.rawBody ? await readRaw(request) : undefined;
    const body = raw ? undefined : await readBody(request, deps.bodyLimitBytes);
    const key = raw ? undefined : keyOf(route, request);
    const reply = await perform({
      path: request.path,
      params: request.params,
      query: queryOf(request),
      body,
      raw,
      principal,
      requestId: locals.requestId,
      clientIp: request.ip ?? '',
      idempotency: key === undefined ? undefined : { key },
    });
    sendReply(response, reply);
  };
}

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

/** Throws `forbidden` when this key may not call this route. */
export function assertAllowed({ access }: Route, principal: Principal): void {
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
    await limits.count(route.rate === 'webhooks' ? 'webhooks' : 'public', request.ip ?? '');
  }
  if (route.access.kind !== 'anyone') {
    await limits.count(route.rate, principal.merchantId || principal.keyId);
  }
}

/** Processors' news: a dispute with its evidence is a few hundred kB at most. */
const rawLimitBytes = 512 * 1024;

async function readRaw(request: Request): Promise<RawRequest> {
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
  return {
    body: await readBytes(request, rawLimitBytes),
    headers: Object.fromEntries(headers) as Record<string, string>,
  };
}

async function readBody(request: Request, limitBytes: number): Promise<Json | undefined> {
  if (request.method === 'GET' || request.method === 'HEAD') return undefined;
  return parseJson(request, await readBytes(request, limitBytes));
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

function keyOf(route: Route, request: Request): string | undefined {
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
  return key;
}
