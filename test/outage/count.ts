/**
 * What became of the payments: what their merchants were told, what the switch wrote down and what
 * the processors really did, held against each other payment by payment.
 */
import type { Database } from '../../core/storage/index.ts';
import type { Told, Turn } from './outage.ts';

interface OperationRow {
  readonly id: string;
  readonly payment_id: string;
  readonly account_id: string;
  readonly state: string;
}

interface PaymentRow {
  readonly id: string;
  readonly status: string;
  readonly amount: number;
  readonly amount_captured: number;
}

export interface Evidence {
  readonly told: readonly Told[];
  readonly booked: ReadonlyMap<string, { readonly account: string; readonly amount: number }>;
  readonly nameOf: ReadonlyMap<string, string>;
  readonly parts: {
    readonly outFromMs: number;
    readonly outToMs: number;
    readonly turns: readonly Turn[];
  };
}

export type Shares = Readonly<Record<string, number>>;

export interface Counted {
  readonly payments: number;
  /** Answered: paid. */
  readonly paid: number;
  /** Answered: not paid. */
  readonly failed: number;
  /** Answered: not known yet; and what they turned out to be. */
  readonly unknown: number;
  readonly unknownPaid: number;
  readonly unknownFailed: number;
  /** Tried at more than one account. */
  readonly moved: number;
  /** Money moved more than once, by the switch's books or by the processors'. */
  readonly doubled: number;
  /** The processors' books and the switch's do not say the same of the payment. */
  readonly wrong: number;
  /** Neither paid nor failed in the end. */
  readonly open: number;
  /** Paid payments by account: before the outage, while the account was left alone, after it. */
  readonly before: Shares;
  readonly during: Shares;
  readonly after: Shares;
}

/** How each payment stands at the end. */
interface Case {
  readonly status: string;
  readonly captured: boolean;
  readonly tries: number;
  /** Successes that the switch wrote down, and money that the processors moved. */
  readonly succeeded: number;
  readonly moved: number;
  /** Who was paid, or tried last. */
  readonly account: string;
}

export async function countUp(db: Database, evidence: Evidence): Promise<Counted> {
  const cases = await casesOf(db, evidence);
  const told = evidence.told.map((one) => ({ ...one, end: caseOf(cases, one.id) }));
  const count = (test: (one: (typeof told)[number]) => boolean) => told.filter(test).length;
  const isUnknown = ({ status }: Told) => status === 202;
  const { outFromMs, outToMs } = evidence.parts;
  const backMs = backAt(evidence);
  const shares = (fromMs: number, toMs: number): Shares => {
    const each: Record<string, number> = {};
    for (const { atMs, end } of told) {
      if (atMs < fromMs || atMs >= toMs || !end.captured) continue;
      each[end.account] = (each[end.account] ?? 0) + 1;
    }
    return each;
  };
  return {
    payments: told.length,
    paid: count(({ status }) => status === 201),
    failed: count(({ status }) => status > 202),
    unknown: count(isUnknown),
    unknownPaid: count((one) => isUnknown(one) && one.end.captured),
    unknownFailed: count((one) => isUnknown(one) && one.end.status === 'failed'),
    moved: count(({ end }) => end.tries > 1),
    doubled: count(({ end }) => end.succeeded > 1 || end.moved > 1),
    wrong: count(({ end }) => end.captured !== (end.moved === 1) || end.moved !== end.succeeded),
    open: count(({ end }) => !end.captured && end.status !== 'failed'),
    before: shares(0, outFromMs),
    during: shares(outFromMs, outToMs),
    after: shares(backMs, Infinity),
  };
}

/** When the breaker closed for good; the end of the outage where it never opened. */
function backAt({ parts: { outToMs, turns } }: Evidence): number {
  const closed = turns.findLast(({ state, atMs }) => state === 'closed' && atMs >= outToMs);
  return closed?.atMs ?? outToMs;
}

function caseOf(cases: ReadonlyMap<string, Case>, id: string): Case {
  const found = cases.get(id);
  if (!found) throw new Error(`the payment ${id} was answered and is not stored`);
  return found;
}

async function casesOf(db: Database, evidence: Evidence): Promise<Map<string, Case>> {
  const columns = ['id', 'status', 'amount', 'amount_captured'];
  const payments = await db.rows<PaymentRow>(db.knex('payments').select(columns));
  const operations = await db.rows<OperationRow>(
    db
      .knex('operations')
      .select('id', 'payment_id', 'account_id', 'state')
      .where('kind', 'authorize')
      .orderBy('id'),
  );
  const tries = new Map<string, OperationRow[]>();
  for (const operation of operations) {
    const others = tries.get(operation.payment_id);
    if (others) others.push(operation);
    else tries.set(operation.payment_id, [operation]);
  }
  return new Map(
    payments.map((payment) => [payment.id, ended(payment, tries.get(payment.id) ?? [], evidence)]),
  );
}

function ended(
  { status, amount, amount_captured: captured }: PaymentRow,
  tries: readonly OperationRow[],
  { booked, nameOf }: Evidence,
): Case {
  const succeeded = tries.filter(({ state }) => state === 'succeeded');
  const paid = succeeded[0] ?? tries.at(-1);
  return {
    status,
    captured: captured === amount,
    tries: tries.length,
    succeeded: succeeded.length,
    moved: tries.filter(({ id }) => booked.has(id)).length,
    account: nameOf.get(paid?.account_id ?? '') ?? '?',
  };
}
