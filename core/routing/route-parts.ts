/** What the routes of routing have in common. */
import type { Idempotency } from '../idempotency/idempotency.ts';
import type { Backtester } from './backtest/backtester.ts';
import type { NameOf } from './present.ts';
import type { RoutingDesk } from './route.ts';
import type { SourceDeps } from './source-verbs.ts';

export interface RoutingRouteDeps extends SourceDeps {
  readonly idempotency: Idempotency;
  readonly routing: RoutingDesk;
  readonly backtester: Backtester;
}

export const tag = 'Routing';
export const reading = { kind: 'merchant', scope: 'routing:read' } as const;
export const writing = { kind: 'merchant', scope: 'routing:write' } as const;
export const managing = { tag, rate: 'management' } as const;
export const asking = { tag, rate: 'queries' } as const;

/** Null for an account that is gone. */
export async function namesOf(
  { accounts }: Pick<RoutingRouteDeps, 'accounts'>,
  merchantId: string,
): Promise<NameOf> {
  const names = new Map(
    (await accounts.list(merchantId)).map(({ record: { id, name } }) => [id, name]),
  );
  return (id) => names.get(id) ?? null;
}

export const exampleRules = {
  version: 1,
  rules: [
    {
      name: 'large',
      when: { amount: { currency: 'USD', gte: 100_000 } },
      use: { strategy: 'failover', accounts: 'all' },
      failover: { max_attempts: 2 },
    },
  ],
  default: { strategy: 'round_robin', accounts: 'all' },
};
