/** Each account of the merchant as it stands for one payment. */
import { capabilityGap, type Wish } from './choose.ts';
import type { Board } from './board.ts';
import type { HealthBook } from './health-book.ts';
import type { Entrant, Lineup } from './lineup.ts';
import type { AccountView } from './rules/facts.ts';
import { verdict } from './strategies/limits.ts';

/** Nothing to be held against, and nothing counted. */
const unlimited = { excluded: undefined, usedShare: 0, dayCount: 0 } as const;

/** Everyone in the line-up, in its order; to be looked at now, and not kept. */
export function viewsOf(
  { entrants }: Lineup,
  wish: Wish,
  board: Board,
  health: HealthBook,
  nowMs: number,
): readonly AccountView[] {
  return entrants.map((one) => {
    const { account, limits } = one;
    const gap = capabilityGap(account, wish);
    if (!limits) return ordinaryView(one, gap, health);
    const usage = board.usageOf(account.record.id, limits, wish.currency, nowMs);
    return new View(one, gap, verdict(limits, usage, wish), health);
  });
}

/** The last view of each account of which nothing is counted: it mostly fits the next payment. */
const ordinary = new WeakMap<Entrant, View>();

function ordinaryView(one: Entrant, gap: AccountView['capability'], health: HealthBook): View {
  const last = ordinary.get(one);
  if (last && last.capability === gap && last.isOf(health)) return last;
  const view = new View(one, gap, unlimited, health);
  ordinary.set(one, view);
  return view;
}

/** What changes by itself, and what only one strategy asks for, is worked out when it is asked. */
class View implements AccountView {
  readonly id: string;
  readonly name: string;
  readonly tags: readonly string[];
  readonly active: boolean;
  readonly priority: number;
  readonly weight: number;
  readonly capability: AccountView['capability'];
  readonly limits: AccountView['limits'];
  readonly #book: HealthBook;

  constructor(
    { account: { record }, tags }: Entrant,
    capability: AccountView['capability'],
    limits: AccountView['limits'],
    book: HealthBook,
  ) {
    this.id = record.id;
    this.name = record.name;
    this.tags = tags;
    this.active = record.status === 'active';
    this.priority = record.priority;
    this.weight = record.weight;
    this.capability = capability;
    this.limits = limits;
    this.#book = book;
  }

  isOf(book: HealthBook): boolean {
    return this.#book === book;
  }

  get health(): AccountView['health'] {
    return this.#book.standingOf(this.id);
  }

  get stats(): AccountView['stats'] {
    return this.#book.statsOf(this.id);
  }
}
