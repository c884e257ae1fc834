/** Pages of plugins: for people, so without keys and schemas, and with headers that protect. */
import type { RequestHandler } from 'express';
import type { PageRoute } from '../sdk/plugin.ts';
import { Problem } from '../sdk/problem.ts';
import type { Reply } from '../sdk/route.ts';
import { readBytes } from './body.ts';
import { inspect } from './inspect.ts';
import type { Limits } from './limits.ts';
import type { Locals } from './mount.ts';
import type { CallMaker } from './dialect-repeats.ts';
import { problemOf, sendReply } from './send.ts';

/** A page with whose it is. */
export interface MountedPage {
  readonly plugin: string;
  readonly page: PageRoute;
}

export interface PageDeps {
  readonly limits: Pick<Limits, 'count'>;
  readonly callsOf: CallMaker;
  onError(error: unknown, requestId: string): void;
}

/** A form of a checkout has a few hundred bytes. */
const formLimitBytes = 16 * 1024;

/** Nothing is loaded and nobody frames it, until a page says what it needs. */
const closed = {
  'content-security-policy':
    "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
};

export function pluginPageHandler({ plugin, page }: MountedPage, deps: PageDeps): RequestHandler {
  return async (request, response) => {
    const locals = response.locals as Locals;
    locals.route = page;
    const { requestId } = locals;
    const clientIp = request.ip ?? '';
    try {
      await deps.limits.count('public', clientIp);
      const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
      const reply = await page.handle({
        params: request.params as Record<string, string>,
        query: fields(new URL(request.url, 'http://page').searchParams, undefined),
        form: page.method === 'post' ? await formOf(request, page) : {},
        headers: Object.fromEntries(headers) as Record<string, string>,
        clientIp,
        requestId,
        call: deps.callsOf(plugin, { principal: undefined, requestId, clientIp }),
      });
      sendReply(response, withHeaders(reply));
    } catch (error) {
      const problem = problemOf(error);
      if (!page.problem || response.headersSent) throw error;
      if (problem.status >= 500) deps.onError(error, requestId);
      sendReply(response, withHeaders(page.problem(problem, requestId)));
    }
  };
}

async function formOf(
  request: Parameters<RequestHandler>[0],
  { cardField }: PageRoute,
): Promise<Record<string, string>> {
  const bytes = await readBytes(request, formLimitBytes);
  if (bytes.length === 0) return {};
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) {
    throw new Problem('unsupported_media_type', 'this page takes a form');
  }
  return fields(new URLSearchParams(bytes.toString('utf8')), cardField);
}

function fields(given: URLSearchParams, cardField: string | undefined): Record<string, string> {
  const values = Object.fromEntries(given) as Record<string, string>;
  inspect(values, cardField === undefined ? undefined : [cardField]);
  return values;
}

function withHeaders(reply: Reply): Reply {
  const lower = Object.entries(reply.headers ?? {}).map(([name, value]) => [
    name.toLowerCase(),
    value,
  ]);
  return { ...reply, headers: { ...closed, ...Object.fromEntries(lower) } };
}
