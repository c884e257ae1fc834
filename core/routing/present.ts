/** Decisions as the API shows them: names beside ids, sentences beside words. */
import type { Decision } from './choose.ts';
import type { StoredDecision } from './decision-store.ts';
import type { RoutingDecision } from './rules/decide.ts';
import type { Exclusion } from './rules/facts.ts';
import type { Alternative } from './rules/hypothetical.ts';
import { exclusionText, sentenceOf } from './rules/why.ts';

export type NameOf = (accountId: string) => string | null;

function isRuled(decision: StoredDecision): decision is RoutingDecision {
  return typeof decision.why !== 'string';
}

const plainSentences: Readonly<Record<Decision['why'], string>> = {
  named: 'The request named the account, and rules were not asked.',
  priority: 'There are no rules, so the account with the lowest priority number goes first.',
};

export function presentDecision(decision: StoredDecision, nameOf: NameOf) {
  const shared = {
    order: decision.order.map((account) => ({ account, name: nameOf(account) })),
    excluded: Object.entries(decision.excluded).map(([account, reason]) => ({
      account,
      name: nameOf(account),
      reason,
      sentence: exclusionText(reason),
    })),
  };
  if (!isRuled(decision)) {
    return {
      decided_by: decision.why,
      sentence: plainSentences[decision.why],
      rule: null,
      version: null,
      strategy: null,
      inputs: {},
      ...shared,
      why: [],
      failover: null,
      retry_later: null,
    };
  }
  return {
    decided_by: 'rules' as const,
    sentence: named(sentenceOf(decision), decision.order, nameOf),
    rule: decision.rule,
    version: decision.version,
    strategy: decision.strategy,
    inputs: decision.inputs,
    ...shared,
    why: decision.why,
    failover: decision.failover,
    retry_later: decision.retry_later,
  };
}

/** A sentence with the accounts' names in place of their ids. */
function named(sentence: string, ids: readonly string[], nameOf: NameOf): string {
  return ids.reduce((text, id) => {
    const name = nameOf(id);
    return name === null ? text : text.replaceAll(id, `"${name}"`);
  }, sentence);
}

export function presentAlternative(
  { account, position, excluded, onlyExcluded, changes }: Alternative,
  nameOf: NameOf,
) {
  return {
    account,
    name: nameOf(account),
    position,
    excluded,
    sentence: whatIf({ excluded, onlyExcluded, changes }),
    only_excluded: onlyExcluded,
    changes: changes.map(({ fact, from, to, rule }) => ({ fact, from, to, rule })),
  };
}

function whatIf({
  excluded,
  onlyExcluded,
  changes,
}: Pick<Alternative, 'onlyExcluded' | 'changes'> & { readonly excluded: Exclusion | null }) {
  const ways = changes.map(
    ({ fact, from, to, rule }) =>
      `${fact} ${shown(to)} instead of ${shown(from)} (${rule === null ? 'no rule' : `rule "${rule}"`})`,
  );
  const because = excluded === null ? '' : `Now ${exclusionText(excluded)}. `;
  if (onlyExcluded) return `${because}It would be first but for that.`;
  if (ways.length === 0) return `${because}No single other fact would make it the first.`;
  return `${because}It would be first with ${ways.join(', or with ')}.`;
}

function shown(value: unknown): string {
  return value === null ? 'nothing' : JSON.stringify(value);
}
