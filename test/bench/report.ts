/** From measurements to a table, and to the goals: met or not, as it is. */
import type { Machine } from './machine.ts';
import type { Measurement, TargetName } from './targets.ts';

export interface Results {
  readonly machine: Machine;
  readonly rounds: ReadonlyMap<TargetName, readonly Measurement[]>;
  readonly bytes: ReadonlyMap<TargetName, number>;
}

export interface Goal {
  readonly what: string;
  readonly goal: string;
  readonly measured: string;
  readonly met: boolean;
}

const titles: Readonly<Record<TargetName, string>> = {
  echo: '(b) Express echo, stock',
  commits: '(c) SQLite group commits, raw',
  payments: '(a) payment, processor in process',
  'payments-keyed': '    the same with Idempotency-Key',
  loopback: '    simulator over loopback HTTP',
  stored: '    in process, filled database',
  postgres: '    Postgres, processor in process',
  'postgres-loopback': '    Postgres, simulator over HTTP',
  routing: '(d) routing, 100 rules, 50 accounts',
  backtest: '(f) backtest, decisions over HTTP',
  deliveries: '(e) webhooks out, 8 endpoints',
};

/** Undefined for no values at all. */
export function median(values: readonly (number | undefined)[]): number | undefined {
  const sorted = values.filter((value) => value !== undefined).toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle];
  if (upper === undefined || sorted.length % 2 === 1) return upper;
  return ((sorted[middle - 1] ?? upper) + upper) / 2;
}

type Pick = (measurement: Measurement) => number | undefined;

function medianOf({ rounds }: Results, name: TargetName, pick: Pick): number | undefined {
  return median((rounds.get(name) ?? []).map(pick));
}

/** The median of the rounds' own ratios: what disturbs a round disturbs both sides of it. */
function ratio({ rounds }: Results, name: TargetName, to: TargetName): number | undefined {
  const below = rounds.get(to) ?? [];
  return median(
    (rounds.get(name) ?? []).map(({ perSecond }, round) => {
      const other = below[round]?.perSecond;
      return other === undefined ? undefined : perSecond / other;
    }),
  );
}

/** Routing's part of a payment, if that payment had these rules and accounts. */
function cpuShare({ rounds }: Results): number | undefined {
  const payments = rounds.get('payments') ?? [];
  return median(
    (rounds.get('routing') ?? []).map(({ cpuUs }, round) => {
      const whole = payments[round]?.cpuUs;
      return whole === undefined ? undefined : (100 * cpuUs) / whole;
    }),
  );
}

function secondsOf(results: Results): number | undefined {
  const perSecond = medianOf(results, 'backtest', (one) => one.perSecond);
  return perSecond === undefined ? undefined : 1_000_000 / perSecond;
}

function stall({ rounds }: Results): number | undefined {
  const all = (rounds.get('backtest') ?? []).map(({ stallMs }) => stallMs ?? 0);
  return all.length === 0 ? undefined : Math.max(...all);
}

const shown = (value: number | undefined, decimals = 0) =>
  value === undefined ? '–' : value.toFixed(decimals);

export function tableOf(results: Results): string {
  const header = ['', '/s', '÷(b)', '÷(c)', 'CPU µs', 'p50', 'p95', 'p99 ms', 'bytes'];
  const rows = [...results.rounds.keys()].map((name) => [
    titles[name],
    shown(medianOf(results, name, ({ perSecond }) => perSecond)),
    shown(ratio(results, name, 'echo'), 2),
    shown(ratio(results, name, 'commits'), 2),
    shown(medianOf(results, name, ({ cpuUs }) => cpuUs)),
    shown(
      medianOf(results, name, ({ latency }) => latency?.p50Ms),
      1,
    ),
    shown(
      medianOf(results, name, ({ latency }) => latency?.p95Ms),
      1,
    ),
    shown(
      medianOf(results, name, ({ latency }) => latency?.p99Ms),
      1,
    ),
    shown(results.bytes.get(name)),
  ]);
  const reads = [...results.rounds.keys()].flatMap((name) => {
    const gets = medianOf(results, name, ({ getsPerSecond }) => getsPerSecond);
    const lists = medianOf(results, name, ({ listsPerSecond }) => listsPerSecond);
    return gets === undefined ? [] : [[titles[name], shown(gets), shown(lists)]];
  });
  return [
    aligned([header, ...rows]),
    'Latency at half of the measured load, arrivals at random, from when a request was due.\n',
    ...(reads.length > 0 ? [aligned([['', 'GET one /s', 'list of 10 /s'], ...reads])] : []),
  ].join('\n');
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]!.length)));
  const lines = rows.map((row) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!)))
      .join('  '),
  );
  return `${lines.join('\n')}\n`;
}

/** The goals of the issue that this run can speak about. */
export function goalsOf(results: Results): Goal[] {
  const goal = (
    what: string,
    value: number | undefined,
    sense: '≥' | '≤',
    limit: number,
    unit = '',
  ): Goal[] => {
    if (value === undefined) return [];
    const met = sense === '≥' ? value >= limit : value <= limit;
    const decimals = limit < 5 ? 2 : limit < 100 ? 1 : 0;
    const measured = `${value.toFixed(decimals)}${unit}`;
    return [{ what, goal: `${sense} ${limit}${unit}`, measured, met }];
  };
  const toEcho = ratio(results, 'payments', 'echo');
  const p99 = (name: TargetName) => medianOf(results, name, ({ latency }) => latency?.p99Ms);
  return [
    ...goal('payments ÷ Express echo', toEcho, '≥', 0.5),
    ...goal('payments ÷ Express echo, stretch', toEcho, '≥', 0.75),
    ...goal('payments ÷ raw commits', ratio(results, 'payments', 'commits'), '≥', 0.6),
    ...goal('p99 at half load', p99('payments'), '≤', 10, ' ms'),
    ...goal('filled database ÷ empty', ratio(results, 'stored', 'payments'), '≥', 0.9),
    ...goal('routing, % of a payment’s CPU', cpuShare(results), '≤', 5, ' %'),
    ...goal('backtest of 1,000,000 decisions', secondsOf(results), '≤', 10, ' s'),
    ...goal('stall of the switch meanwhile', stall(results), '≤', 50, ' ms'),
    ...goal('bytes a payment', results.bytes.get('payments'), '≤', 2500),
    ...goal('bytes a payment with its key', results.bytes.get('payments-keyed'), '≤', 2500),
  ];
}

export function goalsText(goals: readonly Goal[]): string {
  return aligned(
    goals.map(({ what, goal, measured, met }) => [what, goal, measured, met ? 'met' : 'NOT MET']),
  );
}
