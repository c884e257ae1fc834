/**
 * What is due, lane by lane. From one lane to the next the index is skipped through, never read: a
 * lane with a hundred thousand overdue deliveries costs the others what one with four costs them,
 * some 2 µs.
 */
import type { Database, Select } from '../storage/index.ts';
import { padded } from '../storage/padded.ts';
import type { DeliveryRecord } from './record.ts';

/** Whom to pass over. */
export interface Taken {
  /** Deliveries. */
  readonly ids: readonly string[];
  readonly lanes: readonly string[];
  readonly merchants: readonly string[];
}

/** As many of a lane as ever have a place in it; see dispatcher.ts. */
export const lanePlacesMax = 4;

/** `next_attempt_at is not null` is said each time, for the partial index. */
const waiting = 'from webhook_deliveries d where d.next_attempt_at is not null';

/** Each step is one look into the index, for the least lane after the last. */
const walk = `
  select min(d.lane) ${waiting}
  union all
  select (select min(d.lane) ${waiting} and d.lane > lanes.lane) from lanes
    where lanes.lane is not null`;

/** The nth of a lane, from 0: one parameter, the present moment. */
const nth = (n: number) => `(
  select d.id ${waiting} and d.lane = heads.lane and d.next_attempt_at <= ?
    order by d.next_attempt_at, d.id limit 1 offset ${n}) as nth_${n}`;

const firstOnes = Array.from({ length: lanePlacesMax }, (_, n) => nth(n)).join(', ');

interface Fragment {
  readonly sql: string;
  readonly values: readonly (string | number)[];
}

const noneOf = (what: string, list: readonly string[]): Fragment => {
  const values = padded(list);
  const sql =
    values.length === 0 ? '' : ` and ${what} not in (${values.map(() => '?').join(', ')})`;
  return { sql, values };
};

/** Lanes with the moment at which their first delivery is due, as `lane` and `at`. */
function heads({ ids, lanes, merchants }: Taken): Fragment {
  const own = noneOf('d.id', ids);
  const full = noneOf('lane', lanes);
  // A lane begins with its merchant; ids of merchants are all of one length.
  const theirs = noneOf(`substr(lane, 1, ${merchants[0]?.length ?? 0})`, merchants);
  const first = `select min(d.next_attempt_at) ${waiting} and d.lane = lanes.lane${own.sql}`;
  return {
    sql:
      `with recursive lanes (lane) as (${walk}) select lane, (${first}) as at from lanes ` +
      `where lane is not null${full.sql}${theirs.sql}`,
    values: [...own.values, ...full.values, ...theirs.values],
  };
}

/** A statement whose text is written here, as what the database takes. */
function selected({ knex }: Database, { sql, values }: Fragment): Select {
  return knex.select('*').from(knex.raw(`(${sql}) as found`, [...values]));
}

/** When the first delivery is due that is not passed over; undefined when there is none. */
export async function earliestDue(db: Database, taken: Taken): Promise<string | undefined> {
  const { sql, values } = heads(taken);
  const query = selected(db, { sql: `select min(at) as at from (${sql}) as heads`, values });
  const [row] = await db.rows<{ at: string | null }>(query);
  return row?.at ?? undefined;
}

/**
 * The longest due of each lane, at most {@link lanePlacesMax}, of the lanes whose first is longest
 * due. Some of those passed over may be among them, where a lane has others as well.
 */
export async function dueDeliveries(
  db: Database,
  now: string,
  lanesMax: number,
  taken: Taken,
): Promise<DeliveryRecord[]> {
  const every = heads(taken);
  const due = `
    select lane from (${every.sql}) as every_lane where at <= ? order by at, lane limit ?`;
  const found = await db.rows<Record<string, string | null>>(
    selected(db, {
      sql: `select ${firstOnes} from (${due}) as heads`,
      values: [...Array.from({ length: lanePlacesMax }, () => now), ...every.values, now, lanesMax],
    }),
  );
  const ids = found.flatMap((row) => Object.values(row)).filter((id) => id !== null);
  if (ids.length === 0) return [];
  return db.rows<DeliveryRecord>(
    db
      .knex('webhook_deliveries')
      .select('*')
      .whereIn('id', padded(ids))
      // Not what another node has claimed since.
      .where('next_attempt_at', '<=', now)
      .orderBy('next_attempt_at')
      .orderBy('id'),
  );
}
