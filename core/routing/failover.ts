/**
 * The decision to go on with the next account: no rules are asked again, the order of the decision
 * before still holds. What it was made from is kept with the attempt it led to.
 */
import type { StoredDecision } from './decision-store.ts';
import { presentDecision, type NameOf } from './present.ts';
import { exclusionText } from './rules/why.ts';

/** Why an authorization is at this account: another one was asked before it. */
export interface FailedOver {
  /** The attempt that failed. */
  readonly after: string;
  /** The fault, which surely had no effect, or `declined`. */
  readonly reason: string;
  /** Accounts in between that were not asked, each with what kept it. */
  readonly passed_over?: Readonly<Record<string, PassedOver>>;
}

export type PassedOver = 'unhealthy' | 'limit_reached';

const reasons: Readonly<Record<string, string>> = {
  unreachable: 'could not be reached',
  throttled: 'took no more requests',
  unauthorized: 'did not take its credentials',
  declined: 'declined it as worth another account',
};

const passedOver: Readonly<Record<PassedOver, string>> = {
  unhealthy: exclusionText('unhealthy'),
  limit_reached: 'another payment took the last of its limit',
};

/**
 * As the API shows it. `decision` is the one before it, `tried` the accounts that were asked under
 * it, the latest last; `account` is the one it went on to.
 */
export function presentFailover(
  decision: StoredDecision,
  tried: readonly string[],
  account: string,
  { reason, passed_over: passed = {} }: FailedOver,
  nameOf: NameOf,
) {
  const { order, excluded, ...before } = presentDecision(decision, nameOf);
  const last = tried.at(-1) ?? '';
  const what = reasons[reason] ?? `failed (${reason})`;
  const set = (id: string, word: string, sentence: string) => ({
    account: id,
    name: nameOf(id),
    reason: word,
    sentence,
  });
  return {
    ...before,
    decided_by: 'failover' as const,
    sentence: `${quoted(last, nameOf)} ${what}, so the payment went on to ${quoted(account, nameOf)}.`,
    order: order.slice(decision.order.indexOf(account)),
    excluded: [
      ...excluded,
      ...tried.map((id) => set(id, 'tried_before', 'it was tried before')),
      ...Object.entries(passed).map(([id, word]) => set(id, word, passedOver[word])),
    ],
    why: [],
  };
}

function quoted(id: string, nameOf: NameOf): string {
  const name = nameOf(id);
  return name === null ? id : `"${name}"`;
}
