/** Facts and accounts for the specs of routing. */
import type { AccountView, PaymentFacts } from './facts.ts';
import { parseRules } from './parse.ts';
import { ableAccount } from './run-tests.ts';
import type { Rules } from './rule.ts';

/** A payment of 100.00 USD by card, on a Monday noon. */
export function payment(facts: Partial<PaymentFacts> = {}): PaymentFacts {
  return {
    amount: 10_000,
    currency: 'USD',
    payment_method: 'card',
    capture_method: 'automatic',
    at_ms: Date.UTC(2026, 0, 5, 12),
    attempt: 1,
    off_session: false,
    ...facts,
  };
}

/** An account that can take anything; `a` has the id `acct_a`. */
export function account(name: string, more: Partial<AccountView> = {}): AccountView {
  return { ...ableAccount({ id: `acct_${name}`, name, tags: [], weight: 1 }), ...more };
}

/** The rules of a text that has to be right. */
export function rulesOf(text: string): Rules {
  const { rules, findings } = parseRules(text, 'rules.yaml');
  if (!rules) throw new Error(findings.map(({ key, message }) => `${key}: ${message}`).join('\n'));
  return rules;
}

/** Rules with one default and nothing else. */
export function only(use: string): Rules {
  return rulesOf(`version: 1\nrules: []\ndefault: ${use}\n`);
}

/** Rules with a list of `name: condition`, each for its own account. */
export function named(conditions: Readonly<Record<string, string>>): Rules {
  const rules = Object.entries(conditions).map(
    ([name, when]) =>
      `  - name: ${name}\n    when: ${when}\n    use: { strategy: failover, accounts: ${name} }\n`,
  );
  return rulesOf(
    `version: 1\nrules:\n${rules.join('')}default: { strategy: failover, accounts: rest }\n`,
  );
}

/** For decisions that draw no lot. */
export function noLot(): number {
  throw new Error('a lot was drawn');
}
