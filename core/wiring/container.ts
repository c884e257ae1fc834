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
import { CvcMemory } from '../methods/index.ts';
import type { IncomingDesk } from '../incoming/desk.ts';
import { Bell } from '../jobs/bell.ts';
import { Limits } from '../http/limits.ts';
import type { Desk } from '../payments/desk.ts';
import { Engine } from '../payments/engine.ts';
import { RoutingBook } from '../routing/book.ts';
import { HealthBook } from '../routing/health-book.ts';
import type { RoutingDesk } from '../routing/route.ts';
import { RulesSource } from '../routing/source.ts';
import type { PaymentRecord } from '../payments/record.ts';
import type { Database } from '../storage/index.ts';
import type { WebhookDesk } from '../webhooks/desk.ts';
import { Dispatcher } from '../webhooks/dispatcher.ts';
import { Payloads } from '../webhooks/payloads.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { deskObserver, engineObserver, incomingObserver, webhookObserver } from './observers.ts';
import { returnLinkOf } from './return-link.ts';
import { surroundingsOf } from './surroundings.ts';
import { construct, token } from './token.ts';
import type { WebhookOutlet } from './webhook-outlet.ts';

/** What start.ts puts in: things with a life of their own, opened before and closed after. */
export interface Outside {
  readonly config: Config;
  readonly clock: Clock;
  readonly keyring: Keyring;
  readonly db: Database;
  readonly outlet: WebhookOutlet;
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
  routing: token<RoutingDesk>('routing'),
  desk: token<Desk>('desk'),
  incoming: token<IncomingDesk>('incoming'),
  webhooks: token<WebhookDesk>('webhooks'),
  bell: token<Bell>('bell'),
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
    (outside: Outside) =>
      new Accounts(outside.db, outside.keyring, outside.registry, surroundingsOf(outside)),
    [tokens.outside],
  );
  bind(Customers).toResolvedValue(...construct(Customers, tokens.db));
});

const routingModule = new ContainerModule(({ bind }) => {
  bind(RulesSource).toResolvedValue(({ db }: Outside) => new RulesSource(db), [tokens.outside]);
  bind(tokens.routing).toResolvedValue(
    ({ clock, db }: Outside, accounts: Accounts, rules: RulesSource): RoutingDesk => ({
      clock,
      accounts,
      book: new RoutingBook(db),
      health: new HealthBook(clock),
      rules,
    }),
    [tokens.outside, Accounts, RulesSource],
  );
});

const paymentsModule = new ContainerModule(({ bind }) => {
  bind(Engine).toResolvedValue(
    (
      outside: Outside,
      accounts: Accounts,
      customers: Customers,
      idempotency: Idempotency,
      routing: RoutingDesk,
    ) =>
      new Engine({
        db: outside.db,
        clock: outside.clock,
        mode: outside.config.mode,
        keyring: outside.keyring,
        accounts,
        customers,
        routing,
        idempotency,
        returnUrlOf: (payment: PaymentRecord) =>
          `${outside.baseUrl()}${returnLinkOf(outside.keyring, payment)}`,
        observer: engineObserver(outside.log, outside.metrics),
      }),
    [tokens.outside, Accounts, Customers, Idempotency, tokens.routing],
  );
  bind(tokens.desk).toResolvedValue(
    (
      outside: Outside,
      engine: Engine,
      routing: RoutingDesk,
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
      cvcs: new CvcMemory(outside.clock),
      checkWebhookUrl: (url) => outside.outlet.checkUrl(url),
      webhookSigners: outside.outlet.signers,
      engine,
      routing,
      accounts,
      customers,
      merchants,
      idempotency,
      observer: deskObserver(outside.log, outside.metrics),
    }),
    [tokens.outside, Engine, tokens.routing, Accounts, Customers, Merchants, Idempotency],
  );
});

const incomingModule = new ContainerModule(({ bind }) => {
  bind(tokens.bell).toConstantValue(new Bell());
  bind(tokens.incoming).toResolvedValue(
    ({ log, metrics }: Outside, desk: Desk, bell: Bell): IncomingDesk => ({
      desk,
      observer: incomingObserver(log, metrics),
      wake: bell.ring,
    }),
    [tokens.outside, tokens.desk, tokens.bell],
  );
});

const webhooksModule = new ContainerModule(({ bind }) => {
  bind(tokens.webhooks).toResolvedValue(
    ({ db, clock, keyring, outlet, log, metrics }: Outside): WebhookDesk => ({
      db,
      clock,
      keyring,
      wall: outlet.wall,
      port: outlet.port,
      listeners: outlet.listeners,
      signers: outlet.signers,
      payloads: new Payloads(db),
      observer: webhookObserver(log, metrics),
      checkUrl: (url) => outlet.checkUrl(url),
      wake: outlet.bell.ring,
    }),
    [tokens.outside],
  );
  bind(Dispatcher).toResolvedValue(...construct(Dispatcher, tokens.webhooks));
});

function ratesOf({ rate_limits: limits }: Config) {
  return {
    payments: { perSecond: limits.payments.per_second, perHour: limits.payments.per_hour },
    queries: { perSecond: limits.queries.per_second },
    management: { perSecond: limits.management.per_second },
    public: { perSecond: limits.public.per_second },
    webhooks: { perSecond: limits.webhooks.per_second },
  };
}

export function createContainer(outside: Outside): Container {
  const container = new Container({ defaultScope: 'Singleton' });
  container.load(
    outsideModule(outside),
    accessModule,
    accountsModule,
    routingModule,
    paymentsModule,
    incomingModule,
    webhooksModule,
  );
  return container;
}
