/** The new rules, deciding one old payment after another. */
import { accountsOf } from '../decision-store.ts';
import { areWeighted, candidatesOf, ruleFor, type Candidates } from '../rules/decide.ts';
import type { AccountView } from '../rules/facts.ts';
import type { Rule, Rules, StrategyName } from '../rules/rule.ts';
import { counterOf, noCounters, type StrategyCounter } from '../strategies/counter.ts';
import { seededRandom } from '../strategies/random.ts';
import { countsSuccesses, strategies } from '../strategies/strategies.ts';
import type { StoredDecision } from './stored-decision.ts';

/** Those that choose the same from the same accounts, as long as nothing about these changes. */
const settled: ReadonlySet<StrategyName> = new Set(['failover', 'weighted', 'least_used']);

/** Different lists of accounts that are remembered at most: shares change their order often. */
export const listsMax = 10_000;

/** Accounts that could have taken a payment, and what each rule makes of them. */
interface Able {
  readonly accounts: readonly AccountView[];
  readonly byRule: Map<Rule, Chosen>;
}

interface Chosen extends Candidates {
  readonly weighted: boolean;
  /** Undefined: it has to be asked anew each time. */
  readonly always: string | null | undefined;
}

export class Replay {
  readonly #rules: Rules;
  /** In the order that most strategies want, so that sorting has little to do. */
  readonly #accounts: readonly AccountView[];
  readonly #positions: ReadonlyMap<string, number>;
  readonly #counters = new Map<string, Map<string, StrategyCounter>>();
  readonly #random = seededRandom('backtest');
  readonly #byList = new Map<string, Able>();
  readonly #byMarks = new Map<string, Able>();

  constructor(rules: Rules, accounts: readonly AccountView[]) {
    this.#rules = rules;
    this.#accounts = accounts.toSorted((a, b) => a.priority - b.priority || (a.id < b.id ? -1 : 1));
    this.#positions = new Map(this.#accounts.map(({ id }, at) => [id, at]));
  }

  /** The account that would be tried first after `from` was; null when none could take it. */
  firstOf(decision: StoredDecision, from: string | null): string | null {
    const rule = ruleFor(this.#rules, decision.facts);
    if ((rule?.plan ?? null) === decision.plan) return from;
    if (!rule) return null;
    const chosen = this.#chosen(rule, this.#able(decision));
    if (chosen.always !== undefined) return chosen.always;
    const { order, changes } = this.#ask(rule, chosen);
    this.#remember(
      rule,
      changes.map(({ after }) => after),
      decision.approved,
    );
    return order[0]?.account.id ?? null;
  }

  #ask(rule: Rule, { eligible, pool, weighted }: Omit<Chosen, 'always'>) {
    return strategies[rule.use.strategy]({
      scope: rule.name,
      eligible,
      pool,
      counters: this.#counters.get(rule.name) ?? noCounters,
      weighted,
      catchUp: rule.use.catchUp,
      random: this.#random,
    });
  }

  #chosen(rule: Rule, { accounts, byRule }: Able): Chosen {
    const known = byRule.get(rule);
    if (known) return known;
    const candidates = candidatesOf(rule.use, accounts);
    const { pool, eligible } = candidates;
    const weighted = rule.use.weights !== undefined || areWeighted(pool);
    const found = { ...candidates, weighted };
    const none = eligible.length === 0;
    const always = none
      ? null
      : settled.has(rule.use.strategy)
        ? (this.#ask(rule, found).order[0]?.account.id ?? null)
        : undefined;
    const chosen = { ...found, always };
    byRule.set(rule, chosen);
    return chosen;
  }

  /** The accounts that could have taken it then. Why the others could not still holds. */
  #able({ accounts, excluded }: StoredDecision): Able {
    const list = `${accounts} ${excluded}`;
    const known = this.#byList.get(list);
    if (known) return known;
    const marks = this.#marksOf(accounts, excluded);
    const text = marks.join('');
    let able = this.#byMarks.get(text);
    if (!able) {
      const views = this.#accounts.filter((_, at) => marks[at] === 1);
      able = { accounts: views, byRule: new Map() };
      if (this.#byMarks.size >= listsMax) this.#byMarks.clear();
      this.#byMarks.set(text, able);
    }
    if (this.#byList.size >= listsMax) this.#byList.clear();
    this.#byList.set(list, able);
    return able;
  }

  #marksOf(accounts: string, excluded: string): Uint8Array {
    const marks = new Uint8Array(this.#accounts.length);
    const mark = (id: string) => {
      const at = this.#positions.get(id);
      if (at !== undefined) marks[at] = 1;
    };
    accountsOf(accounts).forEach(mark);
    const reasons = JSON.parse(excluded) as Readonly<Record<string, string>>;
    // All that was against these is that the rule of then did not use them.
    for (const id in reasons) if (reasons[id] === 'not_in_rule') mark(id);
    return marks;
  }

  /** A success is taken as one at the new account too: the share is kept among those. */
  #remember(rule: Rule, after: readonly StrategyCounter[], approved: boolean | null): void {
    let counters = this.#counters.get(rule.name);
    if (!counters) this.#counters.set(rule.name, (counters = new Map()));
    for (const counter of after) counters.set(counter.account, counter);
    const [chosen] = after;
    if (!chosen || !countsSuccesses.has(rule.use.strategy)) return;
    const now = counterOf(counters, chosen.account);
    const more = approved === false ? 0 : 1;
    counters.set(now.account, { ...now, settled: now.settled + more, reserved: 0 });
  }
}
