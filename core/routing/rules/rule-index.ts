/**
 * Finding the rule of a payment without asking a hundred. What rules can tell apart are classes of
 * values: every amount between two bounds is as good as the other. Payments of the same classes
 * meet the same rule, so it is looked for once.
 */
import { testsIn } from './condition.ts';
import type { PaymentFacts } from './facts.ts';
import { numberOf, subjectKey, wordOf, type Subject } from './fields.ts';
import type { Rule, Rules } from './rule.ts';
import type { MoneySet, NumberSet, Range, ValueSet, WordSet } from './sets.ts';

/** The number of the class that the payment's value belongs to. */
type Classify = (facts: PaymentFacts) => number;

/** By class, one level a subject; undefined at the end: no rule, and no default. */
type Level = Map<number, Level | { readonly rule: Rule | undefined }>;

/** More than that is not remembered (some 10 MB): rules about many keys of metadata, say. */
const entriesMax = 100_000;

/** The first rule that matches, else the default: each of them is asked. */
export function firstMatch({ rules, fallback }: Rules, facts: PaymentFacts): Rule | undefined {
  for (const rule of rules) if (rule.matches(facts)) return rule;
  return fallback;
}

export class RuleIndex {
  readonly #rules: Rules;
  readonly #classify: readonly Classify[];
  readonly #root: Level = new Map();
  #entries = 0;

  constructor(rules: Rules) {
    this.#rules = rules;
    this.#classify = classifiers(rules);
  }

  /** The same as {@link firstMatch} says. */
  ruleFor(facts: PaymentFacts): Rule | undefined {
    let level = this.#root;
    const last = this.#classify.length - 1;
    for (let at = 0; at < last; at += 1) {
      const found = this.#classify[at]?.(facts) ?? 0;
      let next = level.get(found);
      if (next === undefined || 'rule' in next) {
        if (this.#entries >= entriesMax) return firstMatch(this.#rules, facts);
        level.set(found, (next = new Map()));
        this.#entries += 1;
      }
      level = next;
    }
    const found = this.#classify[last]?.(facts) ?? 0;
    let leaf = level.get(found);
    if (leaf === undefined || !('rule' in leaf)) {
      leaf = { rule: firstMatch(this.#rules, facts) };
      if (this.#entries >= entriesMax) return leaf.rule;
      level.set(found, leaf);
      this.#entries += 1;
    }
    return leaf.rule;
  }
}

function classifiers({ rules }: Rules): Classify[] {
  const bySubject = new Map<string, { readonly subject: Subject; readonly sets: ValueSet[] }>();
  for (const { subject, set } of rules.flatMap(({ condition }) => testsIn(condition))) {
    const key = subjectKey(subject);
    const known = bySubject.get(key);
    if (known) known.sets.push(set);
    else bySubject.set(key, { subject, sets: [set] });
  }
  return [...bySubject.values()].map(({ subject, sets }) => classifierOf(subject, sets));
}

const unknown = -1;

/** All sets of one subject are of one kind. */
function classifierOf(subject: Subject, sets: readonly ValueSet[]): Classify {
  switch (sets[0]?.kind) {
    case 'money':
      return byMoney(sets as readonly MoneySet[]);
    case 'numbers':
      return byNumber(subject, sets as readonly NumberSet[]);
    default:
      return byWord(subject, sets as readonly WordSet[]);
  }
}

function byWord(subject: Subject, sets: readonly WordSet[]): Classify {
  const all = new Set(sets.flatMap(({ words }) => [...words]));
  const numbers = new Map([...all].map((word, at) => [word, at]));
  return (facts) => {
    const word = wordOf(subject, facts);
    // Words that no rule names are all alike.
    return word === undefined ? unknown : (numbers.get(word) ?? all.size);
  };
}

function byNumber(subject: Subject, sets: readonly NumberSet[]): Classify {
  const bounds = boundsOf(sets.flatMap(({ ranges }) => ranges));
  return (facts) => {
    const value = numberOf(subject, facts);
    return value === undefined ? unknown : below(bounds, value);
  };
}

function byMoney(sets: readonly MoneySet[]): Classify {
  const currencies = new Set(sets.flatMap(({ by }) => [...by.keys()]));
  const known = new Map<string, { readonly from: number; readonly bounds: readonly number[] }>();
  let from = 0;
  for (const currency of currencies) {
    const bounds = boundsOf(sets.flatMap(({ by }) => by.get(currency) ?? []));
    known.set(currency, { from, bounds });
    from += bounds.length + 1;
  }
  return ({ amount, currency }) => {
    const found = known.get(currency);
    return found ? found.from + below(found.bounds, amount) : unknown;
  };
}

function boundsOf(ranges: readonly Range[]): number[] {
  return [...new Set(ranges.flat())].toSorted((a, b) => a - b);
}

/** How many of the bounds are not above the value: ranges hold their beginning, not their end. */
function below(bounds: readonly number[], value: number): number {
  let [low, high] = [0, bounds.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((bounds[middle] ?? Infinity) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
