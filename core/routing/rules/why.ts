/** The reasons of a decision, as a sentence for people. */
import type { Exclusion } from './facts.ts';
import type { RoutingDecision, Why } from './decide.ts';

type First = Extract<Why, { part: 'first' }>;

function percent(part: number | undefined, whole: number | undefined): string {
  if (!whole) return '0 %';
  return `${Math.round((1000 * (part ?? 0)) / whole) / 10} %`;
}

function becauseText({ because, figures }: First): string {
  switch (because) {
    case 'behind_its_share': {
      const { count, of, weight, weights } = figures;
      return `it has ${count} of ${of} payments (${percent(count, of)}), its share is ${percent(weight, weights)}`;
    }
    case 'no_weights':
      return 'no weights are set, so the accounts take turns, and it is its turn';
    case 'next_in_turn':
      return 'it is its turn';
    case 'first_choice':
      return 'it stands first in the list';
    case 'first_choice_unavailable':
      return 'those before it in the list cannot take it';
    case 'priority':
      return `it has priority ${figures['priority']}, ahead of the others`;
    case 'success_rate':
      return `among those of priority ${figures['priority']} it succeeds most (${percent(figures['rate'], 1)})`;
    case 'least_used':
      return `it is used least (${percent(figures['used_share'], 1)} of its limits)`;
    case 'drawn':
      return `it was drawn among ${figures['among']}`;
    case 'only_one':
      return 'no other account can take it';
  }
}

function partText(part: Why): string {
  switch (part.part) {
    case 'rule':
      return `rule ${part.position + 1} "${part.rule}" matched first`;
    case 'default':
      return 'no rule matched, so the default was used';
    case 'no_rule':
      return 'no rule matched, and there is no default';
    case 'strategy':
      return `its strategy is ${part.strategy}`;
    case 'first':
      return `${part.account} is first because ${becauseText(part)}`;
    case 'nobody':
      return 'no account can take the payment';
  }
}

/** `Rule 2 "big" matched first; its strategy is failover; acct_… is first because …` */
export function sentenceOf({ why }: Pick<RoutingDecision, 'why'>): string {
  const sentence = why.map(partText).join('; ');
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`;
}

const exclusions: Readonly<Record<Exclusion, string>> = {
  disabled: 'it is disabled',
  method_not_supported: 'it does not take this payment method',
  method_not_enabled: 'this payment method is not enabled for it',
  bank_not_supported: 'it has no account numbers at this bank',
  currency_not_supported: 'it does not take this currency',
  capture_method_not_supported: 'it does not capture this way',
  amount_out_of_range: 'it does not take this amount',
  'limit_reached:daily_amount': 'its daily amount would be exceeded',
  'limit_reached:daily_count': 'its daily number of payments is reached',
  'limit_reached:monthly_amount': 'its monthly amount would be exceeded',
  'limit_reached:monthly_count': 'its monthly number of payments is reached',
  unhealthy: 'it has not been answering',
  not_in_rule: 'the rule does not use it',
};

/** `its daily amount would be exceeded` */
export function exclusionText(reason: Exclusion): string {
  return exclusions[reason];
}

/** Every reason there is. */
export const exclusionReasons = Object.keys(exclusions) as readonly Exclusion[];
