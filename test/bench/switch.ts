/** The switch as it is deployed: its own start(), its own defaults, rate limits out of the way. */
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { loadConfig, type Config } from '../../config/load.ts';
import { start, type Running } from '../../core/wiring/start.ts';
import { processorStub } from './processor-stub.ts';
import type { Subject } from './subject.ts';

export interface SwitchOptions {
  readonly dataDir: string;
  /** Postgres instead of a file in dataDir. */
  readonly databaseUrl?: string;
  /** The simulator to charge over loopback HTTP; the stub inside the process when left out. */
  readonly simulatorUrl?: string;
  /** Where webhooks may be sent besides the usual ports. */
  readonly receiverPort?: number;
}

/** The limiters run as in production; only their figures are out of reach. */
const limits = `rate_limits:
  payments: { per_second: 10000000 }
  queries: { per_second: 10000000 }
`;

export function configOf({ dataDir, databaseUrl, receiverPort }: SwitchOptions): Config {
  mkdirSync(dataDir, { recursive: true });
  const file = join(dataDir, 'bench.yaml');
  const hooks = receiverPort === undefined ? '' : `webhooks: { ports: [${receiverPort}] }\n`;
  writeFileSync(file, limits + hooks);
  return loadConfig({
    file,
    env: {
      POINTSMAN_DATA: dataDir,
      POINTSMAN_PORT: '0',
      ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
    },
    cwd: dataDir,
  });
}

/** Starts a switch; without a simulator the processor is the stub. */
export function startSwitch(options: SwitchOptions): Promise<Running> {
  const { simulatorUrl } = options;
  return start(configOf(options), {
    simulatorUrl: simulatorUrl ?? 'http://127.0.0.1:9',
    ...(simulatorUrl === undefined ? { http: processorStub } : {}),
  });
}

export function databaseFile(dataDir: string): string {
  return join(dataDir, 'pointsman.db');
}

export async function openSwitch(options: SwitchOptions): Promise<Subject> {
  const running = await startSwitch(options);
  return {
    facts: { url: running.baseUrl, key: running.credentials?.secret_key },
    verbs: {
      bytes: () => bytesOf(running, options),
      countEvents: (type: string) => countEvents(running, type),
      settled: () => settled(running),
    },
    stop: () => running.stop(),
  };
}

async function countEvents({ db }: Running, type: string): Promise<number> {
  const query = db.knex('events').where({ type }).count({ count: '*' });
  const [found] = await db.rows<{ count: number }>(query);
  return found?.count ?? 0;
}

/** Resolves when no delivery waits for an attempt, or for its outcome to be written. */
async function settled({ db }: Running): Promise<void> {
  const query = () => db.knex('webhook_deliveries').whereNotNull('next_attempt_at').limit(1);
  while ((await db.rows<object>(query().select('id'))).length > 0) await delay(20);
}

/** What the books take on disk once the write-ahead log is folded in. */
async function bytesOf({ db }: Running, { dataDir }: SwitchOptions): Promise<number> {
  const ask = (sql: string) => db.rows<{ bytes: number }>(db.knex.raw(sql) as never);
  if (db.dialect === 'sqlite') {
    await ask('pragma wal_checkpoint(truncate)');
    return statSync(databaseFile(dataDir)).size;
  }
  const [found] = await ask('select pg_database_size(current_database()) as bytes');
  return found?.bytes ?? 0;
}
