/** The Express application: request ids, routes, 405s, one place where problems are printed. */
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import { newId } from '../base/id.ts';
import type { Clock } from '../base/clock.ts';
import { Problem } from '../sdk/problem.ts';
import type { Reply, Route } from '../sdk/route.ts';
import { mountDialects, type DialectDeps, type MountedDialect } from './dialect.ts';
import { handlerOf, type Locals, type MountDeps } from './mount.ts';
import { pluginPageHandler, type MountedPage } from './page.ts';
import { problemOf, sendProblem, sendReply } from './send.ts';

/** A page or probe beside the API: no key, no schema, plain GET. */
/** What a page may want to know of who asks. */
export interface PageRequest {
  readonly ip: string;
  readonly authorization: string | undefined;
  /** A proxy passed the request on, so `ip` may be the proxy's. */
  readonly forwarded: boolean;
}

export interface Page {
  readonly path: string;
  handle(request: PageRequest): Promise<Reply>;
}

/** One line a request, for logs and metrics. */
export interface RequestRecord {
  readonly requestId: string;
  readonly method: string;
  /** The route's pattern, never the raw path: that may hold anything. */
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
  readonly merchantId: string | undefined;
}

export interface AppDeps extends MountDeps {
  readonly clock: Clock;
  readonly routes: readonly Route[];
  readonly pages: readonly Page[];
  /** What plugins mount beside the API. */
  readonly plugged?: Plugged;
  /** Proxies whose X-Forwarded-For is believed; none by default. */
  readonly trustedProxies: readonly string[];
  onRequest(record: RequestRecord): void;
  /** A fault of ours, with its request id; never a refusal. */
  onError(error: unknown, requestId: string): void;
}

export interface Plugged extends Pick<DialectDeps, 'answers' | 'callsOf' | 'ownerOfSecret'> {
  readonly dialects: readonly MountedDialect[];
  readonly pages: readonly MountedPage[];
}

const expressPath = (path: string) => path.replaceAll(/\{(\w+)\}/g, ':$1');

/** For browsers with a public key: any origin may ask, no cookie is ever involved. */
const crossOrigin = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': 'authorization, content-type, idempotency-key',
  'access-control-allow-methods': 'GET, POST',
  'access-control-expose-headers': 'x-request-id, idempotent-replayed, retry-after',
  'access-control-max-age': '7200',
};

export function createApp(deps: AppDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('case sensitive routing');
  app.enable('strict routing');
  if (deps.trustedProxies.length > 0) app.set('trust proxy', deps.trustedProxies);

  app.use(opening(deps));
  const { plugged } = deps;
  if (plugged) mountDialects(app, plugged.dialects, { ...deps, ...plugged });
  const paths = new Map<string, Route[]>();
  for (const route of deps.routes) paths.set(route.path, [...(paths.get(route.path) ?? []), route]);
  for (const [path, routes] of paths) mountPath(app, path, routes, deps);
  for (const page of deps.pages) mountPage(app, page);
  if (plugged) mountPluginPages(app, plugged, deps);
  app.use(() => {
    throw new Problem('not_found', 'there is nothing at this path; see /docs');
  });
  app.use(closing(deps));
  return app;
}

/** Every answer carries the request's id and is never kept by a cache. */
function opening({ clock, onRequest }: AppDeps): RequestHandler {
  return (request, response, next) => {
    const startedMs = performance.now();
    const requestId = newId('request', clock.now());
    const locals = response.locals as Locals;
    locals.requestId = requestId;
    response.setHeader('x-request-id', requestId);
    response.setHeader('cache-control', 'no-store');
    response.setHeader('x-content-type-options', 'nosniff');
    response.once('finish', () => {
      onRequest({
        requestId,
        method: request.method,
        route: locals.route?.path ?? 'other',
        status: response.statusCode,
        durationMs: performance.now() - startedMs,
        merchantId: locals.principal?.merchantId,
      });
    });
    next();
  };
}

function mountPath(app: Express, path: string, routes: readonly Route[], deps: AppDeps): void {
  const at = expressPath(path);
  const open = routes.some(({ access }) => access.kind === 'merchant' && access.publicKey);
  const allow = [...new Set(routes.map(({ method }) => method.toUpperCase()))].join(', ');
  if (open) {
    app.all(at, (request, response, next) => {
      for (const [name, value] of Object.entries(crossOrigin)) response.setHeader(name, value);
      if (request.method !== 'OPTIONS') return next();
      response.writeHead(204).end();
    });
  }
  for (const route of routes) app[route.method](at, handlerOf(route, deps));
  app.all(at, () => {
    throw new Problem('method_not_allowed', `this path takes ${allow}`, { headers: { allow } });
  });
}

function mountPage(app: Express, page: Page): void {
  app.get(page.path, pageHandler(page));
  app.all(page.path, () => {
    throw new Problem('method_not_allowed', 'this path takes GET', { headers: { allow: 'GET' } });
  });
}

function mountPluginPages(app: Express, plugged: Plugged, deps: AppDeps): void {
  const allowed = new Map<string, string[]>();
  for (const mounted of plugged.pages) {
    const { method, path } = mounted.page;
    app[method](expressPath(path), pluginPageHandler(mounted, { ...deps, ...plugged }));
    allowed.set(path, [...(allowed.get(path) ?? []), method.toUpperCase()]);
  }
  for (const [path, methods] of allowed) {
    const allow = methods.join(', ');
    app.all(expressPath(path), () => {
      throw new Problem('method_not_allowed', `this path takes ${allow}`, { headers: { allow } });
    });
  }
}

/** Express 5 passes a rejection on to the error handler by itself. */
function pageHandler(page: Page): RequestHandler {
  return async (request, response) => {
    const { authorization, forwarded, via } = request.headers;
    const passedOn = forwarded ?? via ?? request.headers['x-forwarded-for'];
    const asked = { ip: request.ip ?? '', authorization, forwarded: passedOn !== undefined };
    sendReply(response, await page.handle(asked));
  };
}

function closing({ onError }: AppDeps): ErrorRequestHandler {
  return (error: unknown, _request, response, _next) => {
    const { requestId } = response.locals as Locals;
    const problem = problemOf(error);
    if (problem.status >= 500) onError(error, requestId);
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    sendProblem(response, problem, requestId);
  };
}
