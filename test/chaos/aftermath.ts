/**
 * After the storm: buyers get their last answers, time is moved on until nothing is unresolved, and
 * the three sides are read.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import SqliteHandle from 'better-sqlite3';
import {
  advanceClock,
  listIncoming,
  listPayments,
  readBooks,
  readSimulator,
  verifyLedger,
  type Door,
  request,
} from './books.ts';
import type { Counter } from './buyer.ts';
import type { Crowd } from './crowd.ts';
import { judge } from './judge.ts';
import { judgeNews } from './news.ts';
import type { Options } from './options.ts';
import type { Place } from './place.ts';
import type { ProcessorDesk } from './processor-desk.ts';
import type { Verdict } from './sheet.ts';
import { lagMs } from './storm.ts';

export interface Scene {
  readonly options: Options;
  readonly place: Place;
  readonly counter: Counter;
  readonly crowd: Crowd;
  readonly desk: ProcessorDesk;
  say(what: string): void;
}

export type Aftermath = Pick<
  Verdict,
  'operations' | 'inReview' | 'news' | 'findings' | 'invariants' | 'integrity' | 'errors'
>;

/** How long it may take before what is left counts as unresolved. */
const settleLimitMs = 120_000;
/** A step of the sandbox's clock; the schedule asks at 5 s, 30 s, 2 m, 5 m, 15 m … */
const clockStep = '40s';

/** Waits for the quiet, bounded, and compares. Stops the nodes on the way. */
export async function settle(scene: Scene): Promise<Aftermath> {
  const { options, place, counter, crowd, desk } = scene;
  const { simulatorUrl, credentials } = place;
  await Promise.all(place.nodes.map((node) => node.settled()));
  // The processor may still be about to tell what it hid: its longest lag has to pass for real.
  await delay(lagMs);
  const door: Door = {
    url: place.nodes[0]?.url ?? '',
    secretKey: credentials.secret_key,
    adminKey: credentials.admin_key,
  };
  if (options.control) {
    await Promise.race([crowd.finished(), delay(4_000)]);
    counter.over = true;
    await crowd.finished();
    const findings = judge(crowd.orders, await readSimulator(simulatorUrl), undefined);
    const none = {
      operations: 0,
      inReview: 0,
      news: undefined,
      invariants: [],
      integrity: undefined,
      errors: {},
    };
    return { findings, ...none };
  }
  await comeToRest(scene, door);
  counter.over = true;
  await crowd.finished();
  await hearEverything(scene, door);
  const { checks } = await verifyLedger(door);
  const books = await readBooks(door);
  const lines = await readSimulator(simulatorUrl);
  await place.stopNodes();
  const states = [...books.operations.values()].map(({ state }) => state);
  const errors = errorsIn(place.output());
  const invariants = [
    ...checks.flatMap(({ id, breaches }) => breaches.map((row) => `${id}: ${row}`)),
    // What the switch noticed by itself during the storm.
    ...Object.keys(errors).filter((what) => what.startsWith('an invariant is broken')),
  ];
  const findings = {
    ...judge(crowd.orders, lines, books),
    ...judgeNews(place.post, desk.acts, books),
  };
  const broken = counter.statuses.get(500) ?? 0;
  if (broken > 0) findings.unexpected.push(`${broken} answers were 500 internal_error`);
  const { disputes, incoming } = books;
  const operations = [...books.operations.values()];
  keepEvidence(scene, {
    orders: crowd.orders,
    acts: desk.acts,
    told: [...place.post.told],
    lines,
    operations,
    disputes,
    incoming,
  });
  return {
    operations: books.operations.size,
    inReview: states.filter((state) => state === 'review').length,
    news: newsOf(place, desk, incoming.length),
    findings,
    invariants,
    integrity: integrityOf(place),
    errors,
  };
}

