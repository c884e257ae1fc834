/** What the command line does with rules files, with no server or with the decisions of one. */
import type { JsonObject } from '../base/json.ts';
import { backtest, type BacktestResult } from '../routing/backtest/backtest.ts';
import {
  segmentOf,
  type ObservedRates,
  type StoredDecision,
} from '../routing/backtest/stored-decision.ts';
import { parseRules } from '../routing/rules/parse.ts';
import type { KnownAccount, Rules } from '../routing/rules/rule.ts';
import { ableAccount } from '../routing/rules/run-tests.ts';
import { ConfigError } from '../yaml/findings.ts';

export { evidenceMin, type BacktestResult } from '../routing/backtest/backtest.ts';
export { diff, type RulesDiff } from '../routing/rules/diff.ts';
export { lint, type LintFinding } from '../routing/rules/lint.ts';
export { parseRules } from '../routing/rules/parse.ts';
export type { KnownAccount, Rules } from '../routing/rules/rule.ts';
export { ableAccount, runTests, type TestResult } from '../routing/rules/run-tests.ts';
export { lineOf } from '../yaml/findings.ts';

/** Rules that have to be right. Throws ConfigError with all that is wrong. */
export function rulesOf(text: string, fileName: string): Rules {
  const { rules, findings } = parseRules(text, fileName);
  if (rules) return rules;
  throw new ConfigError(findings);
}

/** A decision as the API lists it. */
export interface ListedDecision extends StoredDecision {
  readonly payment: string;
}

/** Every page of decisions from `since` on, up to and with `last` where it is given. */
export type DecisionPages = (last?: string) => AsyncIterable<readonly ListedDecision[]>;

/** An account as the API shows it. */
export interface ListedAccount extends KnownAccount {
  readonly priority: number;
  readonly status: 'active' | 'disabled';
}

/** So many decisions are held in memory (about 100 MB); more are read a second time. */
const heldMax = 100_000;

/**
 * Decides what was decided anew: once all observed rates are known, so the decisions are needed
 * twice. A million of them takes no more memory than a hundred thousand.
 */
export async function backtestPages(
  rules: Rules,
  accounts: readonly ListedAccount[],
  pages: DecisionPages,
): Promise<BacktestResult & { readonly observed: JsonObject }> {
  const rates = new Map<string, { approved: number; total: number }>();
  let held: ListedDecision[] | undefined = [];
  let last: string | undefined;
  for await (const page of pages()) {
    for (const decision of page) count(rates, decision);
    last = page.at(-1)?.payment ?? last;
    held?.push(...page);
    if (held && held.length > heldMax) held = undefined;
  }
  const views = accounts.map(({ priority, status, ...known }) => ({
    ...ableAccount(known),
    priority,
    active: status === 'active',
  }));
  // What was decided since the first reading is in neither.
  const decisions = held ?? pages(last);
  const result = await backtest({ decisions, rules, accounts: views, rates });
  return { ...result, observed: byAccount(rates) };
}

function count(
  rates: Map<string, { approved: number; total: number }>,
  { order, facts, approved }: StoredDecision,
): void {
  const account = order[0];
  if (account === undefined || approved === null) return;
  const segment = segmentOf(account, facts);
  let found = rates.get(segment);
  if (!found) rates.set(segment, (found = { approved: 0, total: 0 }));
  found.total += 1;
  if (approved) found.approved += 1;
}

/** What was observed of each account, over all its segments. */
function byAccount(rates: ObservedRates): Record<string, { approved: number; total: number }> {
  const sums: Record<string, { approved: number; total: number }> = {};
  for (const [segment, { approved, total }] of rates) {
    const account = segment.split(' ', 1)[0] ?? '';
    const sum = (sums[account] ??= { approved: 0, total: 0 });
    sum.approved += approved;
    sum.total += total;
  }
  return sums;
}
