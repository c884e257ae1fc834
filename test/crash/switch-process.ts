/**
 * The switch as a process that can be killed: `pointsman serve` on a free port, with a failpoint, a
 * preloaded module or a wrapper such as strace when a test wants one. It ends with the test run.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { FailpointName } from '../../core/base/failpoint.ts';
import type { Credentials } from '../../core/wiring/sandbox.ts';
import type { Door } from '../chaos/books.ts';
import { scanText } from '../support/card-scan.ts';
import { expectNoCards } from '../support/leftovers.ts';

export interface SwitchOptions {
  readonly dataDir: string;
  /** Postgres; an SQLite file in dataDir when left out. */
  readonly databaseUrl?: string | undefined;
  /** Where its processor is: one that outlives it. */
  readonly simulatorUrl: string;
  /** Dies at the nth pass of this point. */
  readonly failpoint?: { readonly name: FailpointName; readonly nth: number } | undefined;
  /** Modules that are loaded before the program. */
  readonly preload?: readonly string[];
  /** What the process is started by: `['strace', '-f', …]`. */
  readonly wrapper?: readonly string[];
}

export interface SwitchProcess extends Door {
  readonly child: ChildProcess;
  readonly credentials: Credentials;
  /** From the start of the process until it said that it is ready. */
  readonly bootMs: number;
  /** What ended it. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  /** The last of what it wrote: warnings and errors. */
  said(): string;
  /** SIGKILL, and gone when this resolves. Throws when it has logged a card number or CVC. */
  kill(): Promise<void>;
  /** Its stdin closes, at which it ends on the spot: also through a wrapper that eats signals. */
  drop(): Promise<void>;
}

/**
 * Ten minutes of sandbox time between two "not found": no test runs that long, so nothing is
 * concluded from absence before a test moves the clock.
 */
const settings = `processors: { timeout_ms: 20000, absence_grace_ms: 600000 }
rate_limits:
  payments: { per_second: 100000 }
  queries: { per_second: 100000 }
  management: { per_second: 100000 }
log: { level: warn }
`;

const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const program = fileURLToPath(new URL('../../bin/pointsman.ts', import.meta.url));

/** It ends with whoever started it, however that ends: then its stdin closes. */
const endWithParent =
  'data:text/javascript,process.stdin.on("end",()=>process.exit(9)).resume().unref()';

/** Starts it and waits until it is ready. Throws with its own words when it ends before. */
export async function startSwitchProcess(options: SwitchOptions): Promise<SwitchProcess> {
  const startedMs = performance.now();
  const child = launch(options);
  const ended = once(child, 'exit').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as string | null,
  }));
  let said = '';
  const cards: string[] = [];
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-4_000);
    cards.push(...scanText('what the process wrote', chunk.toString()));
  });
  const ready = new Promise<string>((resolve) => {
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      if (line.startsWith('{"event":"ready"')) resolve(line);
      else said = `${said}${line}\n`.slice(-4_000);
    });
  });
  const line = await Promise.race([ready, ended.then(() => undefined)]);
  if (line === undefined) throw new Error(`the switch did not start: ${said}`);
  const bootMs = performance.now() - startedMs;
  const { url } = JSON.parse(line) as { url: string };
  const file = join(options.dataDir, 'credentials.json');
  const credentials = JSON.parse(readFileSync(file, 'utf8')) as Credentials;
  return {
    child,
    bootMs,
    ended,
    url,
    credentials,
    secretKey: credentials.secret_key,
    adminKey: credentials.admin_key,
    said: () => said,
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
      expectNoCards(cards);
    },
    drop: async () => {
      child.stdin?.end();
      await ended;
      expectNoCards(cards);
    },
  };
}

function launch(options: SwitchOptions): ChildProcess {
  const { dataDir, databaseUrl, simulatorUrl, failpoint, preload = [], wrapper = [] } = options;
  mkdirSync(dataDir, { recursive: true });
  const config = join(dataDir, 'crash.yaml');
  writeFileSync(config, settings);
  const modules = [endWithParent, loader, ...preload];
  const line = [
    ...wrapper,
    process.execPath,
    '--conditions=source',
    ...modules.flatMap((module) => ['--import', module]),
    program,
    'serve',
    '--json',
    '--config',
    config,
    '--data',
    dataDir,
  ];
  return spawn(String(line[0]), line.slice(1), {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      POINTSMAN_PORT: '0',
      POINTSMAN_SIMULATOR_URL: simulatorUrl,
      ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
      ...(failpoint ? { POINTSMAN_FAILPOINT: `${failpoint.name}:${failpoint.nth}` } : {}),
    },
  });
}
