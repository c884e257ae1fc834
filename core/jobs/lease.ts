/**
 * Who may work: a lease with an end, by the database's clock, and a fence that grows with each
 * owner. A node that was frozen past its lease finds its renewal refused.
 */
import { randomUUID } from 'node:crypto';
import type { Database } from '../storage/index.ts';

export interface Lease {
  readonly name: string;
  readonly fence: number;
}

/** A lease that is not renewed is free for others after this: well under a minute. */
const leaseMs = 30_000;

export class Leases {
  readonly #db: Database;
  readonly #owner = randomUUID();

  constructor(db: Database) {
    this.#db = db;
  }

  /** The lease when it is free, lapsed or ours already; undefined while another node has it. */
  async take(name: string): Promise<Lease | undefined> {
    const { knex } = this.#db;
    const nowMs = this.#nowMs();
    // One statement decides: the insert, or an update that only a free, lapsed or own row lets
    // through.
    const rows = await this.#db.rows<{ fence: number }>(
      knex('leases')
        .insert({
          name,
          owner: this.#owner,
          fence: 1,
          until_ms: knex.raw(`${nowMs} + ?`, [leaseMs]),
        })
        .onConflict('name')
        .merge({
          owner: this.#owner,
          fence: knex.raw('leases.fence + case when leases.owner = ? then 0 else 1 end', [
            this.#owner,
          ]),
          until_ms: knex.raw(`${nowMs} + ?`, [leaseMs]),
        })
        .where((free) => {
          void free.where('leases.owner', this.#owner);
          void free.orWhere('leases.until_ms', '<', knex.raw(nowMs));
        })
        .returning('fence'),
    );
    const [row] = rows;
    return row && { name, fence: row.fence };
  }

  /** The database's own milliseconds, as SQL. */
  #nowMs(): string {
    return this.#db.dialect === 'postgres'
      ? '(extract(epoch from clock_timestamp()) * 1000)::bigint'
      : "cast((julianday('now') - 2440587.5) * 86400000 as integer)";
  }
}
