/** Looking behind the API: the rows a switch has written, and the simulator's own ledger. */
import { expect } from 'chai';
import type { Database } from '../../core/storage/index.ts';
import type { TestSwitch } from './app.ts';

interface SimulatorOperation {
  readonly id: string;
  readonly kind: string;
  readonly reference: string;
  readonly charge: string;
  readonly amount: number;
  readonly currency: string;
  readonly status: string;
}

export interface SimulatorLedger {
  readonly operations: readonly SimulatorOperation[];
  readonly totals: Readonly<Record<string, Readonly<Record<Counter, number>>>>;
  readonly count: number;
}

const counters = ['authorized', 'captured', 'refunded', 'voided'] as const;
type Counter = (typeof counters)[number];

/** The books the switch cannot touch. */
export async function simulatorLedger(app: TestSwitch, query = ''): Promise<SimulatorLedger> {
  const response = await fetch(`${app.simulatorUrl}/ledger${query}`);
  return (await response.json()) as SimulatorLedger;
}

/** Makes the simulator misbehave: `{fault, kind?, times?, latency_ms?}`; none clears all rules. */
export async function simulatorFault(
  app: TestSwitch,
  rule?: Record<string, unknown>,
): Promise<void> {
  const response = await fetch(`${app.simulatorUrl}/control/faults`, {
    method: rule ? 'POST' : 'DELETE',
    ...(rule
      ? { body: JSON.stringify(rule), headers: { 'content-type': 'application/json' } }
      : {}),
  });
  expect(response.status).to.equal(rule ? 201 : 200);
}

const tables = [
  'merchants',
  'profiles',
  'api_keys',
  'idempotency_keys',
  'accounts',
  'customers',
  'payments',
  'payment_revisions',
  'operations',
  'events',
  'ledger_entries',
] as const;

/** Every row of every table, by table. */
export async function allRows(db: Database): Promise<Record<string, object[]>> {
  const found: Record<string, object[]> = {};
  for (const table of tables) found[table] = await db.rows(db.knex(table).select('*'));
  return found;
}

/** How many rows each table has: what is refused must leave all of them as they were. */
export async function rowCounts(db: Database): Promise<Record<string, number>> {
  const counts = tables.map((table) => db.knex(table).count('*').as(table));
  const [found = {}] = await db.rows<Record<string, number>>(db.knex.select(counts));
  return found;
}

interface Entry {
  readonly payment_id: string;
  readonly operation_id: string;
  readonly debit: string;
  readonly credit: string;
  readonly amount: number;
}

/** Which way money went → which counter of the payment says so. */
const meanings: Readonly<Record<string, Counter>> = {
  'issuer→hold': 'authorized',
  'hold→merchant': 'captured',
  'hold→issuer': 'voided',
  'merchant→issuer': 'refunded',
};

/** Ways back: what was counted is taken off again. */
const undone: Readonly<Record<string, Counter>> = { 'issuer→merchant': 'refunded' };

/** Disputes are told by the processor and are no part of its charges. */
const besides = new Set(['merchant→dispute', 'dispute→merchant']);

type PaymentRow = { id: string; currency: string; status: string } & Record<
  string,
  number | string
>;

/**
 * Three books, one truth: each payment's counters are the sums of its ledger entries, and all
 * payments together are what the simulator has booked.
 */
export async function expectBooksToAgree(app: TestSwitch): Promise<void> {
  const { db } = app.running;
  const payments = await db.rows<PaymentRow>(db.knex('payments').select('*'));
  const entries = await db.rows<Entry>(
    db
      .knex('ledger_entries')
      .join('operations', 'operations.id', 'ledger_entries.operation_id')
      .select('ledger_entries.*', 'operations.payment_id'),
  );
  const captures = new Set(
    (
      await db.rows<{ id: string }>(db.knex('operations').select('id').where('kind', 'capture'))
    ).map(({ id }) => id),
  );
  const totals: Record<string, Record<Counter, number>> = {};
  for (const payment of payments) {
    const sums = { authorized: 0, captured: 0, refunded: 0, voided: 0 };
    for (const entry of entries) {
      if (entry.payment_id !== payment.id) continue;
      const way = `${entry.debit}→${entry.credit}`;
      if (besides.has(way)) continue;
      const back = undone[way];
      if (back) sums[back] -= entry.amount;
      if (back) continue;
      const counter = meanings[way];
      expect(counter, `${entry.debit}→${entry.credit}`).to.be.a('string');
      sums[counter as Counter] += entry.amount;
    }
    // What a final capture lets go is a line in our books; the simulator just closes the charge.
    const letGo = entries
      .filter((entry) => entry.payment_id === payment.id && entry.debit === 'hold')
      .filter((entry) => entry.credit === 'issuer' && captures.has(entry.operation_id))
      .reduce((sum, entry) => sum + entry.amount, 0);
    const total = (totals[payment.currency] ??= {
      authorized: 0,
      captured: 0,
      refunded: 0,
      voided: 0,
    });
    for (const counter of counters) {
      expect(Number(payment[`amount_${counter}`]), `${payment.id} ${counter}`).to.equal(
        sums[counter],
      );
      total[counter] += sums[counter] - (counter === 'voided' ? letGo : 0);
    }
  }
  const theirs = (await simulatorLedger(app)).totals;
  for (const currency of new Set([...Object.keys(totals), ...Object.keys(theirs)])) {
    const nothing = { authorized: 0, captured: 0, refunded: 0, voided: 0 };
    expect(theirs[currency] ?? nothing, currency).to.deep.equal(totals[currency] ?? nothing);
  }
}

/** The end of a suite: the books agree, nothing was complained about, the switch stops. */
export async function closeBooks(app: TestSwitch | undefined): Promise<void> {
  if (app === undefined) return; // the suite was skipped
  try {
    await expectBooksToAgree(app);
    expect(app.complaints).to.deep.equal([]);
  } finally {
    await app.stop();
  }
}