/** Real time for the buyers, sandbox time for the schedule, until nobody waits for anything. */
async function comeToRest(scene: Scene, door: Door): Promise<void> {
  const { options, crowd, say } = scene;
  const startedMs = performance.now();
  // In a long round the first steps are left to the switch's own schedule in real time.
  const unaidedRounds = options.kills < 20 ? 0 : 6;
  for (let round = 1; performance.now() - startedMs < settleLimitMs; round += 1) {
    const processing = await listPayments(door, '&status=processing');
    if (crowd.waiting === 0 && processing.length === 0) return;
    if (round % 5 === 1) say(waitingWords(scene, processing.length));
    await delay(1_000);
    if (round > unaidedRounds) await advanceClock(door, clockStep);
    // Refunds do not show in the payment's status: those buyers wait for are asked about as well.
    if (round % 5 === 0) await syncAll(door, [...processing, ...waitedFor(crowd)]);
  }
}

/** Longer than the processor's longest pause between two tries (5 s). */
const quietMs = 6_500;

/** Until the processor has told everything, and the switch has looked into all of it. */
async function hearEverything({ place: { post }, say }: Scene, door: Door): Promise<void> {
  const startedMs = performance.now();
  while (post.idleMs < quietMs && performance.now() - startedMs < settleLimitMs) await delay(250);
  for (let round = 1; performance.now() - startedMs < settleLimitMs; round += 1) {
    const waiting = await listIncoming(door, '&state=waiting');
    if (waiting.length === 0) return;
    if (round % 5 === 1) say(`${waiting.length} webhooks wait: ${waiting[0]?.detail ?? 'new'}`);
    await delay(500);
    await advanceClock(door, clockStep);
  }
}

function newsOf({ post }: Place, { acts }: ProcessorDesk, filed: number): Verdict['news'] {
  const untold = acts.filter(({ id }) => !post.told.has(id)).length;
  const refusals = Object.fromEntries(post.refusals);
  const by = (kind: string) => acts.filter((act) => act.kind === kind).length;
  const desk = { refunds: by('refund'), disputes: by('dispute'), untold };
  return { ...post.tally, filed, refusals, desk };
}

/** How many still wait, and what the one who has waited longest heard last. */
function waitingWords({ crowd, counter }: Scene, processing: number): string {
  const first = crowd.orders.find(({ open }) => open > 0);
  const heard =
    first &&
    counter.log.findLast(({ order, type }) => order === first.reference && type === 'info');
  const words = heard ? `; ${heard.order} ${heard.action}: ${heard.note ?? 'nothing'}` : '';
  return `${crowd.waiting} orders wait, ${processing} payments are processing${words}`;
}

/** Payments that an order with an open request has heard of. */
function waitedFor({ orders }: Crowd): { readonly id: string }[] {
  return orders
    .filter(({ open }) => open > 0)
    .flatMap(({ answers }) => answers.flatMap(({ payment }) => payment ?? []));
}

async function syncAll(door: Door, payments: readonly { readonly id: string }[]): Promise<void> {
  for (const { id } of payments) {
    await request<object>(door, `/v1/payments/${id}/sync`, { method: 'POST' });
  }
}

function integrityOf({ databaseFile }: Place): string | undefined {
  if (databaseFile === undefined) return undefined;
  const handle = new SqliteHandle(databaseFile, { readonly: true });
  try {
    return String(handle.pragma('integrity_check', { simple: true }));
  } finally {
    handle.close();
  }
}

/** Log lines at level error, counted by what they say. */
function errorsIn(output: string): Record<string, number> {
  const errors: Record<string, number> = {};
  for (const line of output.split('\n')) {
    if (!line.startsWith('{')) continue;
    const { level, event, message, error, kind } = parsed(line);
    if (level !== 'error') continue;
    const what = [event ?? message ?? 'something', kind, error].filter(Boolean).join(': ');
    const short = what.slice(0, 120);
    errors[short] = (errors[short] ?? 0) + 1;
  }
  return errors;
}

function parsed(line: string): Partial<Record<string, string>> {
  try {
    return JSON.parse(line) as Partial<Record<string, string>>;
  } catch {
    return {}; // a line that a kill cut short
  }
}

function keepEvidence({ place, counter }: Scene, sides: object): void {
  const log = counter.log.map((line) => JSON.stringify(line)).join('\n');
  writeFileSync(join(place.directory, 'buyers.jsonl'), `${log}\n`);
  writeFileSync(join(place.directory, 'sides.json'), JSON.stringify(sides));
}
