/** What has a life of its own: opened before the container is made, closed after it is gone. */
import { join, resolve } from 'node:path';
import { connectors } from '../../connectors/index.ts';
import { migrations } from '../../migrations/index.ts';
import type { Config } from '../../config/load.ts';
import { MovableClock, systemClock, type Clock } from '../base/clock.ts';
import type { ConnectorRegistry } from '../accounts/account.ts';
import { notingCauses } from '../events/cause.ts';
import { createHttpPort } from '../outbound/axios-port.ts';
import { createMailer } from '../outbound/mailer.ts';
import { SideWrites, type Installed } from '../plugins/index.ts';
import type { AnyConnector } from '../sdk/connector.ts';
import type { HttpPort } from '../sdk/http.ts';
import type { Plugin } from '../sdk/plugin.ts';
import { migrate, migratePlugins } from '../storage/migrate.ts';
import { PostgresDatabase } from '../storage/postgres.ts';
import { SqliteDatabase } from '../storage/sqlite.ts';
import type { Database, Place } from '../storage/index.ts';
import { createLog, errorFields, type Log } from './log.ts';
import { assertSameMasterKey, openKeyring } from './master-key.ts';
import { Metrics } from './metrics.ts';
import { loadPackages } from './packages.ts';
import { installPlugins } from './plugin-install.ts';
import { RoutingFile } from './routing-file.ts';
import { startSimulator } from './simulator.ts';
import { webhookExit } from './webhook-exit.ts';
import { openOutlet, type WebhookExit } from './webhook-outlet.ts';

/** What tests replace. */
export interface Substitutes {
  readonly clock?: Clock;
  readonly connectors?: readonly AnyConnector[];
  /** In place of those that come with the switch. */
  readonly plugins?: readonly Plugin[];
  /** In place of axios, for every account. */
  readonly http?: HttpPort;
  readonly log?: Log;
  /** The simulator runs elsewhere already; this is where. */
  readonly simulatorUrl?: string;
  /** False: nothing runs by itself; the test rings. */
  readonly jobs?: boolean;
  /** In place of the way out for webhooks, and of its guard. */
  readonly webhooks?: WebhookExit;
  /** Replies are held against their schemas. */
  readonly checkReplies?: boolean;
}

/** How to close what was opened, in the order of opening. */
export type Closers = (() => Promise<void> | void)[];

export type Opened = Awaited<ReturnType<typeof openOutside>>;

/** Opens everything the switch stands on; `closers` learns each part as soon as it is open. */
export async function openOutside(config: Config, substitutes: Substitutes, closers: Closers) {
  // Before anything is opened or written: what cannot be used leaves no trace.
  const installed = substitutes.connectors ?? (await allConnectors(config));
  const routingFile = new RoutingFile(config);
  const plugins = await installPlugins(config, substitutes.plugins);
  const log = substitutes.log ?? ownLog(config, closers);
  const metrics = new Metrics();
  const wall = substitutes.clock ?? systemClock;
  const clock = new MovableClock(wall);
  const keyring = openKeyring(config);
  const plain = await openDatabase(
    config,
    metrics,
    (error) => {
      log.error('the disk cannot be trusted any more; stopping', errorFields(error));
      process.exit(1);
    },
    plugins,
  );
  closers.push(() => plain.close());
  const exit = substitutes.webhooks ?? webhookExit(config);
  const sideWrites = new SideWrites(clock);
  const outlet = openOutlet(sideWrites.wrap(notingCauses(plain)), { clock, wall }, exit);
  closers.push(() => outlet.close());
  const { smtp_url: smtpUrl, from } = config.mail;
  const mailer = createMailer({ smtpUrl, from, now: () => clock.now() });
  closers.push(() => mailer.close());
  const { db } = outlet;
  await assertSameMasterKey(db, keyring);
  const registry = openRegistry(config, installed, substitutes, closers);
  const simulatorUrl = await openSimulator(config, substitutes, closers);
  const opened = { config, clock, keyring, db, outlet, registry, log, metrics, mailer };
  return { ...opened, routingFile, plugins, sideWrites, simulatorUrl };
}

function ownLog(config: Config, closers: Closers): Log {
  const log = createLog(config.log.level);
  closers.push(() => log.close());
  return log;
}

/** Where the database of the configuration is, for those who only read. */
export function placeOf(config: Config): Place {
  const url = config.database.url?.reveal();
  if (url !== undefined) return { dialect: 'postgres', url };
  return { dialect: 'sqlite', file: join(config.data_dir, 'pointsman.db') };
}

export async function openDatabase(
  config: Config,
  metrics: Metrics,
  onFatal: (error: Error) => void,
  plugins: readonly Installed[] = [],
): Promise<Database> {
  const up = async (knex: Parameters<typeof migrate>[0]) => {
    await migrate(knex, migrations);
    await migratePlugins(
      knex,
      plugins.map(({ plugin }) => plugin),
    );
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
  installed: readonly AnyConnector[],
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
  return { connectors: new Map(installed.map((connector) => [connector.id, connector])), portOf };
}

/** Ours, and those that the configuration names. */
async function allConnectors({ connectors: names, data_dir: data }: Config) {
  const folders = [process.cwd(), resolve(data)];
  return [...connectors, ...(await loadPackages(names, folders, connectors))];
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
