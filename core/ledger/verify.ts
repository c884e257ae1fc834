/**
 * The invariants, asked of the database itself. They hold at every commit; this looks whether they
 * do, because a switch that cannot be checked is believed, not trusted.
 */
import type { Database, Select } from '../storage/index.ts';

export interface Check {
  readonly id: string;
  /** What must be true. */
  readonly rule: string;
  /** Rows that break it, at most ten; empty when all is well. */
  readonly breaches: readonly string[];
}

interface Totals {
  readonly id: string;
  readonly status: string;
  readonly amount_authorized: number;
  readonly amount_captured: number;
  readonly amount_voided: number;
  readonly amount_refunded: number;
  readonly amount_disputed: number;
}

/** Where a payment is found: its key in the table. */
export interface PaymentKey {
  readonly merchant_id: string;
  readonly id: string;
}

interface PaymentRow extends Totals, PaymentKey {
  readonly event_count: number;
  readonly version: number;
}

/** Rule → the payments that seem to break it. */
type Broken = Record<'counters' | 'order' | 'approved' | 'chains', string[]>;

/**
 * Payments looked at together. Small, because on SQLite a query holds up everybody; always asked
 * for in this number, because each other length of an `in (…)` is a statement of its own to keep.
 */
const batchSize = 100;
const breachesMax = 10;

/** A payment that keeps changing while it is looked at is left to the next check. */
const looksMax = 5;

/**
 * Looks at the payments named, or at all of them, a few at a time: a big book does not stop the
 * switch while it is read. The parts of a payment are read one after the other: what seems broken
 * is broken only if nobody changed the payment meanwhile, and is looked at again otherwise.
 */
