/** What is measured: each target opens its process and knows how it is loaded. */
import { join } from 'node:path';
import { startChild, type ChildOptions } from './child.ts';
import { width, withCost, type HttpFacts } from './cost.ts';
import { deliveries } from './deliveries.ts';
import type { Backtested } from './history.ts';
import { arrive, saturate, type Latency, type LoadOptions, type Throughput } from './load.ts';
import { charges, reads, type NextRequest } from './requests.ts';

export const targetNames = [
  'echo',
  'commits',
  'payments',
  'payments-keyed',
  'loopback',
  'stored',
  'postgres',
  'postgres-loopback',
  'routing',
  'backtest',
  'deliveries',
] as const;

export type TargetName = (typeof targetNames)[number];

/** Where things are; what a target does not need may be absent. */
export interface Places extends ChildOptions {
  readonly directory: string;
  readonly stored: number;
  readonly simulatorUrl: string | undefined;
  /** A fresh, empty, durable database at every call. */
  readonly createDatabase: (() => Promise<string>) | undefined;
}

/** What one round of one target gave. */
export interface Measurement extends Throughput {
  readonly cpuUs: number;
  readonly latency?: Latency;
  readonly getsPerSecond?: number;
  readonly listsPerSecond?: number;
  /** The longest that nobody else was answered. */
  readonly stallMs?: number;
}

export interface Target {
  readonly name: TargetName;
  measure(seconds: number): Promise<Measurement>;
  /** Growth of the books on disk by each payment made; undefined where none are kept. */
  bytesPerPayment(): Promise<number | undefined>;
  close(): Promise<void>;
}

async function echo(places: Places): Promise<Target> {
  const child = await startChild<HttpFacts>('echo', {}, places);
  const { url, key } = child.facts;
  return {
    name: 'echo',
    measure: (seconds) =>
      withCost(child, () => saturate({ url, next: charges(key, false), seconds, width })),
    bytesPerPayment: async () => undefined,
    close: () => child.stop(),
  };
}

/** Decisions alone; what share of a payment they are is the report's to say. */
async function routing(places: Places): Promise<Target> {
  const child = await startChild('routing', { dataDir: join(places.directory, 'routing') }, places);
  return {
    name: 'routing',
    measure: (seconds) =>
      withCost(child, async () => {
        const count = await child.ask<number>('run', { seconds });
        return { count, perSecond: count / seconds };
      }),
    bytesPerPayment: async () => undefined,
    close: () => child.stop(),
  };
}

/** Fewer decisions where nothing else is stored either: a quick run says it by the million. */
const fewDecisions = 100_000;

/** Backtests over HTTP, one after the other; the figure is decisions made again. */
async function backtest(places: Places): Promise<Target> {
  const decisions = Math.max(places.stored, fewDecisions);
  const dataDir = join(places.directory, 'backtest');
  const child = await startChild('history', { dataDir, decisions }, places);
  return {
    name: 'backtest',
    measure: (seconds) =>
      withCost(child, async () => {
        const sum = { count: 0, seconds: 0, stallMs: 0 };
        for (const kind of ['same', 'other'] as const) {
          do {
            const found = await child.ask<Backtested>('run', { kind });
            sum.count += found.decisions;
            sum.seconds += found.seconds;
            sum.stallMs = Math.max(sum.stallMs, found.stallMs);
          } while (sum.seconds < seconds / 2);
        }
        const { count, stallMs } = sum;
        return { count, perSecond: count / sum.seconds, stallMs };
      }),
    bytesPerPayment: async () => undefined,
    close: () => child.stop(),
  };
}

async function commits(places: Places): Promise<Target> {
  const child = await startChild('commits', { dataDir: join(places.directory, 'commits') }, places);
  return {
    name: 'commits',
    measure: (seconds) =>
      withCost(child, async () => {
        const count = await child.ask<number>('run', { seconds, width });
        return { count, perSecond: count / seconds };
      }),
    bytesPerPayment: async () => undefined,
    close: () => child.stop(),
  };
}

interface SwitchWish {
  readonly keyed?: boolean;
  readonly loopback?: boolean;
  readonly postgres?: boolean;
  /** Payments in the database beforehand. */
  readonly stored?: number;
}

async function switchTarget(name: TargetName, places: Places, wish: SwitchWish): Promise<Target> {
  const dataDir = join(places.directory, name);
  const known = wish.stored ? await filled(places, dataDir, wish.stored) : [];
  const databaseUrl = wish.postgres ? await places.createDatabase?.() : undefined;
  const options = {
    dataDir,
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
    ...(wish.loopback ? { simulatorUrl: places.simulatorUrl } : {}),
  };
  const child = await startChild<HttpFacts>('switch', options, places);
  const { url, key } = child.facts;
  const next = charges(key, wish.keyed ?? false);
  const bytesBefore = await child.ask<number>('bytes');
  let count = 0;
  return {
    name,
    measure: async (seconds) => {
      const load: LoadOptions = { url, next, seconds, width };
      const full = await withCost(child, () => saturate(load));
      const latency = await arrive(load, full.perSecond / 2);
      count += full.count + latency.count;
      const found = known.length > 0 ? known : await newestIds(url, key);
      const read = async (requests: NextRequest) =>
        (await saturate({ ...load, next: requests, seconds: seconds / 4 })).perSecond;
      const byId = found.map((id) => `/v1/payments/${id}`);
      const listed = found.map((id) => `/v1/payments?starting_after=${id}`);
      return {
        ...full,
        latency,
        getsPerSecond: await read(reads(key, byId)),
        listsPerSecond: await read(reads(key, listed)),
      };
    },
    bytesPerPayment: async () => ((await child.ask<number>('bytes')) - bytesBefore) / count,
    close: () => child.stop(),
  };
}

async function filled(places: Places, dataDir: string, payments: number): Promise<string[]> {
  const child = await startChild<{ ids: string[] }>('fill', { dataDir, payments }, places);
  await child.stop();
  return child.facts.ids;
}

/** A thousand ids to read, by the API's own pages. */
async function newestIds(url: string, key: string): Promise<string[]> {
  const ids: string[] = [];
  for (let page = 0; page < 10; page += 1) {
    const after = ids.length === 0 ? '' : `&starting_after=${ids.at(-1)}`;
    const response = await fetch(`${url}/v1/payments?limit=100${after}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    const { data } = (await response.json()) as { data: { id: string }[] };
    ids.push(...data.map(({ id }) => id));
  }
  return ids;
}

export function openTarget(name: TargetName, places: Places): Promise<Target> {
  switch (name) {
    case 'echo':
      return echo(places);
    case 'commits':
      return commits(places);
    case 'payments':
      return switchTarget(name, places, {});
    case 'payments-keyed':
      return switchTarget(name, places, { keyed: true });
    case 'loopback':
      return switchTarget(name, places, { loopback: true });
    case 'stored':
      return switchTarget(name, places, { stored: places.stored });
    case 'postgres':
      return switchTarget(name, places, { postgres: true });
    case 'postgres-loopback':
      return switchTarget(name, places, { postgres: true, loopback: true });
    case 'routing':
      return routing(places);
    case 'backtest':
      return backtest(places);
    case 'deliveries':
      return deliveries(places);
  }
}
