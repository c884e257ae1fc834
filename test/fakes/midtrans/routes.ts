/** The paths of the two families and what each does. A path of the other family does not exist. */
import { page, type Answer } from './answers.ts';
import { capture, change, lookUp, refund } from './changes.ts';
import type { Engine } from './engine.ts';
import { charge } from './payments.ts';
import { cancelSession, createSession, showSession } from './snap.ts';
import type { Merchant } from './state.ts';

export type Family = 'api' | 'app';

export interface Call {
  readonly engine: Engine;
  readonly merchant: Merchant;
  /** The part of the path that names a transaction or a token, decoded. */
  readonly id: string;
  /** Accepted by the contract. */
  readonly body: Record<string, unknown>;
  readonly notifyUrls: readonly string[];
}

export interface Route {
  readonly family: Family;
  readonly method: 'GET' | 'POST';
  readonly path: RegExp;
  readonly operation: string;
  /** Pages and pictures are opened by browsers, without a key. */
  readonly open?: true;
  readonly handle: (call: Call) => Answer;
}

const api = { family: 'api' } as const;
const app = { family: 'app' } as const;

export const routes: readonly Route[] = [
  {
    ...api,
    method: 'POST',
    path: /^\/v2\/charge$/,
    operation: 'charge',
    handle: ({ engine, merchant, body, notifyUrls }) => charge(engine, merchant, body, notifyUrls),
  },
  {
    ...api,
    method: 'POST',
    path: /^\/v2\/capture$/,
    operation: 'capture',
    handle: ({ engine, merchant, body }) => capture(engine, merchant, body),
  },
  {
    ...api,
    method: 'GET',
    path: /^\/v2\/([^/]+)\/status$/,
    operation: 'status',
    handle: ({ merchant, id }) => lookUp(merchant, id),
  },
  ...(['cancel', 'expire', 'approve', 'deny'] as const).map((kind): Route => ({
    ...api,
    method: 'POST',
    path: new RegExp(`^/v2/([^/]+)/${kind}$`),
    operation: kind,
    handle: ({ engine, merchant, id }) => change(engine, merchant, kind, id),
  })),
  {
    ...api,
    method: 'POST',
    path: /^\/v2\/([^/]+)\/refund$/,
    operation: 'refund',
    handle: ({ engine, merchant, id, body }) => refund(engine, merchant, id, body, false),
  },
  {
    ...api,
    method: 'POST',
    path: /^\/v2\/([^/]+)\/refund\/online\/direct$/,
    operation: 'refund_direct',
    handle: ({ engine, merchant, id, body }) => refund(engine, merchant, id, body, true),
  },
  {
    ...api,
    method: 'GET',
    path: /^\/v2\/token\/rba\/redirect\/([^/]+)$/,
    operation: 'three_ds_page',
    open: true,
    handle: ({ id }) => page(`Authenticate ${id}`),
  },
  {
    ...api,
    method: 'GET',
    path: /^\/(?:v2|v4\/qris)\/(?:qris|gopay)\/([^/]+)\/qr-code$/,
    operation: 'qr_code',
    open: true,
    handle: () => ({
      http: 200,
      contentType: 'image/svg+xml',
      body: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0h1v1H0z"/></svg>',
    }),
  },
  {
    ...app,
    method: 'POST',
    path: /^\/snap\/v1\/transactions$/,
    operation: 'snap_create',
    handle: ({ engine, merchant, body, notifyUrls }) =>
      createSession(engine, merchant, body, notifyUrls),
  },
  {
    ...app,
    method: 'POST',
    path: /^\/snap\/v1\/transactions\/([^/]+)\/cancel$/,
    operation: 'snap_cancel',
    handle: ({ engine, merchant, id }) => cancelSession(engine, merchant, id),
  },
  {
    ...app,
    method: 'GET',
    path: /^\/snap\/v3\/redirection\/([^/]+)$/,
    operation: 'snap_page',
    open: true,
    handle: ({ engine, id }) => showSession(engine, id),
  },
];

export interface Match {
  readonly route: Route;
  readonly id: string;
}

export function findRoute(family: Family, method: string, path: string): Match | undefined {
  for (const route of routes) {
    if (route.family !== family || route.method !== method) continue;
    const found = route.path.exec(path);
    if (!found) continue;
    const id = decode(found[1] ?? '');
    if (id !== undefined) return { route, id };
  }
  return undefined;
}

/** Undefined for a broken escape: such a path leads nowhere. */
function decode(part: string): string | undefined {
  return /%(?![0-9A-Fa-f]{2})/.test(part) ? undefined : decodeURIComponent(part);
}