export async function verifyBooks(db: Database, keys?: readonly PaymentKey[]): Promise<Check[]> {
  const broken: Broken = { counters: [], order: [], approved: [], chains: [] };
  const unbalanced = new Set<string>();
  for await (const batch of keys ? named(db, keys) : everyone(db)) {
    for (const currency of await unbalancedIn(db, batch)) unbalanced.add(currency);
    let looked: readonly PaymentRow[] = batch;
    for (let look = 1; look <= looksMax && looked.length > 0; look += 1) {
      const suspects = await suspectsOf(db, looked);
      looked = await movedSince(db, looked, suspects);
      const moved = new Set(looked.map(({ id }) => id));
      for (const [rule, ids] of Object.entries(suspects)) {
        broken[rule as keyof Broken].push(...ids.filter((id: string) => !moved.has(id)));
      }
    }
    // Between batches the event loop serves whoever waits.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const approved = 'what is authorized has exactly one approved authorization';
  return [
    check('zero_sum', 'entries sum to zero in every currency', [...unbalanced]),
    check('counters', 'the counters of a payment equal its ledger entries', broken.counters),
    check('order', 'refunded ≤ captured ≤ authorized', broken.order),
    check('one_authorization', approved, broken.approved),
    check('events', 'every event of a payment is there, none is missing', broken.chains),
  ];
}

function check(id: string, rule: string, breaches: readonly string[]): Check {
  return { id, rule, breaches: breaches.slice(0, breachesMax) };
}

async function suspectsOf(db: Database, batch: readonly PaymentRow[]): Promise<Broken> {
  const found: Broken = { counters: [], order: [], approved: [], chains: [] };
  const sums = await entrySums(db, batch);
  const authorizations = await countedBy(db, batch, (select) =>
    select.from('operations').where({ kind: 'authorize', state: 'succeeded' }),
  );
  const events = await countedBy(db, batch, (select) => select.from('events'));
  for (const payment of batch) {
    const books = sums.get(payment.id) ?? nothing;
    const agree =
      books.authorized === payment.amount_authorized &&
      books.captured === payment.amount_captured &&
      books.voided === payment.amount_voided &&
      books.refunded - books.returned === payment.amount_refunded &&
      books.disputed - books.reinstated === payment.amount_disputed;
    if (!agree) found.counters.push(payment.id);
    const { amount_authorized, amount_captured, amount_voided, amount_refunded } = payment;
    const inOrder =
      amount_refunded <= amount_captured && amount_captured + amount_voided <= amount_authorized;
    if (!inOrder) found.order.push(payment.id);
    const held = amount_authorized > 0 ? 1 : 0;
    if ((authorizations.get(payment.id) ?? 0) !== held) found.approved.push(payment.id);
    if ((events.get(payment.id) ?? 0) !== payment.event_count) found.chains.push(payment.id);
  }
  return found;
}

/** Of the suspects, those that changed after they were read, as they are now. */
async function movedSince(
  db: Database,
  before: readonly PaymentRow[],
  suspects: Broken,
): Promise<readonly PaymentRow[]> {
  const ids = new Set(Object.values(suspects).flat());
  const again = before.filter(({ id }) => ids.has(id));
  const versions = new Map(before.map(({ id, version }) => [id, version]));
  const moved: PaymentRow[] = [];
  for await (const now of named(db, again)) {
    moved.push(...now.filter(({ id, version }) => version !== versions.get(id)));
  }
  return moved;
}

function paymentRows({ knex }: Database, merchantId: string): Select {
  return knex('payments')
    .select('merchant_id', 'id', 'status', 'event_count', 'version')
    .select('amount_authorized', 'amount_captured', 'amount_voided', 'amount_refunded')
    .select('amount_disputed')
    .where('merchant_id', merchantId);
}

/** The ids of a batch, made up to its full number: a repeated one changes nothing. */
function padded(batch: readonly { readonly id: string }[]): string[] {
  return Array.from({ length: batchSize }, (_, place) => (batch[place] ?? batch[0])?.id ?? '');
}

/** The payments named, by merchant and in batches. */
async function* named(db: Database, keys: readonly PaymentKey[]) {
  const byMerchant = new Map<string, PaymentKey[]>();
  for (const key of keys) {
    byMerchant.set(key.merchant_id, [...(byMerchant.get(key.merchant_id) ?? []), key]);
  }
  for (const [merchantId, own] of byMerchant) {
    for (let start = 0; start < own.length; start += batchSize) {
      const ids = padded(own.slice(start, start + batchSize));
      yield await db.rows<PaymentRow>(paymentRows(db, merchantId).whereIn('id', ids));
    }
  }
}

/** Every payment of every merchant, in the order of the primary key. */
async function* everyone(db: Database) {
  const merchants = await db.rows<{ id: string }>(db.knex('merchants').select('id'));
  for (const { id: merchantId } of merchants) {
    let after = '';
    for (;;) {
      const rows = await db.rows<PaymentRow>(
        paymentRows(db, merchantId).where('id', '>', after).orderBy('id').limit(batchSize),
      );
      if (rows.length > 0) yield rows;
      if (rows.length < batchSize) break;
      after = rows.at(-1)?.id ?? after;
    }
  }
}

/** What was moved, by the move. */
const nothing = {
  authorized: 0,
  captured: 0,
  voided: 0,
  refunded: 0,
  returned: 0,
  disputed: 0,
  reinstated: 0,
};

type Sums = typeof nothing;

const sumOf = (knex: Database['knex'], debit: string, credit: string, as: string) =>
  // Postgres sums bigints to numeric, which would come as text: hence the cast.
  knex.raw(
    'cast(coalesce(sum(case when debit = ? and credit = ? then e.amount end), 0) as bigint) as ??',
    [debit, credit, as],
  );

/** The entries of a batch, each beside the payment its operation belongs to. */
function entriesOf({ knex }: Database, batch: readonly PaymentRow[]): Select {
  return knex('operations as o')
    .join('ledger_entries as e', 'e.operation_id', 'o.id')
    .whereIn('o.payment_id', padded(batch));
}

async function entrySums(db: Database, batch: readonly PaymentRow[]) {
  const { knex } = db;
  const rows = await db.rows<Sums & { payment_id: string }>(
    entriesOf(db, batch)
      .select(
        'o.payment_id',
        sumOf(knex, 'issuer', 'hold', 'authorized'),
        sumOf(knex, 'hold', 'merchant', 'captured'),
        sumOf(knex, 'hold', 'issuer', 'voided'),
        sumOf(knex, 'merchant', 'issuer', 'refunded'),
        sumOf(knex, 'issuer', 'merchant', 'returned'),
        sumOf(knex, 'merchant', 'dispute', 'disputed'),
        sumOf(knex, 'dispute', 'merchant', 'reinstated'),
      )
      .groupBy('o.payment_id'),
  );
  return new Map(rows.map((row) => [row.payment_id, row]));
}

async function countedBy(
  db: Database,
  batch: readonly PaymentRow[],
  from: (select: Select) => Select,
): Promise<Map<string, number>> {
  const rows = await db.rows<{ payment_id: string; n: number }>(
    from(db.knex.select('payment_id').count('* as n'))
      .whereIn('payment_id', padded(batch))
      .groupBy('payment_id'),
  );
  return new Map(rows.map(({ payment_id, n }) => [payment_id, n]));
}

/** Currencies in which what left the accounts is not what entered them. */
async function unbalancedIn(db: Database, batch: readonly PaymentRow[]): Promise<string[]> {
  const { knex } = db;
  const moved = (account: string, sign: number) =>
    entriesOf(db, batch).select(
      'e.currency',
      knex.raw(`${account} as account`),
      knex.raw(`${sign} * e.amount as moved`),
    );
  const rows = await db.rows<{ currency: string }>(
    knex
      .select('currency')
      .from(moved('debit', -1).unionAll(moved('credit', 1)).as('both'))
      .groupBy('currency')
      .having(knex.raw('sum(moved) <> 0')),
  );
  return rows.map(({ currency }) => currency);
}
