/** Every route of the core, hot ones first: Express looks through them in this order. */
import { accessRoutes, type AccessRouteDeps } from '../access/routes.ts';
import { accountRoutes } from '../accounts/routes.ts';
import { customerRoutes } from '../customers/routes.ts';
import { eventRoutes } from '../payments/event-routes.ts';
import type { Desk } from '../payments/desk.ts';
import { paymentRoutes } from '../payments/routes.ts';
import { clockRoutes } from '../jobs/routes.ts';
import type { SandboxClock } from '../jobs/sandbox-clock.ts';
import { ledgerRoutes } from '../ledger/routes.ts';
import type { Check } from '../ledger/verify.ts';
import { refundRoutes } from '../refunds/routes.ts';
import type { Route } from '../sdk/route.ts';
import { returnRoute } from './return-link.ts';

export interface AllRoutesDeps extends Omit<AccessRouteDeps, 'idempotency'> {
  readonly desk: Desk;
  /** Absent in live mode. */
  readonly sandboxClock: SandboxClock | undefined;
  verify(): Promise<readonly Check[]>;
}

export function allRoutes(deps: AllRoutesDeps): readonly Route[] {
  const { desk, sandboxClock } = deps;
  const shared = { ...deps, ...desk };
  return [
    ...paymentRoutes(desk),
    ...refundRoutes(desk),
    ...customerRoutes(shared),
    ...eventRoutes(desk),
    ...accountRoutes(shared),
    ...accessRoutes(shared),
    returnRoute(desk),
    ...ledgerRoutes({ commit: desk, verify: () => deps.verify() }),
    ...(sandboxClock ? clockRoutes({ clock: sandboxClock, commit: desk }) : []),
  ];
}
