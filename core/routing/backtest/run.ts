/**
 * A backtest over the decisions of a database, read by the page: a page is one short read, so the
 * log of SQLite can be folded in between, and memory holds one page however many there are.
 */
import { setImmediate } from 'node:timers/promises';
import { firstIdAt } from '../../base/id.ts';
import type { Reading } from '../../storage/index.ts';
import { ConfigError } from '../rules/document.ts';
import type { AccountView, PaymentFacts } from '../rules/facts.ts';
import { parseRules } from '../rules/parse.ts';
import { ableAccount } from '../rules/run-tests.ts';
import { Backtest, type BacktestResult } from './backtest.ts';
import { approvedOf } from './stored-decision.ts';

export interface BacktestRequest {
  readonly merchantId: string;
  /** Decisions of this profile alone. */
  readonly profileId: string | undefined;
  /** ISO 8601. */
  readonly since: string;
  /** The rules as text; they were read before and are right. */
  readonly rules: string;
  /** How the file is called where something is wrong with it. */
  readonly file: string;
}

export interface BacktestReport extends BacktestResult {
  /** Of the rules. */
  readonly version: string;
  /** Account id → name, of those there are now. */
  readonly names: Readonly<Record<string, string>>;
}

/** Some 1 MB: what is read is forgotten before the collector of garbage moves it to the old. */
const pageSize = 2_000;

/** Throws ConfigError when the rules are wrong, and whatever reading throws. */
export async function runBacktest(
  reading: Reading,
  request: BacktestRequest,
): Promise<BacktestReport> {
  const { rules, findings } = parseRules(request.rules, request.file);
  if (!rules) throw new ConfigError(findings);
  const accounts = await accountsOf(reading, request.merchantId);
  const backtest = new Backtest(rules, accounts);
  const { merchantId, profileId } = request;
  let after = firstIdAt('operation', Date.parse(request.since));
  for (;;) {
    const page = (await reading.rows(pageQuery, [merchantId, after, pageSize])) as unknown as Row[];
    for (const [, plan, list, excluded, text, state] of page) {
      const facts = JSON.parse(text) as PaymentFacts;
      if (profileId !== undefined && facts.profile !== profileId) continue;
      backtest.add({ facts, plan, accounts: list, excluded, approved: approvedOf(state) });
    }
    const last = page.at(-1)?.[0];
    if (last === undefined || page.length < pageSize) break;
    after = last;
    // Nothing here waits for anything: let the process hear that nobody wants the answer.
    await setImmediate();
  }
  const names = Object.fromEntries(accounts.map(({ id, name }) => [id, name]));
  return { ...backtest.result(), version: rules.version, names };
}

type Row = readonly [
  operation: string,
  plan: string | null,
  accounts: string,
  excluded: string,
  facts: string,
  state: string,
];

const pageQuery = `
  select d.operation_id, d.plan, d.accounts, d.excluded, d.facts, o.state
  from routing_decisions d join operations o on o.id = d.operation_id
  where d.merchant_id = ? and d.facts is not null and d.operation_id > ?
  order by d.operation_id limit ?`;

type AccountRow = readonly [
  id: string,
  name: string,
  tags: string,
  // What SQLite gives as a number, Postgres gives as text.
  weight: number | string,
  priority: number | string,
  status: string,
];

/** Every account there is now; why one could not take a payment then is in the decision. */
async function accountsOf(reading: Reading, merchantId: string): Promise<AccountView[]> {
  const rows = (await reading.rows(
    `select id, name, tags, weight, priority, status from accounts
      where merchant_id = ? and deleted_at is null order by id`,
    [merchantId],
  )) as unknown as readonly AccountRow[];
  return rows.map(([id, name, tags, weight, priority, status]) => ({
    ...ableAccount({ id, name, tags: JSON.parse(tags) as string[], weight: Number(weight) }),
    priority: Number(priority),
    active: status === 'active',
  }));
}
