/** The doctor's look at what runs: the database, the ports, or the server that has both. */
import { createServer } from 'node:net';
import type { Config } from '../../config/load.ts';
import { migrationStatus } from '../../core/wiring/closed-database.ts';
import { readCredentials } from '../../core/wiring/sandbox.ts';
import { refusedBoot } from './boot-refusal.ts';
import type { Session } from './define.ts';
import type { Check } from './doctor.ts';
import { urlOf } from './settings.ts';

/** Durable or not opened at all: opening insists on it. */
const durability = { sqlite: 'synchronous=FULL', postgres: 'synchronous_commit=on' };

/** A running server has its SQLite file to itself: then its own word counts. */
export async function databaseCheck(config: Config, serverUrl: string | undefined): Promise<Check> {
  const name = 'database';
  try {
    const { dialect, exists, pending, foreign, known } = await migrationStatus(config);
    if (!exists) return { name, status: 'ok', detail: 'SQLite, made by the first start' };
    const detail = `${dialect}, ${durability[dialect]}, ${known - pending.length} migrations`;
    if (foreign.length > 0) {
      const newer = `${dialect} is newer than this version: ${foreign.join(', ')}`;
      return { name, status: 'fail', detail: newer, hint: 'Run a newer pointsman.' };
    }
    if (pending.length === 0) return { name, status: 'ok', detail };
    const hint = 'The next start brings it up; or: pointsman migrate';
    return { name, status: 'warn', detail: `${detail}, ${pending.length} pending`, hint };
  } catch (error) {
    const locked = error instanceof Error && error.name === 'FileLocked';
    if (locked && serverUrl !== undefined) {
      return { name, status: 'ok', detail: `in use by ${serverUrl}, which was asked instead` };
    }
    const { message: detail, hint } = refusedBoot(error, config, 'not opened');
    return { name, status: 'fail', detail, ...(hint === undefined ? {} : { hint }) };
  }
}

/** Only asked when no server answers: a running one has them. */
export async function portChecks({ server, simulator }: Config): Promise<Check[]> {
  const ports = [['port', server.host, server.port, 'POINTSMAN_PORT'] as const];
  const all = simulator.enabled
    ? [
        ...ports,
        ['simulator port', '127.0.0.1', simulator.port, 'POINTSMAN_SIMULATOR_PORT'] as const,
      ]
    : ports;
  return Promise.all(
    all.map(async ([name, host, port, variable]): Promise<Check> => {
      const objection = await taken(host, port);
      if (objection === undefined) return { name, status: 'ok', detail: `${host}:${port} is free` };
      const detail = `${host}:${port} cannot be taken (${objection})`;
      return { name, status: 'fail', detail, hint: `Another one: ${variable}` };
    }),
  );
}

function taken(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    probe.listen(port, host, () => probe.close(() => resolve(undefined)));
  });
}

interface Heard {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly dateMs: number;
}

async function hear(url: string): Promise<Heard | undefined> {
  try {
    const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(5_000) });
    const body = (await response.json()) as Record<string, unknown>;
    const dateMs = Date.parse(response.headers.get('date') ?? '');
    return { status: response.status, body, dateMs };
  } catch (error) {
    // No answer, or one that is not ours: whoever asked says what follows from it.
    if (error instanceof Error) return undefined;
    throw error;
  }
}

/** `url` is undefined when no server answers there. */
export async function serverChecks(
  session: Session,
  config: Config,
): Promise<{ readonly url?: string; readonly checks: readonly Check[] }> {
  const url = urlOf(session.terminal, session.options);
  const health = await hear(`${url}/healthz`);
  if (health?.body['status'] !== 'ok') return { checks: [] };
  const ready = await hear(`${url}/readyz`);
  const isReady = ready?.status === 200;
  const detail = isReady ? 'payments can be taken' : JSON.stringify(ready?.body ?? 'no answer');
  return {
    url,
    checks: [
      { name: 'server', status: 'ok', detail: `${url} answers` },
      { name: 'ready', status: isReady ? 'ok' : 'fail', detail },
      skewCheck(health.dateMs),
      ...(await simulatorChecks(config)),
    ],
  };
}

/** The Date header has whole seconds, so less than that is not seen. */
function skewCheck(dateMs: number): Check {
  const seconds = Math.abs(Math.round((Date.now() - dateMs) / 1000));
  if (!(seconds > 5)) return { name: 'clock', status: 'ok', detail: 'agrees with the server’s' };
  const hint = 'Set both by NTP: signatures and expiry dates hang on it.';
  return { name: 'clock', status: 'warn', detail: `${seconds} s away from the server’s`, hint };
}

async function simulatorChecks({ data_dir: dataDir }: Config): Promise<Check[]> {
  const url = readCredentials(dataDir)?.simulator_url;
  if (!url) return [];
  const answers = (await hear(`${url}/health`))?.body['status'] === 'ok';
  const hint = 'The server starts it; start the server again.';
  return [
    answers
      ? { name: 'simulator', status: 'ok', detail: `${url} answers` }
      : { name: 'simulator', status: 'fail', detail: `no answer from ${url}`, hint },
  ];
}
