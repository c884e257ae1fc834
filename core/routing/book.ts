/**
 * The boards of all merchants. On SQLite this process makes every change, so a board is read once
 * and kept; on Postgres it is read for each decision, and what this node has decided and not yet
 * committed is added. Limits stand in SQL besides: two nodes never both get the last of one.
 */
import type { Database } from '../storage/index.ts';
import { Board, opposite, type CounterRow, type Delta, type UsageRow } from './board.ts';
import type { Lineup } from './lineup.ts';
import { windowsAt } from './strategies/limits.ts';

/** What one decision took; given back when its commit fails. */
export interface Reservation {
  readonly merchantId: string;
  readonly deltas: readonly Delta[];
}

/** A board, and the accounts that it was last found to know. */
interface Kept {
  readonly board: Board;
  lineup: Lineup;
}

export class RoutingBook {
  readonly #db: Database;
  readonly #kept = new Map<string, Kept>();
  readonly #underWay = new Set<Reservation>();

  constructor(db: Database) {
    this.#db = db;
  }

  /** The board to decide on; valid until the next await. */
  async boardOf(merchantId: string, lineup: Lineup, nowMs: number): Promise<Board> {
    const kept = this.#keptFor(merchantId, lineup);
    if (kept) return kept;
    const board = await this.#read(merchantId, lineup.counted, nowMs);
    if (this.#db.dialect === 'sqlite') {
      // Two first payments at once read the same rows: the first board stands.
      const first = this.#keptFor(merchantId, lineup);
      if (first) return first;
      this.#kept.set(merchantId, { board, lineup });
    }
    // What was decided while it was read is not in the database yet.
    for (const { merchantId: owner, deltas } of this.#underWay) {
      if (owner === merchantId) board.apply(deltas);
    }
    return board;
  }

  #keptFor(merchantId: string, lineup: Lineup): Board | undefined {
    const kept = this.#kept.get(merchantId);
    if (!kept || kept.lineup === lineup) return kept?.board;
    if (!lineup.counted.every(({ account }) => kept.board.knows(account.record.id))) {
      return undefined;
    }
    kept.lineup = lineup;
    return kept.board;
  }

  async #read(merchantId: string, counted: Lineup['counted'], nowMs: number): Promise<Board> {
    const { knex } = this.#db;
    const board = new Board();
    const counters = await this.#db.find<CounterRow>('routing_counters', {
      merchant_id: merchantId,
    });
    for (const row of counters) board.place(row);
    const spans = new Set<string>();
    for (const { account, limits } of counted) {
      const { day, month } = windowsAt(nowMs, limits);
      spans.add(day).add(month);
      board.learn(account.record.id);
    }
    if (counted.length === 0) return board;
    const rows = await this.#db.rows<UsageRow>(
      knex('account_usage')
        .select('*')
        .whereIn(
          'account_id',
          counted.map(({ account }) => account.record.id),
        )
        .whereIn('span', [...spans]),
    );
    for (const row of rows) board.placeUsage(row);
    return board;
  }

  /** Notes a decision at once; its rows go into the commit of the intention. */
  reserve(merchantId: string, deltas: readonly Delta[]): Reservation {
    const reservation = { merchantId, deltas };
    this.#kept.get(merchantId)?.board.apply(deltas);
    this.#underWay.add(reservation);
    return reservation;
  }

  /** The intention is durable: the database knows it now. */
  landed(reservation: Reservation): void {
    this.#underWay.delete(reservation);
  }

  /** The intention was refused: nothing was taken. */
  undo(reservation: Reservation): void {
    this.#underWay.delete(reservation);
    this.#kept.get(reservation.merchantId)?.board.apply(opposite(reservation.deltas));
  }

  /** An outcome was committed with these. */
  ended(merchantId: string, deltas: readonly Delta[]): void {
    this.#kept.get(merchantId)?.board.apply(deltas);
  }
}
