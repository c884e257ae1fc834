/**
 * A draft beside the live rules. Every payment is decided by both; which of the two counts is a
 * stable hash of the payment's id, so that a payment that is tried again stays on its side and
 * every node says the same. What both said is stored with the intention.
 */
import { createHash } from 'node:crypto';
import { isoTime } from '../base/clock.ts';
import { insert, type Change } from '../storage/index.ts';
import type { Decided, RoutingDecision } from './rules/decide.ts';
import type { Rules } from './rules/rule.ts';
import type { ActiveRules, Draft } from './source.ts';

/** What both said of one payment. */
export interface Shadow {
  readonly draftHash: string;
  /** Who would be first by the live rules; null: nobody. */
  readonly liveAccount: string | null;
  readonly draftAccount: string | null;
  /** Whether the draft's decision was the one that counted. */
  readonly used: boolean;
}

export interface DraftDecision {
  /** The decision that counts, with the changes to commit. */
  readonly decided: Decided;
  /** The rules that it was made by. */
  readonly rules: Rules;
  /** To be stored beside the intention with {@link shadowChange}; undefined without a draft. */
  readonly shadow: Shadow | undefined;
}

/** A row of routing_shadows. */
export interface ShadowRecord {
  readonly operation_id: string;
  readonly merchant_id: string;
  readonly payment_id: string;
  readonly draft_hash: string;
  readonly live_account: string | null;
  readonly draft_account: string | null;
  readonly used: 0 | 1;
  readonly created_at: string;
}

/** Whether the draft decides this payment: its percentage of all ids, always the same ones. */
export function isDrafted({ rules, percent }: Draft, paymentId: string): boolean {
  if (percent <= 0) return false;
  const digest = createHash('sha256').update(`${rules.version} ${paymentId}`).digest();
  // 2^32 of them: a percentage is met to a hundred-millionth.
  return digest.readUInt32BE(0) < (percent / 100) * 2 ** 32;
}

/**
 * Decides by the live rules, and by the draft where there is one. `decideBy` is asked once for
 * each, on the same state; it must change nothing. Where both treat the payment alike they give it
 * the same account: who would be next or drawn is no difference between them.
 */
export function draftDecision(
  { live, draft }: ActiveRules,
  paymentId: string,
  decideBy: (rules: Rules) => Decided,
): DraftDecision {
  const lived = decideBy(live);
  if (!draft) return { decided: lived, rules: live, shadow: undefined };
  const own = decideBy(draft.rules);
  const alike = isAlike(lived.decision, own.decision);
  // A draft that finds nobody where the live rules do is a mistake that shall cost no payment.
  const refuses = own.decision.order.length === 0 && lived.decision.order.length > 0;
  const used = isDrafted(draft, paymentId) && !refuses;
  const liveAccount = lived.decision.order[0] ?? null;
  // What the draft drew for itself stands only where the draft is what counts.
  const drafted = alike ? { ...lived, decision: asOf(own.decision, lived.decision) } : own;
  const draftAccount = drafted.decision.order[0] ?? null;
  return {
    decided: used ? drafted : lived,
    rules: used ? draft.rules : live,
    shadow: { draftHash: draft.rules.version, liveAccount, draftAccount, used },
  };
}

/** The same plan under the same name: the same strategy, accounts and counters. */
function isAlike(a: RoutingDecision, b: RoutingDecision): boolean {
  return a.plan !== null && a.plan === b.plan && a.rule === b.rule;
}

/** The draft's words for a decision that the live rules made as well. */
function asOf(draft: RoutingDecision, live: RoutingDecision): RoutingDecision {
  const first = live.why.find(({ part }) => part === 'first');
  const why = draft.why.map((part) => (part.part === 'first' && first ? first : part));
  return { ...draft, order: live.order, why };
}

/** The row that goes into the commit of the intention. */
export function shadowChange(
  { draftHash, liveAccount, draftAccount, used }: Shadow,
  of: {
    readonly operationId: string;
    readonly merchantId: string;
    readonly paymentId: string;
    readonly nowMs: number;
  },
): Change {
  const record: ShadowRecord = {
    operation_id: of.operationId,
    merchant_id: of.merchantId,
    payment_id: of.paymentId,
    draft_hash: draftHash,
    live_account: liveAccount,
    draft_account: draftAccount,
    used: used ? 1 : 0,
    created_at: isoTime(of.nowMs),
  };
  return insert('routing_shadows', { ...record });
}
