/**
 * Which part is made from which: one module a feature, singletons throughout. `container.get` is
 * called in start.ts and in tests, nowhere else.
 */
import { Container, ContainerModule } from 'inversify';
import type { Clock } from '../base/clock.ts';
import type { Keyring } from '../base/keyring.ts';
import type { Config } from '../../config/load.ts';
import { Access } from '../access/access.ts';
import { Idempotency } from '../idempotency/idempotency.ts';
import { Merchants } from '../access/merchants.ts';
import { Accounts, type ConnectorRegistry } from '../accounts/account.ts';
import { Customers } from '../customers/customer.ts';
import { Limits } from '../http/limits.ts';
import type { Desk } from '../payments/desk.ts';
import { Engine } from '../payments/engine.ts';
import type { PaymentRecord } from '../payments/record.ts';
import type { Database } from '../storage/index.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { deskObserver, engineObserver } from './observers.ts';
import { returnLinkOf } from './return-link.ts';
import { construct, token } from './token.ts';

/** What start.ts puts in: things with a life of their own, opened before and closed after. */
export interface Outside {
  readonly config: Config;
  readonly clock: Clock;
  readonly keyring: Keyring;
  readonly db: Database;
  readonly registry: ConnectorRegistry;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Known only once the server listens, when the port was 0. */
  baseUrl(): string;
}

export const tokens = {
  outside: token<Outside>('outside'),
  db: token<Database>('db'),
  clock: token<Clock>('clock'),
  keyring: token<Keyring>('keyring'),
  registry: token<ConnectorRegistry>('registry'),
  desk: token<Desk>('desk'),
};

const outsideModule = (outside: Outside) =>
  new ContainerModule(({ bind }) => {
    bind(tokens.outside).toConstantValue(outside);
    bind(tokens.db).toConstantValue(outside.db);
    bind(tokens.clock).toConstantValue(outside.clock);
    bind(tokens.keyring).toConstantValue(outside.keyring);
    bind(tokens.registry).toConstantValue(outside.registry);
  });

const accessModule = new ContainerModule(({ bind }) => {
  bind(Access).toResolvedValue(...construct(Access, tokens.db, tokens.keyring, tokens.clock));
  bind(Merchants).toResolvedValue(...construct(Merchants, tokens.db, Access, tokens.clock));
  bind(Idempotency).toResolvedValue(
    ...construct(Idempotency, tokens.db, tokens.keyring, tokens.clock),
  );
  bind(Limits).toResolvedValue(
    ({ config }: Outside) => new Limits(ratesOf(config)),
    [tokens.outside],
  );
});

const accountsModule = new ContainerModule(({ bind }) => {
  bind(Accounts).toResolvedValue(
    ...construct(Accounts, tokens.db, tokens.keyring, tokens.registry),
  );
  bind(Customers).toResolvedValue(...construct(Customers, tokens.db));
});

const paymentsModule = new ContainerModule(({ bind }) => {
  bind(Engine).toResolvedValue(
    (outside: Outside, accounts: Accounts, idempotency: Idempotency) =>
      new Engine({
        db: outside.db,
        clock: outside.clock,
        mode: outside.config.mode,
        accounts,
        idempotency,
        returnUrlOf: (payment: PaymentRecord) =>
          `${outside.baseUrl()}${returnLinkOf(outside.keyring, payment)}`,
        observer: engineObserver(outside.log, outside.metrics),
      }),
    [tokens.outside, Accounts, Idempotency],
  );
  bind(tokens.desk).toResolvedValue(
    (
      outside: Outside,
      engine: Engine,
      accounts: Accounts,
      customers: Customers,
      merchants: Merchants,
      idempotency: Idempotency,
    ): Desk => ({
      mode: outside.config.mode,
      db: outside.db,
      clock: outside.clock,
      keyring: outside.keyring,
      absenceGraceMs: outside.config.processors.absence_grace_ms,
      engine,
      accounts,
      customers,
      merchants,
      idempotency,
      observer: deskObserver(outside.log, outside.metrics),
    }),
    [tokens.outside, Engine, Accounts, Customers, Merchants, Idempotency],
  );
});

function ratesOf({ rate_limits: limits }: Config) {
  return {
    payments: { perSecond: limits.payments.per_second, perHour: limits.payments.per_hour },
    queries: { perSecond: limits.queries.per_second },
    management: { perSecond: limits.management.per_second },
    public: { perSecond: limits.public.per_second },
  };
}

export function createContainer(outside: Outside): Container {
  const container = new Container({ defaultScope: 'Singleton' });
  container.load(outsideModule(outside), accessModule, accountsModule, paymentsModule);
  return container;
}
