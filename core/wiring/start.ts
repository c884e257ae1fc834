/** Boot, in reading order; whatever was opened is closed again when a later step fails. */
import { join } from 'node:path';
import { connectors } from '../../connectors/index.ts';
import { migrations } from '../../migrations/index.ts';
import type { Config } from '../../config/load.ts';
import { MovableClock, systemClock, type Clock } from '../base/clock.ts';
import { Access } from '../access/access.ts';
import { Idempotency } from '../access/idempotency.ts';
import { Merchants } from '../access/merchants.ts';
import { Accounts, type ConnectorRegistry } from '../accounts/account.ts';
import { createApp } from '../http/app.ts';
import { Limits } from '../http/limits.ts';
import { describeApi } from '../http/openapi.ts';
import { listen, type Listening } from '../http/server.ts';
import { createHttpPort } from '../outbound/axios-port.ts';
import { Engine } from '../payments/engine.ts';
import type { Desk } from '../payments/desk.ts';
import { Leases } from '../jobs/lease.ts';
import { Runner } from '../jobs/runner.ts';
import { SandboxClock } from '../jobs/sandbox-clock.ts';
import { verifyBooks, type Check } from '../ledger/verify.ts';
import type { AnyConnector } from '../sdk/connector.ts';
import type { HttpPort } from '../sdk/http.ts';
import { migrate } from '../storage/migrate.ts';
import { PostgresDatabase } from '../storage/postgres.ts';
import { SqliteDatabase } from '../storage/sqlite.ts';
import type { Database } from '../storage/index.ts';
import { createContainer, tokens, type Outside } from './container.ts';
import { dueWork, jobObserver, jobs, orphanJob } from './jobs.ts';
import { createLog, errorFields, type Log } from './log.ts';
import { openKeyring } from './master-key.ts';
import { Metrics } from './metrics.ts';
import { pages } from './pages.ts';
import { resumeWith } from './resume.ts';
import { allRoutes } from './routes.ts';
import { prepareSandbox, type Credentials } from './sandbox.ts';
import { startSimulator } from './simulator.ts';
import { compareWithSimulator } from './simulator-books.ts';
import { version } from './version.ts';

/** What tests replace. */
export interface Substitutes {
  readonly clock?: Clock;
  readonly connectors?: readonly AnyConnector[];
  /** In place of axios, for every account. */
  readonly http?: HttpPort;
  readonly log?: Log;
  /** The simulator runs elsewhere already; this is where. */
  readonly simulatorUrl?: string;
  /** False: nothing runs by itself; the test rings. */
  readonly jobs?: boolean;
  /** Replies are held against their schemas. */
  readonly checkReplies?: boolean;
}

export interface Running {
  readonly baseUrl: string;
  readonly simulatorUrl: string | null;
  readonly credentials: Credentials | undefined;
  readonly db: Database;
  readonly desk: Desk;
  readonly log: Log;
  /** HTTP first (what is in flight is answered), then outbound, then the database. */
  stop(): Promise<void>;
}

/** How long a stop waits for requests in flight; a processor call may take this long. */
const stopGraceMs = 30_000;

export async function openDatabase(
  config: Config,
  metrics: Metrics,
  onFatal: (error: Error) => void,
): Promise<Database> {
  const up = async (knex: Parameters<typeof migrate>[0]) => {
    await migrate(knex, migrations);
  };
  const observer = metrics.commits;
  const url = config.database.url?.reveal();
  if (url !== undefined) {
    return PostgresDatabase.open({ url, poolSize: config.database.pool_size, observer }, up);
  }
  return SqliteDatabase.open(
    { file: join(config.data_dir, 'pointsman.db'), observer, onFatal },
    up,
  );
}

