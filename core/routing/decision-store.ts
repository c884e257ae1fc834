/**
 * Decisions as rows: written with the intention they lead to, under the id of its operation. What a
 * backtest reads stands in columns of its own, so that a million of them are read without taking
 * the rest apart. Most payments of a box without rules are tried once, by priority: that first
 * decision is short, and stays with the payment.
 */
import { insert, type Change } from '../storage/index.ts';
import type { Decision } from './choose.ts';
import { factNamed, type RoutingDecision } from './rules/decide.ts';
import type { PaymentFacts } from './rules/facts.ts';
import type { RetryLater } from './rules/rule.ts';

/** A row of routing_decisions. */
export interface DecisionRecord {
  readonly merchant_id: string;
  /** The first authorization that it led to; those of a failover follow it. */
  readonly operation_id: string;
  readonly plan: string | null;
  /** Ids with a space between, the first to be tried first. */
  readonly accounts: string;
  /** JSON: account id → reason. */
  readonly excluded: string;
  /** JSON of PaymentFacts; null where no rules were asked. */
  readonly facts: string | null;
  /** JSON of everything else; of its inputs the names, since the facts have their values. */
  readonly decision: string;
}

/** By rules, or without. */
export type StoredDecision = Decision | RoutingDecision;

/** What a decision was, and what was known when it was made. */
export interface Decided {
  readonly decision: StoredDecision;
  /** Undefined where no rules were asked. */
  readonly facts: PaymentFacts | undefined;
}

/** What a payment keeps in its own column. */
interface Kept extends Partial<Decision> {
  readonly retry_later?: RetryLater;
}

/**
 * The payment's column after a decision: its first one where no rules were asked, and what its end
 * has to know of the latest. `before` is the column, null for a payment's first decision.
 */
export function keptOf(
  { decision, facts }: Decided,
  before: string | null,
  isFirst: boolean,
): string | null {
  const { retry_later: _old, ...first } = before === null ? {} : (JSON.parse(before) as Kept);
  const own = isFirst && !facts ? decision : first;
  const { retry_later } = decision;
  const kept = { ...own, ...(retry_later && { retry_later }) };
  return Object.keys(kept).length === 0 ? null : JSON.stringify(kept);
}

/** The first decision, where it is with the payment. */
export function firstDecision(kept: string | null): Decision | undefined {
  const { order, excluded, why } = kept === null ? ({} as Kept) : (JSON.parse(kept) as Kept);
  return order && excluded && why && { order, excluded, why };
}

/** The row of a decision; nothing for one that stays with the payment. */
export function decisionChanges(
  decided: Decided,
  of: Pick<DecisionRecord, 'merchant_id' | 'operation_id'>,
  isFirst: boolean,
): Change[] {
  if (isFirst && !decided.facts) return [];
  return [insert('routing_decisions', { ...of, ...decisionColumns(decided) })];
}

type DecisionColumns = Omit<DecisionRecord, 'merchant_id' | 'operation_id'>;

export function decisionColumns({ decision, facts }: Decided): DecisionColumns {
  const { order, excluded, plan, ...rest } = { plan: null, ...decision };
  const inputs = 'inputs' in decision && { inputs: Object.keys(decision.inputs) };
  return {
    plan,
    accounts: order.join(' '),
    excluded: JSON.stringify(excluded),
    facts: facts ? JSON.stringify(facts) : null,
    decision: JSON.stringify({ ...rest, ...inputs }),
  };
}

export function accountsOf(accounts: string): string[] {
  return accounts === '' ? [] : accounts.split(' ');
}

/** The decision as it was made. */
export function decisionOf(record: DecisionColumns): StoredDecision {
  const { plan, accounts, excluded, facts, decision } = record;
  const order = accountsOf(accounts);
  const reasons = JSON.parse(excluded) as Decision['excluded'];
  const rest = JSON.parse(decision) as object;
  if (facts === null) return { ...rest, order, excluded: reasons } as unknown as Decision;
  const known = JSON.parse(facts) as PaymentFacts;
  const { inputs } = rest as { readonly inputs: readonly string[] };
  const values = inputs.map((name) => [name, factNamed(known, name) ?? null]);
  return {
    ...rest,
    plan,
    order,
    excluded: reasons,
    inputs: Object.fromEntries(values),
  } as unknown as RoutingDecision;
}
