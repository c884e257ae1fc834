/**
 * Sealed text and the versions of the master key: how much hangs on which, and moving it to the
 * newest. Each row is a compare-and-swap on the sealed text itself, so the switch may serve
 * meanwhile and any number of nodes may do it: what somebody changed at the same moment is met by
 * the next run.
 */
import type { Keyring } from '../base/keyring.ts';
import { Conflict, update, type Database, type Change, type Select } from '../storage/index.ts';
import { allSealedColumns, type SealedColumn, type SealedRow } from './sealed-columns.ts';

/** Rows a commit: a statement of some 50 updates is quick on both databases. */
const batchSize = 50;

export interface VersionCount {
  readonly table: string;
  readonly column: string;
  readonly count: number;
}

const resealGuard = 'sealed_text';

function sealedWith(db: Database, sealed: SealedColumn, versions: readonly number[]): Select {
  const { table, column, where = {}, before } = sealed;
  const query = db.knex(table).where(where);
  void query.where((either) => {
    for (const version of versions) void either.orWhere(column, 'like', `${before}k${version}.%`);
  });
  return query;
}

/** How many rows of each sealed column hold text of this version; zeros are left out. */
export async function countSealed(db: Database, version: number): Promise<VersionCount[]> {
  const counts: VersionCount[] = [];
  for (const sealed of allSealedColumns) {
    const query = sealedWith(db, sealed, [version]).count('* as n');
    const [row] = await db.rows<{ n: number | string }>(query);
    const count = Number(row?.n ?? 0);
    if (count > 0) counts.push(addTo(sealed, count));
  }
  return merged(counts);
}

function addTo({ table, column }: SealedColumn, count: number): VersionCount {
  return { table, column, count };
}

/** Two kinds of rows in one column are one line. */
function merged(counts: readonly VersionCount[]): VersionCount[] {
  const byColumn = new Map<string, VersionCount>();
  for (const one of counts) {
    const key = `${one.table}.${one.column}`;
    byColumn.set(key, { ...one, count: one.count + (byColumn.get(key)?.count ?? 0) });
  }
  return [...byColumn.values()];
}

export interface Resealing {
  readonly resealed: number;
  /** Changed by somebody else at the same moment: run it again. */
  readonly overtaken: number;
  /** `table/id` of rows that did not open, ten at most: a damaged row, or a lost key. */
  readonly unreadable: readonly string[];
  /** Whether there may be more: call again. */
  readonly more: boolean;
}

/** Moves up to `limit` rows to the newest version of the key. */
export async function reseal(db: Database, keyring: Keyring, limit: number): Promise<Resealing> {
  const old = keyring.versions.filter((version) => version !== keyring.newest);
  const tally = { resealed: 0, overtaken: 0, unreadable: [] as string[] };
  if (old.length === 0) return { ...tally, more: false };
  for (const sealed of allSealedColumns) {
    if (!sealed.reseal) continue;
    let after = '';
    for (;;) {
      if (tally.resealed >= limit) return { ...tally, more: true };
      const { key, column } = sealed;
      const query = sealedWith(db, sealed, old).where('id', '>', after);
      const page = query
        .select(...key, column)
        .orderBy('id')
        .limit(batchSize);
      const rows = await db.rows<SealedRow>(page);
      if (rows.length === 0) break;
      after = rows.at(-1)?.['id'] ?? '';
      await resealRows(db, keyring, sealed, rows, tally);
    }
  }
  return { ...tally, more: false };
}

interface Tally {
  resealed: number;
  overtaken: number;
  unreadable: string[];
}

async function resealRows(
  db: Database,
  keyring: Keyring,
  sealed: SealedColumn,
  rows: readonly SealedRow[],
  tally: Tally,
): Promise<void> {
  const changes = rows.flatMap((row) => changeOf(keyring, sealed, row, tally) ?? []);
  if (await landed(db, changes)) {
    tally.resealed += changes.length;
    return;
  }
  // One of them was changed meanwhile: the others are moved one by one.
  for (const change of changes) {
    if (await landed(db, [change])) tally.resealed += 1;
    else tally.overtaken += 1;
  }
}

function changeOf(
  keyring: Keyring,
  { table, column, key, reseal: again }: SealedColumn,
  row: SealedRow,
  { unreadable }: Tally,
): Change | undefined {
  const text = row[column] ?? '';
  const name = Object.fromEntries(key.map((part) => [part, row[part] ?? '']));
  try {
    const fresh = again?.(keyring, row, text) ?? text;
    return update(table, { [column]: fresh }, { ...name, [column]: text }, resealGuard);
  } catch {
    // Whatever broke it (a lost key, a damaged row), the others are moved and this one is named.
    if (unreadable.length < 10) unreadable.push(`${table}/${row['id']}`);
    return undefined;
  }
}

async function landed(db: Database, changes: readonly Change[]): Promise<boolean> {
  try {
    if (changes.length > 0) await db.commit(changes);
    return true;
  } catch (error) {
    if (error instanceof Conflict && error.guard === resealGuard) return false;
    throw error;
  }
}
