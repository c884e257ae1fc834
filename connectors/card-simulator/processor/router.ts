/** The route table: literal paths by look-up, paths with parameters by walking their segments. */
import type { Answer, Exchange } from './exchange.ts';

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** `/v1/charges/:id/captures` */
  readonly path: string;
  /** Wants a merchant's key. */
  readonly merchant: boolean;
  handle(exchange: Exchange): Promise<Answer>;
}

export interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

const noParams = Object.freeze({});

export class Router {
  readonly #literal = new Map<string, Route>();
  readonly #patterned: { readonly route: Route; readonly segments: readonly string[] }[] = [];

  constructor(routes: readonly Route[]) {
    for (const route of routes) {
      if (route.path.includes(':')) {
        this.#patterned.push({ route, segments: route.path.split('/') });
      } else this.#literal.set(`${route.method} ${route.path}`, route);
    }
  }

  find(method: string, path: string): Match | undefined {
    const literal = this.#literal.get(`${method} ${path}`);
    if (literal) return { route: literal, params: noParams };
    const given = path.split('/');
    for (const { route, segments } of this.#patterned) {
      if (route.method !== method || segments.length !== given.length) continue;
      const params = paramsOf(segments, given);
      if (params) return { route, params };
    }
    return undefined;
  }

  /** Whether the path exists under some other method. */
  knows(path: string): boolean {
    return ['GET', 'POST', 'DELETE'].some((method) => this.find(method, path) !== undefined);
  }
}

function paramsOf(segments: readonly string[], given: readonly string[]) {
  const params: Record<string, string> = {};
  for (const [place, segment] of segments.entries()) {
    const value = given[place] ?? '';
    if (segment.startsWith(':')) params[segment.slice(1)] = value;
    else if (segment !== value) return undefined;
  }
  return params;
}
