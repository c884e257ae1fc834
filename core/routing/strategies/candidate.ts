/** What a strategy is given and what it answers. */
import type { AccountView } from '../rules/facts.ts';
import type { CounterChange, Counters } from './counter.ts';

/** An account that a rule uses. */
export interface Candidate {
  readonly account: AccountView;
  /** Its place in the rule's list; accounts that came by one group or tag share a place. */
  readonly place: number;
  /** Its part among the others; 0: only when nobody else is there. */
  readonly weight: number;
}

export interface Situation {
  readonly scope: string;
  /** Those that can take the payment; at least one. */
  readonly eligible: readonly Candidate[];
  /** All that the rule uses, those that cannot take it included. */
  readonly pool: readonly Candidate[];
  readonly counters: Counters;
  /** Whether the weights were set by someone: the same for all is as good as none. */
  readonly weighted: boolean;
  /** How many payments an account may be behind its share and still be helped to catch up. */
  readonly catchUp: number;
  /** Uniform from 0 (included) to 1 (left out). */
  random(): number;
}

/** Why the first account is the first: a word, and the figures behind it. */
export interface Because {
  readonly word:
    | 'behind_its_share'
    | 'no_weights'
    | 'next_in_turn'
    | 'first_choice'
    | 'first_choice_unavailable'
    | 'priority'
    | 'success_rate'
    | 'least_used'
    | 'drawn'
    | 'only_one';
  readonly figures: Readonly<Record<string, number>>;
}

export interface Ordering {
  /** Every eligible account, the first to be tried first. */
  readonly order: readonly Candidate[];
  readonly because: Because;
  /** To be committed with the decision; empty when the strategy remembers nothing. */
  readonly changes: readonly CounterChange[];
}

export type Strategy = (situation: Situation) => Ordering;

/** The order of the rule's list; within one place by priority, then by age. */
export function byPlace(a: Candidate, b: Candidate): number {
  return a.place - b.place || a.account.priority - b.account.priority || byAge(a, b);
}

/** Ids begin with their time. */
export function byAge(a: Candidate, b: Candidate): number {
  if (a.account.id === b.account.id) return 0;
  return a.account.id < b.account.id ? -1 : 1;
}
