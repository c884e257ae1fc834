/** What the command line does with rules files, with no server or with the decisions of one. */
import type { Config } from '../../config/load.ts';
import { presentBacktest, type PresentedBacktest } from '../routing/backtest-route.ts';
import { runBacktest } from '../routing/backtest/run.ts';
import { parseRules } from '../routing/rules/parse.ts';
import type { KnownAccount, Rules } from '../routing/rules/rule.ts';
import { openReading, type Reading } from '../storage/index.ts';
import { ConfigError } from '../yaml/findings.ts';
import { placeOf } from './outside.ts';

export type { PresentedBacktest } from '../routing/backtest-route.ts';
export { evidenceMin } from '../routing/backtest/tally.ts';
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

/** An account as the API shows it. */
export interface ListedAccount extends KnownAccount {
  readonly priority: number;
  readonly status: 'active' | 'disabled';
}

export interface OfflineRequest {
  /** Undefined: the only one there is. */
  readonly merchantId: string | undefined;
  /** The text of the rules, and how their file is called. */
  readonly rules: string;
  readonly file: string;
  /** ISO 8601, from the time of the newest payment there is. */
  sinceOf(newest: string | undefined): string;
}

/**
 * A backtest on the database itself, whether a switch has it open or not: it is only read. Throws
 * RangeError when the merchant is not told, and what reading throws.
 */
export async function backtestOffline(
  config: Config,
  { merchantId: given, sinceOf, ...rules }: OfflineRequest,
): Promise<PresentedBacktest> {
  const reading = await openReading(placeOf(config));
  try {
    const merchantId = await merchantMeant(reading, given);
    const [newest] = await reading.rows(
      'select created_at from payments where merchant_id = ? order by id desc limit 1',
      [merchantId],
    );
    const since = sinceOf(newest && String(newest[0]));
    const request = { merchantId, profileId: undefined, since, ...rules };
    return presentBacktest(await runBacktest(reading, request), since);
  } finally {
    await reading.close();
  }
}

async function merchantMeant(reading: Reading, given: string | undefined): Promise<string> {
  const all = await reading.rows('select id, name from merchants order by id', []);
  const meant = given === undefined ? all : all.filter(([id, name]) => [id, name].includes(given));
  const [only, ...others] = meant.map(([id]) => String(id));
  if (only !== undefined && others.length === 0) return only;
  const names = all.map(([id, name]) => `${String(id)} (${String(name)})`).join(', ');
  throw new RangeError(`name one merchant of ${names === '' ? 'none' : names}`);
}
