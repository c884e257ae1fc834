/**
 * A whole switch for a test: real HTTP, a real simulator beside it, either database. The clock
 * stands still until a test moves it.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig, type Config } from '../../config/load.ts';
import { ManualClock } from '../../core/base/clock.ts';
import type { Credentials } from '../../core/wiring/sandbox.ts';
import type { Log } from '../../core/wiring/log.ts';
import { start, type Running, type Substitutes } from '../../core/wiring/start.ts';
import { startProcessor } from '../../connectors/card-simulator/processor/server.ts';
import { scanText } from './card-scan.ts';
import type { DatabasePlace } from './databases.ts';
import { expectNoCards, scanFiles, scanLines } from './leftovers.ts';

/**
 * What JSON.parse gives: tests look into answers freely, and an expectation checks what is there.
 */
type Parsed = ReturnType<typeof JSON.parse>;

export interface Answer<T = Record<string, Parsed>> {
  readonly status: number;
  readonly body: T;
  readonly headers: Headers;
  readonly text: string;
}

export interface CallOptions {
  readonly method?: string;
  readonly body?: unknown;
  /** A bearer key; null for none. The sandbox's secret key when left out. */
  readonly key?: string | null;
  readonly headers?: Record<string, string>;
}

export interface TestSwitch {
  readonly url: string;
  readonly simulatorUrl: string;
  readonly credentials: Credentials;
  readonly clock: ManualClock;
  readonly running: Running;
  /** Lines at level error or warn: an empty list is part of most expectations. */
  readonly complaints: string[];
  /** Every log line, as it would have been written. */
  readonly lines: string[];
  call(path: string, options?: CallOptions): Promise<Answer>;
  /** Throws when a card number or CVC was logged, or stands in a file of its place. */
  stop(): Promise<void>;
}

export interface TestSwitchOptions extends Substitutes {
  /** The text of pointsman.yaml. */
  readonly yaml?: string;
  readonly env?: Record<string, string>;
  readonly startMs?: number;
}

/** 2026-11-21T10:00:00Z: a fixed present, so that expiry dates in tests mean what they say. */
export const testNowMs = Date.UTC(2026, 10, 21, 10);

export function configFor(place: DatabasePlace, env: Record<string, string> = {}): Config {
  return loadConfig({
    env: {
      POINTSMAN_DATA: place.dataDir,
      POINTSMAN_PORT: '0',
      ...(place.url === undefined ? {} : { DATABASE_URL: place.url }),
      ...env,
    },
    cwd: place.dataDir,
  });
}

function listeningLog(lines: string[], complaints: string[]): Log {
  const write =
    (level: string, complain: boolean) =>
    (event: string, more: object = {}) => {
      const line = JSON.stringify({ level, event, ...more });
      lines.push(line);
      // A test's clock leaps while news is on its way, and what arrives then is out of date.
      const leapt = event === 'a webhook was refused' && line.includes('"stale: ');
      if (complain && !leapt) complaints.push(line);
    };
  return {
    error: write('error', true),
    warn: write('warn', true),
    info: write('info', false),
    debug: write('debug', false),
  };
}

export async function startTestSwitch(
  place: DatabasePlace,
  options: TestSwitchOptions = {},
): Promise<TestSwitch> {
  const clock =
    (options.clock as ManualClock | undefined) ?? new ManualClock(options.startMs ?? testNowMs);
  const simulator =
    options.simulatorUrl === undefined
      ? await startProcessor({ port: 0, host: '127.0.0.1', now: () => clock.now() })
      : undefined;
  const simulatorUrl = options.simulatorUrl ?? simulator?.url ?? '';
  const lines: string[] = [];
  const complaints: string[] = [];
  if (options.yaml !== undefined) {
    writeFileSync(join(place.dataDir, 'pointsman.yaml'), options.yaml);
  }
  const running = await start(configFor(place, options.env), {
    checkReplies: true,
    log: listeningLog(lines, complaints),
    ...options,
    clock,
    simulatorUrl,
  }).catch(async (error: unknown) => {
    // A simulator that is left running would keep mocha up.
    await simulator?.close();
    throw error;
  });
  const { credentials } = running;
  if (!credentials) throw new Error('the sandbox has credentials');
  return {
    url: running.baseUrl,
    simulatorUrl,
    credentials,
    clock,
    running,
    complaints,
    lines,
    call: (path, more) => call(running.baseUrl, credentials.secret_key, path, more),
    stop: async () => {
      await running.stop();
      await simulator?.close();
      expectNoCards([...scanLines(lines), ...scanFiles(place.dataDir)]);
    },
  };
}

export async function call(
  url: string,
  defaultKey: string,
  path: string,
  options: CallOptions = {},
): Promise<Answer> {
  const { body, key = defaultKey, headers = {} } = options;
  const method = options.method ?? (body === undefined ? 'GET' : 'POST');
  const response = await fetch(url + path, {
    method,
    redirect: 'manual',
    headers: {
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  // The documentation prints test cards; nothing else the switch says ever has one in it.
  if (!/^\/(docs|openapi\.json)/.test(path)) expectNoCards(scanText(`the answer to ${path}`, text));
  const json = (response.headers.get('content-type') ?? '').includes('json');
  return {
    status: response.status,
    body: json ? (JSON.parse(text) as Record<string, Parsed>) : {},
    headers: response.headers,
    text,
  };
}

/** A payment method out of a test card's number. */
export function card(number: string, more: Record<string, unknown> = {}) {
  return {
    type: 'card',
    card: { number, exp_month: 12, exp_year: 2034, cvc: '123', holder_name: 'Jane Doe', ...more },
  };
}

/** The issue's own example: charge a good card at once. */
export function chargeBody(more: Record<string, unknown> = {}) {
  return {
    amount: 10_000,
    currency: 'USD',
    confirm: true,
    capture_method: 'automatic',
    payment_method: card('4242424242424242'),
    ...more,
  };
}
