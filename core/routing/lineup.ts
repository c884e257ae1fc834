/**
 * The accounts of a merchant, made ready to be decided among: what is the same for every payment is
 * put together once for a list of accounts, not once for each of fifty with every payment.
 */
import type { Account } from '../accounts/account.ts';
import type { Limits } from './strategies/limits.ts';

/** An account with its columns read. */
export interface Entrant {
  readonly account: Account;
  readonly tags: readonly string[];
  /** Undefined: nothing of it is counted. */
  readonly limits: Limits | undefined;
}

export interface Lineup {
  /** Oldest first. */
  readonly entrants: readonly Entrant[];
  readonly byId: ReadonlyMap<string, Account>;
  /** Those whose use is counted. */
  readonly counted: readonly (Entrant & { readonly limits: Limits })[];
  limitsFor(account: Account): Limits | undefined;
}

/** For accounts without limits, where everybody's use is counted. */
const withoutLimits: Limits = { time_zone: 'UTC' };

const lineups = new WeakMap<readonly Account[], Map<boolean, Lineup>>();

/** `countsAll`: the use of accounts without limits is counted too. The list must not change. */
export function lineupOf(accounts: readonly Account[], countsAll: boolean): Lineup {
  let made = lineups.get(accounts);
  if (!made) lineups.set(accounts, (made = new Map()));
  let lineup = made.get(countsAll);
  if (!lineup) made.set(countsAll, (lineup = newLineup(accounts, countsAll)));
  return lineup;
}

function newLineup(accounts: readonly Account[], countsAll: boolean): Lineup {
  const limitsFor = (account: Account) =>
    limitsOf(account) ?? (countsAll ? withoutLimits : undefined);
  const entrants = accounts.map((account) => {
    return { account, tags: tagsOf(account), limits: limitsFor(account) };
  });
  return {
    entrants,
    byId: new Map(accounts.map((account) => [account.record.id, account])),
    counted: entrants.flatMap(({ limits, ...rest }) => (limits ? [{ ...rest, limits }] : [])),
    limitsFor,
  };
}

interface Parsed {
  readonly tags: readonly string[];
  readonly limits: Limits | undefined;
}

/** Records do not change; what was read of one is kept as long as it is. */
const parsed = new WeakMap<Account['record'], Parsed>();

function partsOf({ record }: Account): Parsed {
  let parts = parsed.get(record);
  if (!parts) {
    parts = {
      tags: JSON.parse(record.tags) as string[],
      limits: record.limits === null ? undefined : (JSON.parse(record.limits) as Limits),
    };
    parsed.set(record, parts);
  }
  return parts;
}

export function limitsOf(account: Account): Limits | undefined {
  return partsOf(account).limits;
}

export function tagsOf(account: Account): readonly string[] {
  return partsOf(account).tags;
}
