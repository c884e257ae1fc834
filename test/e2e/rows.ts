/** Everything a switch has written down, as one text: for what must stand nowhere in it. */
import type { Database } from '../../core/storage/index.ts';
import { rawRows } from '../support/storage.ts';

const catalogues = {
  sqlite: "select name from sqlite_master where type = 'table'",
  postgres:
    "select table_name as name from information_schema.tables where table_schema = 'public'",
} as const;

export async function everyRow(db: Database): Promise<string> {
  const tables = await rawRows<{ name: string }>(db, catalogues[db.dialect]);
  const rows = await Promise.all(tables.map(({ name }) => rawRows(db, `select * from "${name}"`)));
  return JSON.stringify(rows);
}
