/** Every route of the core, hot ones first: Express looks through them in this order. */
import { plugins } from '../../plugins/index.ts';
import { accessRoutes, type AccessRouteDeps } from '../access/routes.ts';
import { accountRoutes } from '../accounts/routes.ts';
import { disputeRoutes } from '../disputes/routes.ts';
import type { IncomingDesk } from '../incoming/desk.ts';
import { incomingRoutes } from '../incoming/routes.ts';
import { customerRoutes } from '../customers/routes.ts';
import { methodRoutes, methodsErased } from '../methods/index.ts';
import { eventRoutes } from '../payments/event-routes.ts';
import type { Desk } from '../payments/desk.ts';
import { paymentRoutes } from '../payments/routes.ts';
import { clockRoutes } from '../jobs/routes.ts';
import type { SandboxClock } from '../jobs/sandbox-clock.ts';
import { ledgerRoutes } from '../ledger/routes.ts';
import type { Check } from '../ledger/verify.ts';
import { refundRoutes } from '../refunds/routes.ts';
import type { Backtester } from '../routing/backtest/backtester.ts';
import { routingRoutes } from '../routing/routes.ts';
import type { RulesSource } from '../routing/source.ts';
import type { Host } from '../sdk/host.ts';
import type { Route } from '../sdk/route.ts';
import type { WebhookDesk } from '../webhooks/desk.ts';
import { webhookRoutes } from '../webhooks/routes.ts';
import { returnRoute } from './return-link.ts';
import { secretRoutes } from './secret-routes.ts';

export interface AllRoutesDeps extends Omit<AccessRouteDeps, 'idempotency'> {
  readonly desk: Desk;
  readonly incoming: IncomingDesk;
  readonly webhooks: WebhookDesk;
  readonly source: RulesSource;
  readonly backtester: Backtester;
  /** Absent in live mode. */
  readonly sandboxClock: SandboxClock | undefined;
  verify(): Promise<readonly Check[]>;
}

/**
 * Every route as data, with those of the plugins that come with the switch, and those of the
 * sandbox's clock only with `clock`: for descriptions and tables, not to be called. What the routes
 * stand on is made up.
 */
export function describedRoutes(clock: boolean): readonly Route[] {
  const hollow = {
    get: (_: object, name: string) => (name === 'sandboxClock' && !clock ? undefined : {}),
  };
  const host = new Proxy({}, { get: () => ({}) }) as Host<never>;
  const added = plugins.flatMap((plugin) => plugin.contribute(host).routes ?? []);
  return [...allRoutes(new Proxy({}, hollow) as AllRoutesDeps), ...added];
}

export function allRoutes(deps: AllRoutesDeps): readonly Route[] {
  const { desk, sandboxClock } = deps;
  const shared = { ...deps, ...desk };
  return [
    ...paymentRoutes(desk),
    ...refundRoutes(desk),
    ...customerRoutes({ ...shared, erasedBeside: (customer) => methodsErased(desk, customer) }),
    ...methodRoutes(desk),
    ...disputeRoutes(desk),
    ...incomingRoutes(deps.incoming),
    ...webhookRoutes(deps.webhooks, desk),
    ...eventRoutes(desk),
    ...accountRoutes(shared),
    ...routingRoutes(shared),
    ...accessRoutes(shared),
    returnRoute(desk),
    ...ledgerRoutes({ commit: desk, verify: () => deps.verify() }),
    ...secretRoutes({ db: desk.db, keyring: desk.keyring, commit: desk }),
    ...(sandboxClock ? clockRoutes({ clock: sandboxClock, commit: desk }) : []),
  ];
}
