/**
 * Mounting a dialect: everything below its prefix, or on its host names, is answered in its own
 * words, refusals of ours included. The order is that of mount.ts: who calls, how often, what was
 * said, whether it was said before, and only then the handler.
 */
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
  type Router,
} from 'express';
import type { Dialect, DialectRoute } from '../sdk/dialect.ts';
import { Problem } from '../sdk/problem.ts';
import { FieldsRefused, fieldsCheck } from './dialect-fields.ts';
import { printedReply, type DialectAnswers, type PrintedAnswer } from './dialect-answers.ts';
import { principalFor, type DialectAccessDeps } from './dialect-access.ts';
import { repeatable, type CallMaker } from './dialect-repeats.ts';
import { parseJson, readBytes } from './body.ts';
import { inspect } from './inspect.ts';
import { Limits } from './limits.ts';
import type { Locals } from './mount.ts';
import type { Keyring } from '../base/keyring.ts';
import { problemOf, sendReply } from './send.ts';

/** A dialect with its place. */
export interface MountedDialect {
  readonly plugin: string;
  /** `/paypool`; empty never. */
  readonly prefix: string;
  /** Where everything is the dialect's, without the prefix. */
  readonly hosts: readonly string[];
  readonly dialect: Dialect;
}

export interface DialectDeps extends DialectAccessDeps {
  readonly keyring: Keyring;
  readonly answers: DialectAnswers;
  readonly bodyLimitBytes: number;
  /** Native calls of a plugin. */
  readonly callsOf: CallMaker;
  /** A fault of ours, with its request id; never a refusal. */
  onError(error: unknown, requestId: string): void;
}

/** Before every native path: a host name of a dialect's hides them. */
export function mountDialects(
  app: Express,
  mounted: readonly MountedDialect[],
  deps: DialectDeps,
): void {
  const routers = mounted.map((one) => [one, routerOf(one, deps)] as const);
  const byHost = new Map(
    routers.flatMap(([{ hosts }, router]) => hosts.map((host) => [host, router])),
  );
  // Ahead of the prefixes: on its own host a path of one dialect may look like another's prefix.
  app.use((request, response, next) => {
    const router = byHost.get(request.hostname?.toLowerCase() ?? '');
    if (router) router(request, response, next);
    else next();
  });
  for (const [{ prefix }, router] of routers) app.use(prefix, router);
}

/** Beside what every request carries: the route, once one fits. */
interface DialectLocals extends Locals {
  dialectRoute?: DialectRoute;
}

const expressPath = (path: string) => path.replaceAll(/\{(\w+)\}/g, ':$1');

function routerOf(mounted: MountedDialect, deps: DialectDeps): Router {
  const { dialect } = mounted;
  const router = express.Router({ caseSensitive: true, strict: true });
  const own = new Limits(dialect.rateLimits ?? {});
  const limits: Pick<Limits, 'count'> = {
    count: (rateClass, who) =>
      (dialect.rateLimits?.[rateClass] ? own : deps.limits).count(rateClass, who),
  };
  const paths = new Map<string, DialectRoute[]>();
  for (const route of dialect.routes) {
    paths.set(route.path, [...(paths.get(route.path) ?? []), route]);
  }
  router.use((_request, response, next) => {
    (response.locals as Locals).route = { path: `${mounted.prefix}/*` };
    next();
  });
  for (const [path, routes] of paths) {
    const at = expressPath(path);
    if (routes.some(({ access }) => ['public', 'client_secret', 'anyone'].includes(access))) {
      router.all(at, crossOrigin(routes));
    }
    for (const route of routes) router[route.method](at, handlerOf(mounted, route, limits, deps));
    const allow = [...new Set(routes.map(({ method }) => method.toUpperCase()))].join(', ');
    router.all(at, () => {
      throw new Problem('method_not_allowed', `this path takes ${allow}`, { headers: { allow } });
    });
  }
  router.use(() => {
    throw new Problem('not_found', 'there is nothing at this path');
  });
  router.use(closing(mounted, deps));
  return router;
}

/** Browsers ask from the shop's pages; no cookie is ever involved. */
function crossOrigin(routes: readonly DialectRoute[]): RequestHandler {
  const methods = routes.map(({ method }) => method.toUpperCase()).join(', ');
  return (request, response, next) => {
    response.setHeader('access-control-allow-origin', '*');
    if (request.method !== 'OPTIONS') return next();
    const asked = request.headers['access-control-request-headers'] ?? 'content-type';
    response.setHeader('access-control-allow-headers', asked);
    response.setHeader('access-control-allow-methods', methods);
    response.setHeader('access-control-max-age', '7200');
    response.writeHead(204).end();
  };
}

