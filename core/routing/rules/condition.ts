/** What a rule asks, as a tree of tests; made into a function once, when the rules are read. */
import type { Path } from './document.ts';
import type { PaymentFacts } from './facts.ts';
import { numberOf, subjectKey, wordOf, type Subject } from './fields.ts';
import { canonical, inRanges, type ValueSet } from './sets.ts';

export interface Test {
  readonly kind: 'test';
  readonly subject: Subject;
  readonly set: ValueSet;
  /** Where it stands in the file. */
  readonly path: Path;
}

export type Condition =
  | Test
  | { readonly kind: 'all' | 'any'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition };

export type Matcher = (facts: PaymentFacts) => boolean;

export const always: Condition = { kind: 'all', of: [] };

/** A condition about something that is not known of a payment does not hold; its `not` does. */
export function matcherOf(condition: Condition): Matcher {
  switch (condition.kind) {
    case 'test':
      return testMatcher(condition);
    case 'not': {
      const inner = matcherOf(condition.of);
      return (facts) => !inner(facts);
    }
    case 'all': {
      const parts = condition.of.map(matcherOf);
      return (facts) => {
        for (const part of parts) if (!part(facts)) return false;
        return true;
      };
    }
    case 'any': {
      const parts = condition.of.map(matcherOf);
      return (facts) => {
        for (const part of parts) if (part(facts)) return true;
        return false;
      };
    }
  }
}

function testMatcher({ subject, set }: Test): Matcher {
  switch (set.kind) {
    case 'words':
      return (facts) => {
        const word = wordOf(subject, facts);
        return word === undefined ? set.absent : set.words.has(word) !== set.except;
      };
    case 'numbers':
      return (facts) => {
        const value = numberOf(subject, facts);
        return value === undefined ? set.absent : inRanges(value, set.ranges);
      };
    case 'money':
      return ({ amount, currency }) => {
        const ranges = set.by.get(currency);
        return ranges ? inRanges(amount, ranges) : set.others;
      };
  }
}

/** Every test in it, in the order of the file. */
export function testsIn(condition: Condition): Test[] {
  if (condition.kind === 'test') return [condition];
  return condition.kind === 'not' ? testsIn(condition.of) : condition.of.flatMap(testsIn);
}

/** The same text for the same condition, whatever the order of lists: for hashes. */
export function canonicalCondition(condition: Condition): string {
  switch (condition.kind) {
    case 'test':
      return `${subjectKey(condition.subject)}=${canonical(condition.set)}`;
    case 'not':
      return `not(${canonicalCondition(condition.of)})`;
    default:
      return `${condition.kind}(${condition.of.map(canonicalCondition).toSorted().join(';')})`;
  }
}
