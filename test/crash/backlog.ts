/**
 * A start into the mess that a crash leaves: thousands of operations nobody knows the outcome of.
 * The switch has to serve at once, find out about all of them, and not storm the processor with its
 * questions.
 *
 *   tsx test/crash/backlog.ts [--operations 10000]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isoTime, minute } from '../../core/base/clock.ts';
import { newId } from '../../core/base/id.ts';
import { firstCheckAt } from '../../core/payments/check-schedule.ts';
import type { OperationRecord, PaymentRecord } from '../../core/payments/record.ts';
import { operationInsert, paymentEvents } from '../../core/payments/settle.ts';
import { insert, type Change } from '../../core/storage/index.ts';
import { startSimulator } from '../../core/wiring/simulator.ts';
import {
  advanceClock,
  request,
  verifyLedger,
  type Door,
  type Verification,
} from '../chaos/books.ts';
import { chargeBody, startTestSwitch } from '../support/app.ts';
import type { DatabasePlace } from '../support/databases.ts';
import { Gate } from './gate.ts';
import { startSwitchProcess } from './switch-process.ts';

export interface BacklogReport {
  /** From the start of the process until /readyz said 200, without and with the backlog. */
  readonly plainBootMs: number;
  readonly bootMs: number;
  /** From then on until all that could be found out was. */
  readonly resolvedMs: number;
  readonly lookups: number;
  readonly lookupsAtOnce: number;
  /** Payments by status in the end. */
  readonly captured: number;
  readonly failed: number;
  readonly unresolved: number;
  readonly verification: Verification;
}

/** One operation in ten never reached the processor. */
export const lostOneIn = 10;
const ageMs = 10 * minute;
const batchSize = 100;

/** Generous, and less than the 150 s after which a call counts as dead by its age alone. */
const resolveLimitMs = (operations: number) => 60_000 + 20 * operations;

export async function bootWithBacklog(
  place: DatabasePlace,
  operations: number,
): Promise<BacklogReport> {
  const simulator = await startSimulator({ port: 0, dataDir: place.dataDir });
  const gate = await Gate.open(simulator.url);
  // As slow as a processor over the network, so that questions side by side overlap.
  gate.lookupDelayMs = 5;
  const options = { dataDir: place.dataDir, databaseUrl: place.url, simulatorUrl: gate.url };
  try {
    await leave(place, gate, operations);
    const running = await startSwitchProcess(options);
    try {
      const ready = await fetch(`${running.url}/readyz`);
      if (ready.status !== 200) throw new Error(`/readyz said ${ready.status}`);
      const startedMs = performance.now();
      await settled(running, operations);
      const resolvedMs = performance.now() - startedMs;
      // Moving the clock asks too, beside the switch's own job: only the job is measured.
      const { lookupsAtOnce } = gate;
      await advanceClock(running, '40m');
      const { lookups } = gate;
      const report = {
        bootMs: running.bootMs,
        resolvedMs,
        lookups,
        lookupsAtOnce,
        captured: await count(running, 'captured'),
        failed: await count(running, 'failed'),
        unresolved: await count(running, 'processing'),
        verification: await verifyLedger(running),
      };
      await running.kill();
      return { ...report, plainBootMs: await plainBoot(options) };
    } finally {
      await running.kill();
    }
  } finally {
    await gate.close();
    await simulator.stop();
  }
}

/** The same start with nothing to find out: what the backlog is measured against. */
async function plainBoot(options: Parameters<typeof startSwitchProcess>[0]): Promise<number> {
  const running = await startSwitchProcess(options);
  await running.kill();
  return running.bootMs;
}

/**
 * Writes down operations as a dead process leaves them, and books most of them at the processor.
 */
async function leave(place: DatabasePlace, gate: Gate, operations: number): Promise<void> {
  const app = await startTestSwitch(place, { jobs: false, simulatorUrl: gate.url });
  try {
    const { db, desk } = app.running;
    const made = await app.call('/v1/payments', { body: chargeBody() });
    const id = String(made.body['id']);
    const [payment] = await db.find<PaymentRecord>('payments', { id });
    const [operation] = await db.find<OperationRecord>('operations', { payment_id: id });
    const accounts = await desk.accounts.list(app.credentials.merchant_id);
    const account = accounts.find(({ record }) => record.id === operation?.account_id);
    if (!payment || !operation || !account) throw new Error('a charge leaves its rows behind');
    const { api_key: apiKey } = account.settings as { api_key: string };
    const queue = Array.from({ length: operations }, (_, at) => at).values();
    const writer = async () => {
      for (let batch = take(queue); batch.length > 0; batch = take(queue)) {
        const left = batch.map((at) => unresolved(payment, operation, at, place));
        await db.commit(left.flatMap(({ changes }) => changes));
        for (const { at, operationId } of left) {
          if (at % lostOneIn !== 0) await charge(gate.url, apiKey, operationId);
        }
      }
    };
    await Promise.all(Array.from({ length: 8 }, writer));
  } finally {
    await app.stop();
  }
}