function handlerOf(
  mounted: MountedDialect,
  route: DialectRoute,
  limits: Pick<Limits, 'count'>,
  deps: DialectDeps,
): RequestHandler {
  const lenient = route.lenient ?? false;
  const checks = {
    params: route.params && fieldsCheck(route.params, 'path', true),
    search: route.search && fieldsCheck(route.search, 'query', true),
    body: route.body && fieldsCheck(route.body, 'body', lenient),
  };
  const access = principalFor(mounted.dialect, route, { ...deps, limits });
  return async (request, response) => {
    const locals = response.locals as DialectLocals;
    locals.route = { path: `${mounted.prefix}${route.path}` };
    locals.dialectRoute = route;
    const arrived = { headers: headersOf(request), query: queryOf(request) };
    const clientIp = request.ip ?? '';
    // A client secret stands in the body, so there the body is read before it is known who calls.
    const principal =
      route.access === 'client_secret' ? undefined : await access.byKey(arrived, clientIp);
    const { raw, body: json } = await bodyOf(route, request, deps.bodyLimitBytes);
    const known = principal ?? (await access.bySecret({ ...arrived, body: json }, clientIp));
    locals.principal = known;
    const input = {
      ...arrived,
      params: checks.params ? checks.params(request.params) : request.params,
      search: checks.search ? checks.search(arrived.query) : arrived.query,
      body: checks.body && json !== undefined ? checks.body(json) : json,
      raw,
      principal: known,
      requestId: locals.requestId,
      clientIp,
    };
    const print = (error: unknown) => printed(mounted.dialect, route, error, input.requestId);
    const said = { url: request.originalUrl, json };
    send(response, await repeatable(mounted, route, input, said, print, deps));
  };
}

async function bodyOf(route: DialectRoute, request: Request, limitBytes: number) {
  const none = { raw: new Uint8Array(), body: undefined };
  if (request.method === 'GET' || request.method === 'HEAD') return none;
  const raw = await readBytes(request, limitBytes);
  if (!route.body) return { raw, body: undefined };
  const json = parseJson(request, raw);
  if (json === undefined) {
    if (route.bodyOptional) return none;
    throw new Problem('invalid_request', 'this request needs a JSON body');
  }
  inspect(json, route.card?.number, route.opaqueFields);
  return { raw, body: json };
}

function headersOf(request: Request): Record<string, string> {
  const pairs = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
  return Object.fromEntries(pairs) as Record<string, string>;
}

function queryOf(request: Request): Record<string, string> {
  const mark = request.url.indexOf('?');
  const query: Record<string, string> = {};
  if (mark === -1) return query;
  for (const [key, value] of new URLSearchParams(request.url.slice(mark + 1))) {
    inspect({ [key]: value }, undefined);
    query[key] = value;
  }
  return query;
}

function closing(mounted: MountedDialect, { onError }: DialectDeps): ErrorRequestHandler {
  return (error: unknown, _request, response, _next) => {
    const { requestId, dialectRoute } = response.locals as DialectLocals;
    if (problemOf(error).status >= 500) onError(error, requestId);
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    send(response, printed(mounted.dialect, dialectRoute, error, requestId, onError));
  };
}

/** A refusal in the dialect's words; in ours, without details, when those break too. */
function printed(
  dialect: Dialect,
  route: DialectRoute | undefined,
  error: unknown,
  requestId: string,
  onError?: (error: unknown, requestId: string) => void,
): PrintedAnswer {
  const problem = problemOf(error);
  const fields = error instanceof FieldsRefused ? error.fields : [];
  try {
    const answer = printedReply(dialect.problem({ problem, requestId, fields, route }));
    return { ...answer, headers: { ...problem.options.headers, ...answer.headers } };
  } catch (broken) {
    if (!onError) throw broken;
    onError(broken, requestId);
    const plain = new Problem('internal_error', 'something broke on our side');
    return printedReply({ status: 500, body: plain.toJson(requestId) });
  }
}

function send(response: Response, { status, text, contentType, headers }: PrintedAnswer): void {
  sendReply(response, { status, body: undefined, text, contentType, headers });
}
