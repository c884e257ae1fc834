/**
 * "What would have to be different for another account to be chosen?" Every single fact that the
 * rules ask about is varied, to the nearest values at which a condition turns, and the decision is
 * made again; so is each account with its obstacle taken away.
 */
import type { StrategyState } from '../strategies/counter.ts';
import { testsIn, type Test } from './condition.ts';
import { decide, factNamed, type Decided } from './decide.ts';
import { exclusionOf, type AccountView, type Exclusion, type PaymentFacts } from './facts.ts';
import { numberOf, sixDigitsFrom, wordOf } from './fields.ts';
import type { Rules } from './rule.ts';
import type { ValueSet } from './sets.ts';

export interface FactChange {
  readonly fact: string;
  readonly from: unknown;
  readonly to: unknown;
  /** The rule that would decide then; `default`; null when none. */
  readonly rule: string | null;
}

export interface Alternative {
  readonly account: string;
  /** 2: it is tried when the first fails. Null when it is not tried at all. */
  readonly position: number | null;
  readonly excluded: Exclusion | null;
  /** It would be the first if only what keeps it from the payment were gone. */
  readonly onlyExcluded: boolean;
  /** Single facts that would make it the first, the smallest step first; at most one a fact. */
  readonly changes: readonly FactChange[];
}

export interface Hypothetical extends Decided {
  /** One for every account that is not the first. */
  readonly alternatives: readonly Alternative[];
}

/** Decides a payment that does not exist, and looks around it. Changes nothing. */
export function explainHypothetical(
  rules: Rules,
  facts: PaymentFacts,
  accounts: readonly AccountView[],
  state: StrategyState,
  random: () => number,
): Hypothetical {
  // What is drawn by lot is drawn once: other facts shall not look as if they changed the lot.
  const lots: number[] = [];
  const drawnAgain = () => {
    let at = 0;
    return () => {
      const lot = (lots[at] ??= random());
      at += 1;
      return lot;
    };
  };
  const decideAgain = (payment: PaymentFacts, views: readonly AccountView[]) =>
    decide(rules, payment, views, state, drawnAgain());
  const decided = decideAgain(facts, accounts);
  const { order, excluded } = decided.decision;
  const byAccount = new Map<string, FactChange[]>();
  for (const { fact, to, facts: varied } of variationsOf(rules, facts)) {
    const { decision } = decideAgain(varied, accounts);
    const first = decision.order[0];
    if (first === undefined || first === order[0]) continue;
    const found = byAccount.get(first) ?? [];
    const from = factNamed(facts, fact) ?? null;
    // The variations of a fact come with the smallest step first.
    if (!found.some((one) => one.fact === fact)) {
      byAccount.set(first, [...found, { fact, from, to, rule: decision.rule }]);
    }
  }
  const alternatives = accounts.flatMap((account): Alternative[] => {
    const { id } = account;
    if (id === order[0]) return [];
    const position = order.indexOf(id);
    return [
      {
        account: id,
        position: position < 0 ? null : position + 1,
        excluded: excluded[id] ?? null,
        onlyExcluded: wouldLead(account, accounts, (views) => decideAgain(facts, views)),
        changes: byAccount.get(id) ?? [],
      },
    ];
  });
  return { ...decided, alternatives };
}

function wouldLead(
  account: AccountView,
  accounts: readonly AccountView[],
  again: (accounts: readonly AccountView[]) => Decided,
): boolean {
  if (exclusionOf(account) === undefined) return false;
  const able: AccountView = {
    ...account,
    // No field of its own, and so it would be left behind by the copy.
    stats: account.stats,
    active: true,
    capability: undefined,
    limits: { ...account.limits, excluded: undefined },
    health: 'usable',
  };
  const views = accounts.map((one) => (one.id === account.id ? able : one));
  return again(views).decision.order[0] === account.id;
}

interface Variation {
  readonly fact: string;
  readonly to: unknown;
  readonly facts: PaymentFacts;
}

