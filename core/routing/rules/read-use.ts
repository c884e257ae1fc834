/** `use:`, `groups:`, `failover:` and `retry_later:`: who takes a payment, and what follows. */
import type { Path } from './document.ts';
import {
  alternatives,
  flag,
  integer,
  isMapping,
  list,
  mapping,
  near,
  note,
  unfit,
  word,
  type Reading,
} from './reading.ts';
import {
  strategyNames,
  type AccountRef,
  type Failover,
  type KnownAccount,
  type RetryLater,
  type Use,
} from './rule.ts';

export interface Names {
  readonly groups: Readonly<Record<string, readonly AccountRef[]>>;
  /** Undefined when the accounts are not known: then no name is wrong. */
  readonly accounts: readonly KnownAccount[] | undefined;
}

export const accountsAllowed = 'an account (name or id), a group, tag:<tag>, or all';

// A hundred payments behind is about what an outage of a minute costs a busy account; one that was
// away for longer, or is new, gets its share from now on and no more.
export const catchUpDefault = 100;

export const failoverDefault: Failover = { max_attempts: 3, soft_declines: true };

/** Groups first, because rules name them. A group holds accounts and tags, no other group. */
export function readGroups(
  reading: Reading,
  path: Path,
  value: unknown,
  accounts: readonly KnownAccount[] | undefined,
): Readonly<Record<string, readonly AccountRef[]>> {
  if (value === undefined) return {};
  if (!isMapping(value)) {
    unfit(reading, path, value, 'a mapping of group names to lists of accounts');
    return {};
  }
  const groups: Record<string, readonly AccountRef[]> = {};
  for (const [name, members] of Object.entries(value)) {
    const at = [...path, name];
    if (!/^[A-Za-z][\w-]{0,63}$/.test(name) || name === 'all') {
      const allowed = 'a name of letters, digits, - and _ (not "all")';
      note(reading, at, `found an unfit group name, allowed: ${allowed}`, 'key');
      continue;
    }
    if (accounts?.some((account) => account.name === name)) {
      note(reading, at, 'an account has this name too; call the group something else', 'key');
    }
    const refs = list(reading, at, members, `a list of ${accountsAllowed}`, (one, entry) => {
      if (typeof entry !== 'string' || !Object.hasOwn(value, entry)) {
        return readRef(reading, one, entry, { groups: {}, accounts });
      }
      return note(reading, one, 'a group cannot hold another group');
    });
    // Rules that name a broken group shall not be told that it does not exist.
    groups[name] = refs?.flat() ?? [];
  }
  return groups;
}

function readRef(
  reading: Reading,
  path: Path,
  value: unknown,
  { groups, accounts }: Names,
): readonly AccountRef[] | undefined {
  if (typeof value !== 'string' || value === '' || value.length > 200) {
    return unfit(reading, path, value, accountsAllowed);
  }
  if (value === 'all') return [{ kind: 'all' }];
  if (Object.hasOwn(groups, value)) return groups[value];
  const tag = value.startsWith('tag:') ? value.slice(4) : undefined;
  const tags = accounts?.flatMap((account) => account.tags);
  const isKnown =
    tag === undefined
      ? accounts?.some(({ id, name }) => id === value || name === value)
      : tags?.includes(tag);
  if (isKnown === false) {
    const names =
      tag === undefined
        ? [...(accounts ?? []).flatMap(({ id, name }) => [name, id]), ...Object.keys(groups)]
        : (tags ?? []).map((one) => `tag:${one}`);
    const what =
      tag === undefined ? 'no account or group of that name' : 'no account with that tag';
    const found = JSON.stringify(value);
    return note(reading, path, `found ${found}, but there is ${what}${near(value, names)}`);
  }
  return [tag === undefined ? { kind: 'account', name: value } : { kind: 'tag', name: tag }];
}

const useKeys = ['strategy', 'accounts', 'weights', 'catch_up'] as const;

