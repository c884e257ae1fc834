/** Every route of the core, hot ones first: Express looks through them in this order. */
import { accessRoutes, type AccessRouteDeps } from '../access/routes.ts';
import { accountRoutes } from '../accounts/routes.ts';
import { customerRoutes } from '../customers/routes.ts';
import { eventRoutes } from '../payments/event-routes.ts';
import type { Desk } from '../payments/desk.ts';
import { paymentRoutes } from '../payments/routes.ts';
import { refundRoutes } from '../refunds/routes.ts';
import type { Route } from '../sdk/route.ts';
import { returnRoute } from './return-link.ts';

export function allRoutes(
  deps: Omit<AccessRouteDeps, 'idempotency'> & { readonly desk: Desk },
): readonly Route[] {
  const { desk } = deps;
  const shared = { ...deps, ...desk };
  return [
    ...paymentRoutes(desk),
    ...refundRoutes(desk),
    ...customerRoutes(shared),
    ...eventRoutes(desk),
    ...accountRoutes(shared),
    ...accessRoutes(shared),
    returnRoute(desk),
  ];
}
