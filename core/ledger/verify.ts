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
}

const batchSize = 2_000;
const breachesMax = 10;

const sumOf = (knex: Database['knex'], debit: string, credit: string, as: string) =>
  // Postgres sums bigints to numeric, which would come as text: hence the cast.
  knex.raw(
    'cast(coalesce(sum(case when debit = ? and credit = ? then amount end), 0) as bigint) as ??',
    [debit, credit, as],
  );

interface PaymentRow extends Totals {
  readonly event_count: number;
  readonly version: number;
}

/** A payment that keeps changing while it is looked at is left to the next check. */
const looksMax = 5;

/**
 * Looks at every payment in batches, so that a big book does not stop the switch while it is read.
 * The parts of a payment are read one after the other: what seems broken is broken only if nobody
 * changed the payment meanwhile, and is looked at again otherwise.
 */
export async function verifyBooks(db: Database, paymentIds?: readonly string[]): Promise<Check[]> {
  const broken: Broken = { counters: [], order: [], approved: [], chains: [] };
  for await (const batch of payments(db, paymentIds)) {
    let looked: readonly PaymentRow[] = batch;
    for (let look = 1; look <= looksMax && looked.length > 0; look += 1) {
      const suspects = await suspectsOf(db, looked);
      looked = await movedSince(db, looked, suspects);
      const moved = new Set(looked.map(({ id }) => id));
      for (const [rule, ids] of Object.entries(suspects)) {
        broken[rule as keyof Broken].push(...ids.filter((id: string) => !moved.has(id)));
      }
    }
  }
  return [
    await zeroSum(db, paymentIds),
    check('counters', 'the counters of a payment equal its ledger entries', broken.counters),
    check('order', 'refunded ≤ captured ≤ authorized', broken.order),
    check(
      'one_authorization',
      'what is authorized has exactly one approved authorization',
      broken.approved,
    ),
    check('events', 'every event of a payment is there, none is missing', broken.chains),
  ];
}

/** Rule → the payments that seem to break it. */
type Broken = Record<'counters' | 'order' | 'approved' | 'chains', string[]>;

async function suspectsOf(db: Database, batch: readonly PaymentRow[]): Promise<Broken> {
  const found: Broken = { counters: [], order: [], approved: [], chains: [] };
  const ids = batch.map(({ id }) => id);
  const sums = await entrySums(db, ids);
  const authorizations = await countedBy(db, ids, (select) =>
    select.from('operations').where({ kind: 'authorize', state: 'succeeded' }),
  );
  const events = await countedBy(db, ids, (select) => select.from('events'));
  for (const payment of batch) {
    const books = sums.get(payment.id) ?? { authorized: 0, captured: 0, voided: 0, refunded: 0 };
    const agree =
      books.authorized === payment.amount_authorized &&
      books.captured === payment.amount_captured &&
      books.voided === payment.amount_voided &&
      books.refunded === payment.amount_refunded;
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
  if (ids.size === 0) return [];
  const versions = new Map(before.map(({ id, version }) => [id, version]));
  const now = await db.rows<PaymentRow>(paymentRows(db).whereIn('id', [...ids]));
  return now.filter(({ id, version }) => version !== versions.get(id));
}

function check(id: string, rule: string, breaches: readonly string[]): Check {
  return { id, rule, breaches: breaches.slice(0, breachesMax) };
}

function paymentRows({ knex }: Database): Select {
  return knex('payments').select(
    'id',
    'status',
    'amount_authorized',
    'amount_captured',
    'amount_voided',
    'amount_refunded',
    'event_count',
    'version',
  );
}

async function* payments(db: Database, only?: readonly string[]) {
  let after = '';
  for (;;) {
    const query = paymentRows(db).where('id', '>', after).orderBy('id').limit(batchSize);
    if (only) void query.whereIn('id', [...only]);
    const rows = await db.rows<PaymentRow>(query);
    if (rows.length === 0) return;
    yield rows;
    after = rows.at(-1)?.id ?? after;
    // Between batches the event loop serves whoever waits.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function entrySums(db: Database, ids: readonly string[]) {
  type Row = {
    payment_id: string;
    authorized: number;
    captured: number;
    voided: number;
    refunded: number;
  };
  const { knex } = db;
  const rows = await db.rows<Row>(
    knex('ledger_entries')
      .select(
        'payment_id',
        sumOf(knex, 'issuer', 'hold', 'authorized'),
        sumOf(knex, 'hold', 'merchant', 'captured'),
        sumOf(knex, 'hold', 'issuer', 'voided'),
        sumOf(knex, 'merchant', 'issuer', 'refunded'),
      )
      .whereIn('payment_id', [...ids])
      .groupBy('payment_id'),
  );
  return new Map(rows.map((row) => [row.payment_id, row]));
}

async function countedBy(
  db: Database,
  ids: readonly string[],
  from: (select: Select) => Select,
): Promise<Map<string, number>> {
  const rows = await db.rows<{ payment_id: string; n: number }>(
    from(db.knex.select('payment_id').count('* as n'))
      .whereIn('payment_id', [...ids])
      .groupBy('payment_id'),
  );
  return new Map(rows.map(({ payment_id, n }) => [payment_id, n]));
}

/** Every entry leaves one account and enters another, so all accounts together hold nothing. */
async function zeroSum(db: Database, only?: readonly string[]): Promise<Check> {
  const { knex } = db;
  const moved = (account: string, sign: number) =>
    knex('ledger_entries')
      .select('currency', knex.raw(`${account} as account`), knex.raw(`${sign} * amount as moved`))
      .modify((query) => only && void query.whereIn('payment_id', [...only]));
  const rows = await db.rows<{ currency: string; total: number }>(
    knex
      .select('currency')
      .sum('moved as total')
      .from(moved('debit', -1).unionAll(moved('credit', 1)).as('both'))
      .groupBy('currency')
      .having(knex.raw('sum(moved) <> 0')),
  );
  return check(
    'zero_sum',
    'entries sum to zero in every currency',
    rows.map(({ currency }) => currency),
  );
}