export function readUse(
  reading: Reading,
  path: Path,
  value: unknown,
  names: Names,
): Use | undefined {
  const before = reading.findings.length;
  const read = mapping(reading, path, value, useKeys, {
    strategy: alternatives(strategyNames),
    accounts: accountsAllowed,
  });
  if (!read) return undefined;
  const strategy =
    'strategy' in read
      ? word(reading, [...path, 'strategy'], read['strategy'], strategyNames)
      : undefined;
  const accounts =
    'accounts' in read ? readAccounts(reading, [...path, 'accounts'], read['accounts'], names) : [];
  for (const key of ['weights', 'catch_up'] as const) {
    if (key in read && strategy !== undefined && strategy !== 'weighted_round_robin') {
      note(reading, [...path, key], 'belongs to the strategy weighted_round_robin only', 'key');
    }
  }
  const weights =
    'weights' in read
      ? readWeights(reading, [...path, 'weights'], read['weights'], accounts ?? [])
      : undefined;
  const catchUp =
    'catch_up' in read
      ? integer(reading, [...path, 'catch_up'], read['catch_up'], 1, 1_000_000)
      : catchUpDefault;
  if (reading.findings.length > before || !strategy || !accounts) return undefined;
  return { strategy, accounts, weights, catchUp: catchUp ?? catchUpDefault };
}

function readAccounts(
  reading: Reading,
  path: Path,
  value: unknown,
  names: Names,
): readonly AccountRef[] | undefined {
  if (typeof value === 'string') return readRef(reading, path, value, names);
  const read = (at: Path, entry: unknown) => readRef(reading, at, entry, names);
  return list(reading, path, value, `a list of at least one: ${accountsAllowed}`, read)?.flat();
}

function readWeights(
  reading: Reading,
  path: Path,
  value: unknown,
  accounts: readonly AccountRef[],
): Readonly<Record<string, number>> | undefined {
  if (!isMapping(value) || Object.keys(value).length === 0) {
    return unfit(reading, path, value, 'a mapping of accounts to their weights');
  }
  const listed = accounts.flatMap((ref) => (ref.kind === 'account' ? [ref.name] : []));
  const isClosed = listed.length === accounts.length && accounts.length > 0;
  const weights: Record<string, number> = {};
  for (const [name, entry] of Object.entries(value)) {
    const at = [...path, name];
    if (isClosed && !listed.includes(name)) {
      const allowed = `${alternatives(listed)}${near(name, listed)}`;
      note(reading, at, `found a weight for an account not used here, allowed: ${allowed}`, 'key');
    }
    const weight = integer(reading, at, entry, 0, 10_000);
    if (weight === undefined) return undefined;
    weights[name] = weight;
  }
  if (Object.values(weights).every((weight) => weight === 0)) {
    note(reading, path, 'every weight is 0, allowed: at least one account with a weight');
  }
  return weights;
}

/** `{ max_attempts: 2, soft_declines: false }`. */
export function readFailover(reading: Reading, path: Path, value: unknown): Failover {
  if (value === undefined) return failoverDefault;
  const read = mapping(reading, path, value, ['max_attempts', 'soft_declines']) ?? {};
  const attempts = read['max_attempts'];
  const soft = read['soft_declines'];
  return {
    max_attempts:
      (attempts === undefined
        ? undefined
        : integer(reading, [...path, 'max_attempts'], attempts, 1, 10)) ??
      failoverDefault.max_attempts,
    soft_declines:
      (soft === undefined ? undefined : flag(reading, [...path, 'soft_declines'], soft)) ??
      failoverDefault.soft_declines,
  };
}

// The schemes charge for more tries of one card in 30 days: beyond 15 at Visa, 10 at Mastercard.
const retriesMax = 10;
const retryHoursMax = 720;

/** `{ max_attempts: 3, within_hours: 72 }`; off when it is left out. */
export function readRetryLater(
  reading: Reading,
  path: Path,
  value: unknown,
): RetryLater | undefined {
  if (value === undefined) return undefined;
  const read = mapping(reading, path, value, ['max_attempts', 'within_hours'], {
    max_attempts: `an integer from 1 to ${retriesMax}`,
    within_hours: `an integer from 1 to ${retryHoursMax}`,
  });
  if (!read || !('max_attempts' in read && 'within_hours' in read)) return undefined;
  const attempts = integer(reading, [...path, 'max_attempts'], read['max_attempts'], 1, retriesMax);
  const hours = integer(reading, [...path, 'within_hours'], read['within_hours'], 1, retryHoursMax);
  if (attempts === undefined || hours === undefined) return undefined;
  return { max_attempts: attempts, within_hours: hours };
}