/** The payment with one fact changed, for each value at which a condition of the rules turns. */
function variationsOf(rules: Rules, facts: PaymentFacts): Variation[] {
  const variations = rules.rules
    .flatMap(({ condition }) => testsIn(condition))
    .flatMap((test) => variationsFor(test, facts));
  const unique = new Map(variations.map((one) => [`${one.fact}=${JSON.stringify(one.to)}`, one]));
  return [...unique.values()].toSorted((a, b) => step(a, facts) - step(b, facts));
}

/** How far a number moves; words and moments have no distance that would mean anything. */
function step({ fact, to }: Variation, facts: PaymentFacts): number {
  const from = factNamed(facts, fact);
  return typeof to === 'number' && typeof from === 'number' ? Math.abs(to - from) : 0;
}

function variationsFor({ subject, set }: Test, facts: PaymentFacts): Variation[] {
  if (set.kind === 'money') return moneyVariations(set, facts);
  if ('zone' in subject) return timeVariations(subject.zone, set, facts);
  const vary = (value: unknown): Variation => {
    if ('key' in subject) {
      const metadata = { ...facts.metadata, [subject.key]: value } as PaymentFacts['metadata'];
      const fact = `metadata.${subject.key}`;
      return { fact, to: value, facts: { ...facts, ...(metadata && { metadata }) } };
    }
    return { fact: subject.of, to: value, facts: { ...facts, [subject.of]: value } };
  };
  const known = wordOf(subject, facts);
  const absent = subject.of === 'attempt' || subject.of === 'off_session' ? [] : [undefined];
  return [...valuesAround(set, subject.of), ...absent]
    .filter((value) => (value === undefined ? undefined : `${value}`) !== known)
    .map((value) => ({ ...vary(value), to: value ?? null }));
}

function valuesAround(set: ValueSet, of: string): (string | number | boolean)[] {
  if (set.kind === 'words') {
    const list = [...set.words];
    return of === 'returning_customer' || of === 'off_session' ? [true, false] : list;
  }
  if (set.kind !== 'numbers') return [];
  const ends = edges(set.ranges);
  if (of === 'attempt') return ends.filter((value) => value >= 1);
  if (of !== 'card_bin') return ends;
  const bins = ends.filter((value) => value >= 10_000_000 && value < sixDigitsFrom / 10);
  return bins.map(String);
}

/** The first and last value of each range, and those just outside. */
function edges(ranges: readonly (readonly [number, number])[]): number[] {
  return ranges
    .flatMap(([from, to]) => [from - 1, from, to - 1, to])
    .filter((value) => Number.isSafeInteger(value));
}

function moneyVariations(
  set: Extract<ValueSet, { kind: 'money' }>,
  facts: PaymentFacts,
): Variation[] {
  const amounts = edges(set.by.get(facts.currency) ?? []).filter(
    (amount) => amount >= 1 && amount !== facts.amount,
  );
  const currencies = [...set.by.keys()].filter((currency) => currency !== facts.currency);
  return [
    ...amounts.map((amount) => ({ fact: 'amount', to: amount, facts: { ...facts, amount } })),
    ...currencies.map((currency) => ({
      fact: 'currency',
      to: currency,
      facts: { ...facts, currency },
    })),
  ];
}

/** The next moment at which the condition turns: begins to hold, or ceases to. */
function timeVariations(zone: string, set: ValueSet, facts: PaymentFacts): Variation[] {
  if (set.kind !== 'numbers') return [];
  const now = numberOf({ of: 'time', zone }, facts) ?? 0;
  const waits = set.ranges
    .flat()
    .map((minute) => (minute - now + 2 * weekMinutes) % weekMinutes)
    .filter((wait) => wait > 0);
  if (waits.length === 0) return [];
  const minuteMs = 60_000;
  const from = Math.floor(facts.at_ms / minuteMs) * minuteMs;
  const at_ms = from + Math.min(...waits) * minuteMs;
  return [{ fact: 'at_ms', to: at_ms, facts: { ...facts, at_ms } }];
}

const weekMinutes = 7 * 1440;
