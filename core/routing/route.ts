/**
 * Routing one payment: the accounts as they stand, the rules if there are any, an order, and what
 * the first of them takes of its share and its limits. Decided on memory and noted in the same
 * breath, so that payments that come together do not all see the same room.
 */
import type { Clock } from '../base/clock.ts';
import type { Account, Accounts } from '../accounts/account.ts';
import { countersMoved, type Board, type Delta } from './board.ts';
import type { Reservation, RoutingBook } from './book.ts';
import {
  asHealthy,
  chooseByPriority,
  chooseNamed,
  nobody,
  type Decision,
  type Wish,
} from './choose.ts';
import type { HealthBook } from './health-book.ts';
import { lineupOf, type Lineup } from './lineup.ts';
import { decide, ruleFor, type Decided as RuledBy, type RoutingDecision } from './rules/decide.ts';
import type { AccountView, PaymentFacts } from './rules/facts.ts';
import type { Failover, Rules } from './rules/rule.ts';
import { draftDecision, type Shadow } from './shadow.ts';
import type { RulesSource } from './source.ts';
import { takenOf, type Reserved } from './reserved.ts';
import type { Limits } from './strategies/limits.ts';
import { seededRandom } from './strategies/random.ts';
import { countsSuccesses } from './strategies/strategies.ts';
import { viewsOf } from './views.ts';

export interface RoutingDesk {
  readonly clock: Clock;
  readonly accounts: Accounts;
  readonly book: RoutingBook;
  readonly health: HealthBook;
  /** Undefined: none are written, and accounts are tried by priority. */
  readonly rules: Pick<RulesSource, 'rulesFor'>;
}

export interface Routed {
  readonly accounts: readonly [Account, ...Account[]];
  readonly decision: Decision | RoutingDecision;
  /** What the rules were asked about: the decision can be made again with others. */
  readonly facts: PaymentFacts | undefined;
  readonly failover: Failover;
  /** The rule whose shares are counted, where they are. */
  readonly scope: string | undefined;
  limitsFor(account: Account): Limits | undefined;
  /** What the first account's authorization holds until it ends. */
  readonly reserved: Reserved | undefined;
  /** To be committed with the intention, or undone. */
  readonly reservation: Reservation;
  /** What a draft beside the live rules said; noted with the intention. */
  readonly shadow: Shadow | undefined;
}

/** Where no rules are written: after what surely had no effect, and never after a decline. */
const builtInFailover: Failover = { max_attempts: 3, soft_declines: false };

export interface RoutingQuestion {
  readonly merchantId: string;
  /** The payment's id: what is drawn by lot is drawn the same on every node. */
  readonly seed: string;
  readonly wish: Wish;
  /** Put together only when there are rules to look at them. */
  facts(asked: readonly Rules[]): PaymentFacts | Promise<PaymentFacts>;
}

/**
 * Throws Problem `account_unusable` about a named account, `no_eligible_account` (with each
 * account's reason) when nothing can take the payment.
 */
export async function route(desk: RoutingDesk, question: RoutingQuestion): Promise<Routed> {
  const { merchantId, wish } = question;
  const accounts = await desk.accounts.list(merchantId);
  const active = await desk.rules.rulesFor(merchantId);
  const asked = active ? [active.live, ...(active.draft ? [active.draft.rules] : [])] : [];
  const facts = active && (await question.facts(asked));
  const nowMs = desk.clock.now();
  const lineup = lineupOf(accounts, countsAll(asked));
  const board = await desk.book.boardOf(merchantId, lineup, nowMs);
  // From here to the reservation nothing is awaited: nobody else decides on the same board.
  const views = viewsOf(lineup, wish, board, desk.health, nowMs);
  if (!active || !facts || wish.account !== undefined) {
    const decision =
      wish.account === undefined
        ? chooseByPriority(views)
        : named(views, wish.account, active?.live, facts);
    return routed(desk, question, lineup, {
      decision,
      facts: undefined,
      failover: builtInFailover,
      scope: undefined,
      deltas: [],
      nowMs,
      shadow: undefined,
    });
  }
  const { seed } = question;
  const { decided, shadow } = draftDecision(active, seed, (rules) =>
    decideOrResort(rules, facts, views, board.counters, () => lateRandom(seed)),
  );
  const { decision, changes } = decided;
  if (decision.order.length === 0) throw nobody(accounts.length, decision.excluded);
  const counts = decision.strategy !== null && countsSuccesses.has(decision.strategy);
  const reserves = counts && changes.some(({ after }) => after.reserved > 0);
  return routed(desk, question, lineup, {
    decision,
    facts,
    failover: decision.failover ?? builtInFailover,
    scope: reserves ? (decision.rule ?? undefined) : undefined,
    deltas: countersMoved(merchantId, changes),
    nowMs,
    shadow,
  });
}

/** The account is settled; when to try again is still the rule's to say. */
function named(
  views: readonly AccountView[],
  account: string,
  rules: Rules | undefined,
  facts: PaymentFacts | undefined,
): Decision {
  const decision = chooseNamed(views.find(({ id }) => id === account));
  const retryLater = rules && facts && ruleFor(rules, facts)?.retryLater;
  return retryLater ? { ...decision, retry_later: retryLater } : decision;
}

/** As {@link chooseByPriority} does: those that are out of order are better than nobody. */
function decideOrResort(
  rules: Rules,
  facts: PaymentFacts,
  views: readonly AccountView[],
  counters: Board['counters'],
  random: () => () => number,
): RuledBy {
  const first = decide(rules, facts, views, counters, random());
  if (first.decision.order.length > 0) return first;
  if (!Object.values(first.decision.excluded).includes('unhealthy')) return first;
  return decide(rules, facts, asHealthy(views), counters, random());
}

/** Drawn from the seed once somebody draws: only one strategy does, and hashing costs. */
function lateRandom(seed: string): () => number {
  let draw: (() => number) | undefined;
  return () => (draw ??= seededRandom(seed))();
}

const byUse = new WeakMap<Rules, boolean>();

/** Whose use is counted: accounts with limits; everybody's where the least used goes first. */
export function countsAll(asked: readonly Rules[]): boolean {
  return asked.some((rules) => {
    let known = byUse.get(rules);
    if (known === undefined) {
      known = [...rules.rules, rules.fallback].some((one) => one?.use.strategy === 'least_used');
      byUse.set(rules, known);
    }
    return known;
  });
}

interface Decided {
  readonly decision: Decision | RoutingDecision;
  readonly facts: PaymentFacts | undefined;
  readonly failover: Failover;
  readonly scope: string | undefined;
  readonly deltas: readonly Delta[];
  readonly nowMs: number;
  readonly shadow: Shadow | undefined;
}

function routed(
  desk: RoutingDesk,
  { merchantId, wish }: RoutingQuestion,
  { byId, limitsFor }: Lineup,
  { decision, facts, failover, scope, deltas, nowMs, shadow }: Decided,
): Routed {
  const accounts: Account[] = [];
  for (const id of decision.order) {
    const account = byId.get(id);
    if (account) accounts.push(account);
  }
  const [first] = accounts;
  if (!first) throw nobody(byId.size, decision.excluded);
  const taken = takenOf(first, limitsFor(first), scope, wish, nowMs);
  const reservation = desk.book.reserve(merchantId, [...deltas, ...taken.deltas]);
  return {
    accounts: accounts as [Account, ...Account[]],
    decision,
    facts,
    failover,
    scope,
    limitsFor,
    reserved: taken.reserved,
    reservation,
    shadow,
  };
}
