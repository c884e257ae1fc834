/** One request on its way to a handler, and the table that says which handler takes it. */
import type { Params } from './params.ts';
import type { Account, World } from './world.ts';

export interface Call {
  readonly world: World;
  readonly account: Account;
  readonly params: Params;
  /** The id in the path. */
  readonly id: string;
  /** Made in the customer's browser, with the publishable key. */
  readonly browser: boolean;
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** `/v1/refunds/:id/cancel` */
  readonly path: string;
  readonly handle: (call: Call) => object;
  /** What Stripe.js may call with a publishable key. */
  readonly browser?: true;
}

/** @returns the route and the id in the path. */
export function findRoute(
  routes: readonly Route[],
  method: string,
  path: string,
): { route: Route; id: string } | undefined {
  const parts = path.split('/');
  const matches = (route: Route): boolean => {
    const wanted = route.path.split('/');
    return (
      route.method === method &&
      wanted.length === parts.length &&
      wanted.every((word, at) => word === parts[at] || (word === ':id' && parts[at] !== 'search'))
    );
  };
  const route = routes.find(matches);
  if (!route) return undefined;
  const at = route.path.split('/').indexOf(':id');
  return { route, id: at === -1 ? '' : decodeURIComponent(parts[at] ?? '') };
}
