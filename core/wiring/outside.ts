/** What has a life of its own: opened before the container is made, closed after it is gone. */
import { join } from 'node:path';
import { connectors } from '../../connectors/index.ts';
import { migrations } from '../../migrations/index.ts';
import type { Config } from '../../config/load.ts';
import { MovableClock, systemClock, type Clock } from '../base/clock.ts';
import type { ConnectorRegistry } from '../accounts/account.ts';
import { createHttpPort } from '../outbound/axios-port.ts';
import type { AnyConnector } from '../sdk/connector.ts';
import type { HttpPort } from '../sdk/http.ts';
import { migrate } from '../storage/migrate.ts';
import { PostgresDatabase } from '../storage/postgres.ts';
import { SqliteDatabase } from '../storage/sqlite.ts';
import type { Database } from '../storage/index.ts';
import { createLog, errorFields, type Log } from './log.ts';
import { assertSameMasterKey, openKeyring } from './master-key.ts';
import { Metrics } from './metrics.ts';
import { startSimulator } from './simulator.ts';

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

/** How to close what was opened, in the order of opening. */
export type Closers = (() => Promise<void> | void)[];

export type Opened = Awaited<ReturnType<typeof openOutside>>;

/** Opens everything the switch stands on; `closers` learns each part as soon as it is open. */
export async function openOutside(config: Config, substitutes: Substitutes, closers: Closers) {
  const log = substitutes.log ?? ownLog(config, closers);
  const metrics = new Metrics();
  const clock = new MovableClock(substitutes.clock ?? systemClock);
  const keyring = openKeyring(config);
  const db = await openDatabase(config, metrics, (error) => {
    log.error('the disk cannot be trusted any more; stopping', errorFields(error));
    process.exit(1);
  });
  closers.push(() => db.close());
  await assertSameMasterKey(db, keyring);
  const registry = openRegistry(config, substitutes, closers);
  const simulatorUrl = await openSimulator(config, substitutes, closers);
  return { config, clock, keyring, db, registry, log, metrics, simulatorUrl };
}

function ownLog(config: Config, closers: Closers): Log {
  const log = createLog(config.log.level);
  closers.push(() => log.close());
  return log;
}

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

/** The connectors, and a port an account: a slow processor fills its own queue and no other. */
function openRegistry(
  config: Config,
  substitutes: Substitutes,
  closers: Closers,
): ConnectorRegistry {
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
  closers.push(() => {
    for (const port of ports.values()) port.close();
  });
  const list = substitutes.connectors ?? connectors;
  return { connectors: new Map(list.map((connector) => [connector.id, connector])), portOf };
}

async function openSimulator(
  config: Config,
  substitutes: Substitutes,
  closers: Closers,
): Promise<string | null> {
  if (substitutes.simulatorUrl !== undefined) return substitutes.simulatorUrl;
  if (config.simulator.url !== undefined) return config.simulator.url;
  if (!config.simulator.enabled) return null;
  const simulator = await startSimulator({ port: config.simulator.port, dataDir: config.data_dir });
  closers.push(() => simulator.stop());
  return simulator.url;
}
