/** What another version of the rules changes: which rules, and which decisions on payments. */
import { ruleFor } from './decide.ts';
import type { PaymentFacts } from './facts.ts';
import type { Rule, Rules } from './rule.ts';

export type RulePart = 'when' | 'use' | 'failover' | 'retry_later' | 'position';

export interface RuleChange {
  readonly rule: string;
  readonly change: 'added' | 'removed' | 'changed';
  /** For `changed`: what of it. */
  readonly parts: readonly RulePart[];
}

export interface SampleMove {
  /** Which of the samples. */
  readonly sample: number;
  readonly from: string | null;
  readonly to: string | null;
  /** Whether another strategy or other accounts follow; else only the rule's name differs. */
  readonly treatedOtherwise: boolean;
}

export interface RulesDiff {
  readonly versions: readonly [before: string, after: string];
  /** In the order of the new file, removed rules at the end. */
  readonly rules: readonly RuleChange[];
  readonly moves: readonly SampleMove[];
}

/** Rules are the same when they have the same name. `samples` may be payments of the past. */
export function diff(
  before: Rules,
  after: Rules,
  samples: readonly PaymentFacts[] = [],
): RulesDiff {
  return {
    versions: [before.version, after.version],
    rules: ruleChanges(before, after),
    moves: samples.flatMap((facts, sample) => {
      const from = ruleFor(before, facts);
      const to = ruleFor(after, facts);
      const treatedOtherwise = from?.plan !== to?.plan;
      if (!treatedOtherwise && from?.name === to?.name) return [];
      return [{ sample, from: from?.name ?? null, to: to?.name ?? null, treatedOtherwise }];
    }),
  };
}

const allOf = ({ rules, fallback }: Rules) => (fallback ? [...rules, fallback] : [...rules]);

function ruleChanges(before: Rules, after: Rules): RuleChange[] {
  const old = new Map(allOf(before).map((rule) => [rule.name, rule]));
  const now = new Map(allOf(after).map((rule) => [rule.name, rule]));
  const moved = movedNames(
    [...old.keys()].filter((name) => now.has(name)),
    [...now.keys()].filter((name) => old.has(name)),
  );
  const changes: RuleChange[] = [];
  for (const [name, rule] of now) {
    const was = old.get(name);
    if (!was) changes.push({ rule: name, change: 'added', parts: [] });
    else {
      const parts = partsChanged(was, rule, moved.has(name));
      if (parts.length > 0) changes.push({ rule: name, change: 'changed', parts });
    }
  }
  for (const name of old.keys()) {
    if (!now.has(name)) changes.push({ rule: name, change: 'removed', parts: [] });
  }
  return changes;
}

function partsChanged(before: Rule, after: Rule, moved: boolean): RulePart[] {
  const parts: RulePart[] = [];
  if (before.conditionHash !== after.conditionHash) parts.push('when');
  if (before.plan !== after.plan) parts.push('use');
  if (!same(before.failover, after.failover)) parts.push('failover');
  if (!same(before.retryLater, after.retryLater)) parts.push('retry_later');
  if (moved) parts.push('position');
  return parts;
}

function same(a: object | undefined, b: object | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The fewest names that have to move to make one order of the other. */
function movedNames(before: readonly string[], after: readonly string[]): ReadonlySet<string> {
  const position = new Map(before.map((name, at) => [name, at]));
  const places = after.map((name) => position.get(name) ?? 0);
  // Those of the longest run that is in the old order stay where they are.
  const lengths: number[] = [];
  const previous: number[] = [];
  for (const [at, place] of places.entries()) {
    lengths[at] = 1;
    previous[at] = -1;
    for (let earlier = 0; earlier < at; earlier += 1) {
      const length = (lengths[earlier] ?? 0) + 1;
      if ((places[earlier] ?? 0) < place && length > (lengths[at] ?? 0)) {
        lengths[at] = length;
        previous[at] = earlier;
      }
    }
  }
  const stays = new Set<number>();
  let at = lengths.indexOf(Math.max(...lengths));
  for (; at >= 0; at = previous[at] ?? -1) stays.add(at);
  return new Set(after.filter((_, index) => !stays.has(index)));
}
