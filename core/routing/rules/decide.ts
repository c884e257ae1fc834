/**
 * The decision: which accounts take a payment, in which order, and why. Pure: rules, facts,
 * accounts and counters in; order, reasons and counter changes out.
 */
import { noCounters, type CounterChange, type StrategyState } from '../strategies/counter.ts';
import type { Because, Candidate } from '../strategies/candidate.ts';
import { strategies } from '../strategies/strategies.ts';
import { exclusionOf, type AccountView, type Exclusion, type PaymentFacts } from './facts.ts';
import { RuleIndex } from './rule-index.ts';
import type { Failover, RetryLater, Rule, Rules, StrategyName, Use } from './rule.ts';

/** The parts of the sentence that explains a decision (see why.ts). */
export type Why =
  | { readonly part: 'rule'; readonly rule: string; readonly position: number }
  | { readonly part: 'default' }
  | { readonly part: 'no_rule' }
  | { readonly part: 'strategy'; readonly strategy: StrategyName }
  | {
      readonly part: 'first';
      readonly account: string;
      readonly because: Because['word'];
      readonly figures: Because['figures'];
    }
  | { readonly part: 'nobody' };

export interface RoutingDecision {
  /** The rule's name, `default`, or null when nothing matched and there is no default. */
  readonly rule: string | null;
  /** The version of the rules. */
  readonly version: string;
  /** The hash of what the rule uses: the same plan treats the same payment the same. */
  readonly plan: string | null;
  readonly strategy: StrategyName | null;
  /** Account ids, the first to be tried first; empty when nobody can take it. */
  readonly order: readonly string[];
  readonly excluded: Readonly<Record<string, Exclusion>>;
  readonly why: readonly Why[];
  /** The facts that rules looked at on the way, the deciding rule included. */
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly failover: Failover | null;
  readonly retry_later: RetryLater | null;
}

export interface Decided {
  /** To be stored with the payment. */
  readonly decision: RoutingDecision;
  /** To be committed with it, each guarded by its `before` (see strategies/counter.ts). */
  readonly changes: readonly CounterChange[];
}

const indexes = new WeakMap<Rules, RuleIndex>();

/** The first rule that matches, else the default; the scope of its counters is its name. */
export function ruleFor(rules: Rules, facts: PaymentFacts): Rule | undefined {
  let index = indexes.get(rules);
  if (!index) indexes.set(rules, (index = new RuleIndex(rules)));
  return index.ruleFor(facts);
}

/**
 * Decides one payment. `accounts` are all of the merchant's; `state` needs to hold the counters of
 * the rule that {@link ruleFor} finds; `random` is asked by the strategy random only.
 */
export function decide(
  rules: Rules,
  facts: PaymentFacts,
  accounts: readonly AccountView[],
  state: StrategyState,
  random: () => number,
): Decided {
  const rule = ruleFor(rules, facts);
  const excluded: Record<string, Exclusion> = {};
  const { eligible, pool } = candidatesOf(rule?.use, accounts, excluded);
  const why: Why[] = [matched(rules, rule)];
  // Filled in place: a copy of it took a seventh of the whole decision.
  const ids: string[] = [];
  const decision: RoutingDecision = {
    rule: rule?.name ?? null,
    version: rules.version,
    plan: rule?.plan ?? null,
    strategy: rule?.use.strategy ?? null,
    order: ids,
    excluded,
    why,
    inputs: inputsOf(rules, rule, facts),
    failover: rule?.failover ?? null,
    retry_later: rule?.retryLater ?? null,
  };
  if (!rule || eligible.length === 0) {
    why.push({ part: 'nobody' });
    return { decision, changes: [] };
  }
  const { order, because, changes } = strategies[rule.use.strategy]({
    scope: rule.name,
    eligible,
    pool,
    counters: state.get(rule.name) ?? noCounters,
    weighted: rule.use.weights !== undefined || areWeighted(pool),
    catchUp: rule.use.catchUp,
    random,
  });
  for (const { account } of order) ids.push(account.id);
  why.push(
    { part: 'strategy', strategy: rule.use.strategy },
    {
      part: 'first',
      account: ids[0] ?? '',
      because: eligible.length === 1 ? 'only_one' : because.word,
      figures: because.figures,
    },
  );
  return { decision, changes };
}

