/**
 * Switch nodes in miniature: they route payments over one database, commit what each decision holds
 * and end it, many at a time and in any order. Nothing but routing is in them.
 */
import { ManualClock } from '../base/clock.ts';
import type { Account, Accounts } from '../accounts/account.ts';
import { Conflict, type Database } from '../storage/index.ts';
import { changesOf } from './board.ts';
import { RoutingBook } from './book.ts';
import { HealthBook } from './health-book.ts';
import { endOf } from './reserved.ts';
import { route, type Routed, type RoutingDesk } from './route.ts';
import { parseRules } from './rules/parse.ts';
import type { Rules } from './rules/rule.ts';
import type { Limits } from './strategies/limits.ts';
import { seededRandom } from './strategies/random.ts';

export const nowMs = Date.UTC(2026, 10, 21, 10);

export interface Sketch {
  readonly weight?: number;
  readonly priority?: number;
  readonly status?: 'active' | 'disabled';
  readonly limits?: Limits;
}

/** Accounts `a`, `b`, `c` … of one merchant, with the ids `acct_a` … */
export function accountsOf(sketches: Readonly<Record<string, Sketch>>): Account[] {
  return Object.entries(sketches).map(([name, sketch]) => {
    const { weight = 1, priority = 0, status = 'active', limits } = sketch;
    const record = {
      id: `acct_${name}`,
      name,
      weight,
      priority,
      status,
      tags: '[]',
      limits: limits ? JSON.stringify(limits) : null,
    };
    const card = { currencies: 'all', capture: ['automatic'], refund: 'partial' };
    return { record, connector: { methods: { card } }, settings: {} } as unknown as Account;
  });
}

export function rulesOf(text: string): Rules {
  const { rules, findings } = parseRules(text, 'routing.yaml');
  if (!rules) throw new Error(JSON.stringify(findings));
  return rules;
}

export class Node {
  readonly clock = new ManualClock(nowMs);
  readonly desk: RoutingDesk;
  readonly #db: Database;

  constructor(db: Database, accounts: readonly Account[], rules: Rules | undefined) {
    this.#db = db;
    this.desk = {
      clock: this.clock,
      accounts: { list: async () => accounts } as unknown as Accounts,
      book: new RoutingBook(db),
      health: new HealthBook(this.clock),
      rules: { rulesFor: async () => rules && { live: rules, source: 'merchant' } },
    };
  }

  /** Decides and commits, again when the last of a limit went to another node. */
  async begin(seed: string, amount = 100): Promise<Routed> {
    for (;;) {
      const routed = await route(this.desk, {
        merchantId: 'mer_1',
        seed,
        wish: { amount, currency: 'USD', capture: 'automatic', method: 'card', account: undefined },
        facts: () => ({
          amount,
          currency: 'USD',
          payment_method: 'card',
          capture_method: 'automatic',
          at_ms: this.clock.now(),
          attempt: 1,
          off_session: false,
        }),
      });
      const { reservation } = routed;
      try {
        await this.#db.commit(changesOf(reservation.deltas));
        this.desk.book.landed(reservation);
        return routed;
      } catch (error) {
        this.desk.book.undo(reservation);
        if (!(error instanceof Conflict)) throw error;
      }
    }
  }

  async end({ accounts, reserved }: Routed, succeeded: boolean, amount = 100): Promise<void> {
    const deltas = endOf({
      merchantId: 'mer_1',
      accountId: accounts[0].record.id,
      money: { amount, currency: 'USD' },
      reserved,
      succeeded,
      late: false,
    });
    await this.#db.commit(changesOf(deltas));
    this.desk.book.ended('mer_1', deltas);
  }
}

export interface Load {
  readonly payments: number;
  readonly atOnce: number;
  /** The part of the payments that fails. */
  readonly failing?: number;
  readonly seed: string;
}

/** Payments over the nodes, many at a time; the successes of each account, by name. */
export async function run(
  nodes: readonly Node[],
  { payments, atOnce, failing = 0, seed }: Load,
): Promise<Record<string, number>> {
  const random = seededRandom(seed);
  const successes: Record<string, number> = {};
  let begun = 0;
  let done = 0;
  const worker = async () => {
    while (done < payments) {
      const node = nodes[(begun += 1) % nodes.length];
      if (!node) return;
      const routed = await node.begin(`${seed}-${begun}`);
      for (let turns = Math.floor(random() * 4); turns > 0; turns -= 1) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      const succeeded = random() >= failing && done < payments;
      if (succeeded) {
        done += 1;
        const { name } = routed.accounts[0].record;
        successes[name] = (successes[name] ?? 0) + 1;
      }
      await node.end(routed, succeeded);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return successes;
}