function take(queue: Iterator<number>): number[] {
  const batch: number[] = [];
  while (batch.length < batchSize) {
    const { value, done } = queue.next();
    if (done === true) break;
    batch.push(value);
  }
  return batch;
}

/**
 * Every second one was calling when the process died, the others are due to be asked about. On
 * SQLite that call was a moment ago: nobody else can be making it. On Postgres it has to be old for
 * that.
 */
function unresolved(
  payment: PaymentRecord,
  operation: OperationRecord,
  at: number,
  { url }: DatabasePlace,
) {
  const ms = Date.now() - ageMs;
  const iso = isoTime(ms);
  const calling = at % 2 === 0;
  const left: PaymentRecord = {
    ...payment,
    id: newId('payment', ms),
    status: 'processing',
    amount_authorized: 0,
    amount_captured: 0,
    authorized_at: null,
    captured_at: null,
    verification: null,
    event_count: 1,
    created_at: iso,
    updated_at: iso,
  };
  const asked: OperationRecord = {
    ...operation,
    id: newId('operation', ms),
    payment_id: left.id,
    state: calling ? 'calling' : 'unknown',
    ref: null,
    result: null,
    next_check_at: calling && url === undefined ? firstCheckAt(Date.now()) : isoTime(ms + minute),
    created_at: iso,
    updated_at: iso,
  };
  const changes: Change[] = [
    insert('payments', { ...left }),
    operationInsert(asked),
    ...paymentEvents(left, undefined, ['payment.processing'], ms),
  ];
  return { at, operationId: asked.id, changes };
}

/** The charge as the dead process had sent it. */
async function charge(url: string, apiKey: string, reference: string): Promise<void> {
  const card = { number: '4242424242424242', exp_month: 12, exp_year: 2034, cvc: '123' };
  const response = await fetch(`${url}/v1/charges`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ reference, amount: 10_000, currency: 'USD', capture: true, card }),
  });
  if (response.status !== 200) throw new Error(await response.text());
  await response.body?.cancel();
}

/** Waits until only those are unresolved that the processor knows nothing of. */
async function settled(door: Door, operations: number): Promise<void> {
  const absent = Math.floor(operations / lostOneIn);
  const limitMs = performance.now() + resolveLimitMs(operations);
  while ((await count(door, 'processing', absent)) > absent) {
    if (performance.now() > limitMs) throw new Error('the backlog is not getting smaller');
    await delay(100);
  }
}

/** How many payments have the status; stops counting above `enough`. */
async function count(door: Door, status: string, enough = Infinity): Promise<number> {
  let found = 0;
  for (let after = ''; ;) {
    const path = `/v1/payments?status=${status}&limit=100${after}`;
    type Page = { data: { id: string }[]; has_more: boolean };
    const { data, has_more: more } = await request<Page>(door, path);
    found += data.length;
    if (!more || found > enough) return found;
    after = `&starting_after=${data.at(-1)?.id ?? ''}`;
  }
}

/** The figures in one line. */
export function inWords(operations: number, report: BacklogReport): string {
  const ms = (value: number) => `${Math.round(value)} ms`;
  return (
    `${operations} unresolved operations: serving after ${ms(report.bootMs)} ` +
    `(without them ${ms(report.plainBootMs)}), resolved after ${ms(report.resolvedMs)} more, ` +
    `${report.lookups} look-ups, at most ${report.lookupsAtOnce} at a time`
  );
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { operations: { type: 'string', default: '10000' } } });
  const dataDir = mkdtempSync(join(tmpdir(), 'pointsman-backlog-'));
  try {
    const operations = Number(values.operations);
    const report = await bootWithBacklog({ dataDir, url: undefined }, operations);
    console.log(inWords(operations, report));
    process.exitCode = report.unresolved === 0 && report.verification.ok ? 0 : 1;
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
