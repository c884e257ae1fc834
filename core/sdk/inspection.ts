/**
 * What a processor has about one payment, in total. News only says where to look: the money is
 * moved by what is read here, so late, repeated and reordered news all end in the same books.
 */
import type { Money } from '../base/money.ts';
import type { DisputeState } from './dispute.ts';

export interface Inspect<Ref> {
  /** The authorization: its id in the switch, its ref, and what it was for. */
  readonly operationId: string;
  readonly of: Ref;
  readonly amount: Money;
}

/** A refund as the processor has it now, whoever began it. */
export interface FoundRefund<Ref> {
  readonly ref: Ref;
  /** The switch's id, when the refund was its own. */
  readonly operationId: string | undefined;
  readonly amount: Money;
  readonly status: 'pending' | 'succeeded' | 'failed';
  /** Why it was made, or why it failed: the processor's word. */
  readonly reason?: string;
}

export interface Inspection<Ref> {
  readonly authorized: Money;
  readonly captured: Money;
  /** Nothing is left to capture; `expired` when the processor let the hold go by itself. */
  readonly released: false | 'captured' | 'voided' | 'expired';
  readonly refunds: readonly FoundRefund<Ref>[];
  readonly disputes: readonly DisputeState[];
}