export async function start(config: Config, substitutes: Substitutes = {}): Promise<Running> {
  const opened: (() => Promise<void> | void)[] = [];
  const closeAll = async () => {
    for (const close of opened.splice(0).toReversed()) await close();
  };
  try {
    const ownLog = substitutes.log ? undefined : createLog(config.log.level);
    const log = substitutes.log ?? (ownLog as Log);
    if (ownLog) opened.push(() => ownLog.close());
    const metrics = new Metrics();
    const clock = new MovableClock(substitutes.clock ?? systemClock);
    const keyring = openKeyring(config);
    const db = await openDatabase(config, metrics, (error) => {
      log.error('the disk cannot be trusted any more; stopping', errorFields(error));
      process.exit(1);
    });
    opened.push(() => db.close());
    const { registry, close } = registryOf(config, substitutes);
    opened.push(close);
    const simulatorUrl = await simulatorOf(config, substitutes, opened);

    let baseUrl = '';
    let accepting = false;
    const outside = { config, clock, keyring, db, registry, log, metrics, baseUrl: () => baseUrl };
    const container = createContainer(outside);
    const desk = container.get(tokens.desk);
    const access = container.get(Access);
    const engine = container.get(Engine);
    metrics.gauge(
      'pointsman_operations_in_flight',
      'Calls to processors under way.',
      () => engine.callingCount,
    );
    const idempotency = container.get(Idempotency);
    const sandboxClock = new SandboxClock(db, clock, dueWork(desk));
    if (config.mode === 'sandbox') await sandboxClock.refresh();
    const routes = allRoutes({
      ...outside,
      desk,
      merchants: container.get(Merchants),
      mode: config.mode,
      sandboxClock: config.mode === 'sandbox' ? sandboxClock : undefined,
      verify: () => verifyAll(outside, container.get(Accounts), simulatorUrl),
    });
    const app = createApp({
      routes,
      pages: pages({
        db,
        access,
        metrics,
        openapi: describeApi(routes, version),
        accepting: () => accepting,
      }),
      access,
      clock,
      keyring,
      idempotency,
      limits: container.get(Limits),
      mode: config.mode,
      bodyLimitBytes: config.server.body_limit_bytes,
      trustedProxies: config.server.trusted_proxies,
      checkReplies: substitutes.checkReplies ?? false,
      resume: resumeWith(desk),
      onRequest: (record) => {
        metrics.request(record);
        log.info('request', {
          request_id: record.requestId,
          method: record.method,
          route: record.route,
          status: record.status,
          duration_ms: Math.round(record.durationMs * 10) / 10,
          merchant_id: record.merchantId,
        });
      },
      onError: (error, requestId) => {
        log.error('request failed', { request_id: requestId, ...errorFields(error) });
      },
    });
    const { server } = config;
    const listening = await listen(app, {
      host: server.host,
      port: server.port,
      requestTimeoutMs: server.request_timeout_ms,
    });
    opened.push(() => listening.stop(stopGraceMs));
    baseUrl = server.base_url ?? urlOf(server.host, listening);
    const credentials =
      config.mode === 'sandbox'
        ? await prepareSandbox(
            {
              ...outside,
              access,
              merchants: container.get(Merchants),
              accounts: container.get(Accounts),
            },
            config.data_dir,
            { base: baseUrl, simulator: simulatorUrl },
          )
        : undefined;
    const runner = new Runner(
      jobs({
        desk,
        idempotency,
        log,
        metrics,
        refreshClock: () =>
          config.mode === 'sandbox' ? sandboxClock.refresh() : Promise.resolve(),
      }),
      new Leases(db),
      jobObserver(log, metrics),
    );
    opened.push(() => runner.stop());
    if (substitutes.jobs !== false) {
      runner.start();
      // What the last process left in the middle is asked about at once, beside the first requests.
      if (db.dialect === 'sqlite') void runner.ring(orphanJob(desk));
    }
    accepting = true;
    log.info('listening', { url: baseUrl, database: db.dialect });
    return {
      baseUrl,
      simulatorUrl,
      credentials,
      db,
      desk,
      log,
      stop: async () => {
        accepting = false;
        await closeAll();
      },
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/** Every invariant over the whole book, and the simulator's ledger where there is one. */
async function verifyAll(
  { db, metrics, config }: Outside,
  accounts: Accounts,
  simulatorUrl: string | null,
): Promise<readonly Check[]> {
  const checks = await verifyBooks(db);
  if (simulatorUrl !== null) {
    const http = createHttpPort({
      defaultTimeoutMs: config.processors.timeout_ms,
      ceilingMs: 120_000,
      maxResponseBytes: 16 * 1024 * 1024,
      concurrency: 1,
    });
    try {
      checks.push(await compareWithSimulator({ db, accounts, http, simulatorUrl }));
    } finally {
      http.close();
    }
  }
  metrics.checked(checks);
  return checks;
}

function registryOf(
  config: Config,
  substitutes: Substitutes,
): { registry: ConnectorRegistry; close: () => void } {
  const { timeout_ms: timeoutMs, concurrency } = config.processors;
  const ports = new Map<string, HttpPort & { close(): void }>();
  const portOf = (accountId: string): HttpPort => {
    if (substitutes.http) return substitutes.http;
    let port = ports.get(accountId);
    if (!port) {
      port = createHttpPort({ defaultTimeoutMs: timeoutMs, ceilingMs: 120_000, concurrency });
      ports.set(accountId, port);
    }
    return port;
  };
  const list = substitutes.connectors ?? connectors;
  return {
    registry: { connectors: new Map(list.map((connector) => [connector.id, connector])), portOf },
    close: () => {
      for (const port of ports.values()) port.close();
    },
  };
}

async function simulatorOf(
  config: Config,
  substitutes: Substitutes,
  opened: (() => Promise<void> | void)[],
): Promise<string | null> {
  if (substitutes.simulatorUrl !== undefined) return substitutes.simulatorUrl;
  if (config.simulator.url !== undefined) return config.simulator.url;
  if (!config.simulator.enabled) return null;
  const simulator = await startSimulator({ port: config.simulator.port, dataDir: config.data_dir });
  opened.push(() => simulator.stop());
  return simulator.url;
}

function urlOf(host: string, { port }: Listening): string {
  const anywhere = ['0.0.0.0', '::', '127.0.0.1', 'localhost'].includes(host);
  return `http://${anywhere ? 'localhost' : host.includes(':') ? `[${host}]` : host}:${port}`;
}
