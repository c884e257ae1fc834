/** The verdict sheet: what was done, what was found, and what a clean result is worth. */
import type { Findings } from './judge.ts';
import type { Options } from './options.ts';
import type { PostTally } from './post.ts';

export interface Verdict {
  readonly options: Options;
  readonly seconds: number;
  readonly kills: number;
  /** Freezes, database restarts, full disks. */
  readonly disturbances: Readonly<Record<string, number>>;
  /** Processes that ended by themselves, by exit code: a full disk may do that to them. */
  readonly falls: Readonly<Record<string, number>>;
  readonly boots: { readonly count: number; readonly p50Ms: number; readonly maxMs: number };
  readonly requests: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly payments: number;
  readonly operations: number;
  readonly acknowledged: number;
  /** Answers about other money: settled states that wait for a person. */
  readonly inReview: number;
  /** Fault → how often the processor did it. */
  readonly faults: Readonly<Record<string, number>>;
  /** The processor's webhooks on their way to us; undefined where nobody takes them. */
  readonly news:
    | (PostTally & {
        readonly filed: number;
        /** Status → how often a node answered a delivery with it. */
        readonly refusals: Readonly<Record<string, number>>;
        /** Begun at the processor's own pages; `untold`: the processor gave up telling of it. */
        readonly desk: Readonly<Record<'refunds' | 'disputes' | 'untold', number>>;
      })
    | undefined;
  readonly findings: Findings;
  /** Breaches of the switch's own invariants, its verifier's words. */
  readonly invariants: readonly string[];
  /** PRAGMA integrity_check; undefined on Postgres. */
  readonly integrity: string | undefined;
  /** Lines at level error that the switch wrote, by event. */
  readonly errors: Readonly<Record<string, number>>;
  readonly notRun: readonly string[];
  /** Where the evidence is kept, when there was a breach. */
  readonly evidence: string | undefined;
}

/** How many things went wrong; 0 is the only good number. */
export function breachesOf({ findings, invariants, integrity }: Verdict): number {
  const found = Object.values(findings).reduce((sum, list) => sum + list.length, 0);
  return found + invariants.length + (integrity === undefined || integrity === 'ok' ? 0 : 1);
}

/** Rule of three: nothing in N trials bounds the rate by 3/N, with 95 % confidence. */
export function boundOf(found: number, trials: number): string {
  if (found > 0 || trials === 0) return '';
  return `  (95 %: below 1 in ${Math.floor(trials / 3).toLocaleString('en')})`;
}

export function jsonOf(verdict: Verdict): string {
  return JSON.stringify({ ...verdict, breaches: breachesOf(verdict) }, null, 2);
}

export function textOf(verdict: Verdict): string {
  const { findings, options, boots } = verdict;
  const rows: [string, string][] = [
    ['seed', String(options.seed)],
    ['against', subjectOf(options)],
    ['kills (SIGKILL)', String(verdict.kills)],
    ...Object.entries(verdict.disturbances).map(([name, n]): [string, string] => [name, String(n)]),
    ['ended by themselves', tally(verdict.falls)],
    ['node boots', `${boots.count}, p50 ${ms(boots.p50Ms)}, longest ${ms(boots.maxMs)}`],
    ['duration', `${verdict.seconds.toFixed(0)} s`],
    ['requests', `${verdict.requests} (${tally(verdict.statuses)})`],
    ['processor faults', tally(verdict.faults)],
    ['orders', String(verdict.payments)],
    ['operations', String(verdict.operations)],
    ...newsRows(verdict),
    ['', ''],
    ['doubled', counted(findings.doubled, verdict.payments)],
    ...(options.control ? [] : moreRows(verdict)),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`.trimEnd());
  return [
    ...lines,
    ...verdict.notRun.map((what) => `  NOT RUN: ${what}`),
    ...examples(verdict),
    '',
    conclusion(verdict),
  ].join('\n');
}

/** What the naive handler is not asked about: it keeps no books worth reading. */
function moreRows(verdict: Verdict): [string, string][] {
  const { findings } = verdict;
  return [
    ['lost', counted(findings.lost, verdict.acknowledged)],
    ['unrecorded', counted(findings.unrecorded, verdict.operations)],
    ['unresolved', counted(findings.unresolved, verdict.operations)],
    ['exceeded', counted(findings.exceeded, verdict.payments)],
    ['regressed', counted(findings.regressed, verdict.acknowledged)],
    ['misfiled', counted(findings.misfiled, verdict.news?.filed ?? 0)],
    ['unheeded', counted(findings.unheeded, actsOf(verdict))],
    ['unexpected refusals', String(findings.unexpected.length)],
    ['invariant breaches', String(verdict.invariants.length)],
    ['integrity check', verdict.integrity ?? 'not applicable'],
    ['in review', `${verdict.inReview} (the processor spoke of other money: a person decides)`],
    ['errors logged', tally(verdict.errors)],
  ];
}

/** What the processor told, and what its own pages did. */
function newsRows({ news }: Verdict): [string, string][] {
  if (!news) return [];
  const { deliveries, doubled, heldBack, unanswered, filed, refusals, desk } = news;
  const ways = { 'to two at once': doubled, 'held back': heldBack, unanswered, ...refusals };
  return [
    ['webhooks', `${deliveries}, ${filed} filed (${tally(ways)})`],
    ["at the processor's desk", tally(desk)],
  ];
}

function actsOf({ news }: Verdict): number {
  return news ? news.desk.refunds + news.desk.disputes - news.desk.untold : 0;
}

function conclusion(verdict: Verdict): string {
  const { options, evidence, findings } = verdict;
  const breaches = breachesOf(verdict);
  if (options.control) {
    const caught = findings.doubled.length;
    return caught > 0
      ? `CAUGHT: the naive handler charged ${caught} orders more than once. The harness can see.`
      : 'NOT CAUGHT: the naive handler came through. Do not believe this harness.';
  }
  if (breaches === 0) return 'PASSED: nothing doubled, lost, unrecorded or unresolved.';
  const where = evidence === undefined ? '' : ` Evidence: ${evidence}`;
  return `FAILED: ${breaches} breaches.${where}`;
}

/** The first of each kind: enough to begin the search with. */
function examples({ findings, invariants, options }: Verdict): string[] {
  if (options.control) return [];
  const all = { ...findings, invariants };
  return Object.entries(all).flatMap(([kind, list]) =>
    list.slice(0, 5).map((what) => `  ! ${kind}: ${what}`),
  );
}

function subjectOf({ database, nodes, control }: Options): string {
  if (control) return 'the naive handler (control)';
  return database === 'sqlite' ? 'SQLite, one node' : `Postgres, ${nodes} node(s)`;
}

const ms = (value: number): string => `${Math.round(value)} ms`;

function counted(list: readonly string[], trials: number): string {
  return `${list.length} of ${trials}${boundOf(list.length, trials)}`;
}

function tally(counts: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counts).filter(([, count]) => count > 0);
  return entries.map(([name, count]) => `${name} ${count}`).join(', ') || 'none';
}