function matched(rules: Rules, rule: Rule | undefined): Why {
  if (!rule) return { part: 'no_rule' };
  if (rule === rules.fallback) return { part: 'default' };
  return { part: 'rule', rule: rule.name, position: rules.rules.indexOf(rule) };
}

/** Every account has weight 1 until somebody sets another: only a difference says something. */
export function areWeighted(pool: readonly Candidate[]): boolean {
  return pool.some(({ weight }) => weight !== pool[0]?.weight);
}

export interface Candidates {
  readonly eligible: readonly Candidate[];
  readonly pool: readonly Candidate[];
}

/**
 * Who may take the payment; the reasons of the others are written into `excluded`. `not_in_rule`
 * is said last: of an account with that reason one knows that nothing else would have kept it from
 * this payment.
 */
export function candidatesOf(
  use: Use | undefined,
  accounts: readonly AccountView[],
  excluded?: Record<string, Exclusion>,
): Candidates {
  const placeOf = use ? placesOf(use) : undefined;
  const eligible: Candidate[] = [];
  const pool: Candidate[] = [];
  for (const account of accounts) {
    const place = placeOf?.(account);
    const reason = exclusionOf(account) ?? (place === undefined ? 'not_in_rule' : undefined);
    if (reason && excluded) excluded[account.id] = reason;
    if (place === undefined) continue;
    const candidate = { account, place, weight: weightOf(use, account) };
    pool.push(candidate);
    if (!reason) eligible.push(candidate);
  }
  return { eligible, pool };
}

/** Weights in the rule are all there are: an account that it leaves out has none. */
function weightOf(use: Use | undefined, account: AccountView): number {
  const weights = use?.weights;
  if (!weights) return account.weight;
  // An account may be called "constructor".
  const key = [account.id, account.name].find((name) => Object.hasOwn(weights, name));
  return key === undefined ? 0 : (weights[key] ?? 0);
}

type PlaceOf = (account: AccountView) => number | undefined;

const places = new WeakMap<Use, PlaceOf>();

/** Where an account stands in the rule's list; made once for each rule. */
function placesOf(use: Use): PlaceOf {
  const known = places.get(use);
  if (known) return known;
  const byName = new Map<string, number>();
  const byTag = new Map<string, number>();
  let everyone: number | undefined;
  for (const [at, ref] of use.accounts.entries()) {
    if (ref.kind === 'all') everyone ??= at;
    else {
      const map = ref.kind === 'tag' ? byTag : byName;
      if (!map.has(ref.name)) map.set(ref.name, at);
    }
  }
  const placeOf: PlaceOf = ({ id, name, tags }) => {
    let place = byName.get(id) ?? byName.get(name) ?? everyone ?? Infinity;
    if (everyone !== undefined) place = Math.min(place, everyone);
    if (byTag.size > 0) for (const tag of tags) place = Math.min(place, byTag.get(tag) ?? Infinity);
    return place === Infinity ? undefined : place;
  };
  places.set(use, placeOf);
  return placeOf;
}

const looks = new WeakMap<Rules, ReadonlyMap<Rule, readonly string[]>>();

/** What was looked at up to the rule: the facts of all the rules before it, and its own. */
function inputsOf(
  rules: Rules,
  rule: Rule | undefined,
  facts: PaymentFacts,
): Readonly<Record<string, unknown>> {
  let upTo = looks.get(rules);
  if (!upTo) {
    const seen = new Set<string>();
    const map = new Map<Rule, readonly string[]>();
    for (const one of rules.rules) {
      for (const name of one.looksAt) seen.add(name);
      map.set(one, [...seen]);
    }
    if (rules.fallback) map.set(rules.fallback, [...seen]);
    upTo = map;
    looks.set(rules, upTo);
  }
  const inputs: Record<string, unknown> = {};
  const names = rule ? (upTo.get(rule) ?? []) : rules.rules.flatMap(({ looksAt }) => looksAt);
  for (const name of names) inputs[name] = factNamed(facts, name) ?? null;
  return inputs;
}

/** `metadata.plan` → the value of that key; anything else is a fact's own name. */
export function factNamed(facts: PaymentFacts, name: string): unknown {
  if (!name.startsWith('metadata.')) return facts[name as keyof PaymentFacts];
  const key = name.slice('metadata.'.length);
  const { metadata } = facts;
  return metadata && Object.hasOwn(metadata, key) ? metadata[key] : undefined;
}
