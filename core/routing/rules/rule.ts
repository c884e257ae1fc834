/** Rules as they are used: read, checked, and made ready to decide. */
import type { Finding, Path, Place } from './document.ts';
import type { Condition, Matcher } from './condition.ts';
import type { PaymentFacts } from './facts.ts';

export const strategyNames = [
  'weighted_round_robin',
  'round_robin',
  'weighted',
  'least_used',
  'failover',
  'random',
] as const;

export type StrategyName = (typeof strategyNames)[number];

/** One account by id or name, all with a tag, or all there are. */
export type AccountRef =
  | { readonly kind: 'account'; readonly name: string }
  | { readonly kind: 'tag'; readonly name: string }
  | { readonly kind: 'all' };

/** Who takes the payments that a rule matches, and in which order. */
export interface Use {
  readonly strategy: StrategyName;
  /** In the order written, groups taken apart. */
  readonly accounts: readonly AccountRef[];
  /** Account id or name → its part of the successful payments; undefined: the accounts' own. */
  readonly weights: Readonly<Record<string, number>> | undefined;
  /** How many payments an account may be behind its share and still be helped to catch up. */
  readonly catchUp: number;
}

/** Trying the next account after a failure that surely moved no money. */
export interface Failover {
  /** Accounts tried at most, the first included. */
  readonly max_attempts: number;
  /** Also after declines that the issuer or processor marks as worth another account. */
  readonly soft_declines: boolean;
}

/** Trying a payment without its customer again later. */
export interface RetryLater {
  readonly max_attempts: number;
  readonly within_hours: number;
}

export interface Rule {
  /** `default` for what is used when no rule matches. */
  readonly name: string;
  readonly path: Path;
  readonly condition: Condition;
  readonly matches: Matcher;
  readonly use: Use;
  readonly failover: Failover;
  readonly retryLater: RetryLater | undefined;
  /** The facts it looks at, as they are shown: `amount`, `metadata.plan`. */
  readonly looksAt: readonly string[];
  /** The hash of the condition: two rules with the same one match the same. */
  readonly conditionHash: string;
  /** The hash of `use`: two rules with the same one choose the same. */
  readonly plan: string;
}

export interface Expectation {
  readonly name: string;
  readonly path: Path;
  readonly payment: PaymentFacts;
  /** Accounts (by name or id) to be treated as out of order. */
  readonly unavailable: readonly string[];
  readonly expect: {
    readonly rule: string | undefined;
    readonly strategy: StrategyName | undefined;
    /** The one tried first. */
    readonly account: string | undefined;
    /** Who may be tried, in any order. */
    readonly accounts: readonly string[] | undefined;
    /** Who is tried, in this order. */
    readonly order: readonly string[] | undefined;
  };
}

export interface Rules {
  readonly file: string;
  /** The hash of everything that decides; comments, layout and tests are no part of it. */
  readonly version: string;
  /** In order: the first that matches decides. */
  readonly rules: readonly Rule[];
  readonly fallback: Rule | undefined;
  /** Group name → what it stands for. */
  readonly groups: Readonly<Record<string, readonly AccountRef[]>>;
  readonly tests: readonly Expectation[];
  placeOf(path: Path): Place;
}

export type Parsed =
  | { readonly rules: Rules; readonly findings?: undefined }
  | { readonly rules?: undefined; readonly findings: readonly Finding[] };

/** What is known of the accounts when rules are read. */
export interface KnownAccount {
  readonly id: string;
  readonly name: string;
  readonly tags: readonly string[];
  readonly weight: number;
}

/** A rule's name that stands for what is used when nothing matches. */
export const defaultName = 'default';
