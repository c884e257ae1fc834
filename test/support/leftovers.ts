/**
 * What a suite leaves behind, read as a thief would: the bytes of every file of its place, every
 * row of its Postgres database, the log. A card number or CVC among it fails the suite.
 */
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join, relative } from 'node:path';
import pg from 'pg';
import { scanText } from './card-scan.ts';
import type { DatabasePlace } from './databases.ts';

/**
 * The hits in all files below a folder; the place is the file's name. An SQLite file is read as
 * bytes: its log, and rows that were deleted, are looked through as well.
 */
export function scanFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .flatMap((entry) => {
      const path = join(entry.parentPath, entry.name);
      const place = relative(folder, path);
      const found = new Set<string>();
      for (const text of piecesOf(path)) for (const hit of scanText(place, text)) found.add(hit);
      return [...found];
    });
}

/** At once; files of benchmarks are longer than a text can be. */
export const pieceBytes = 8 * 1024 * 1024;
const piece = Buffer.alloc(pieceBytes);

/** What lies across two pieces is whole in one of them: longer than any way to write a card. */
const overlapBytes = 256;

function* piecesOf(path: string): Generator<string> {
  const file = openOf(path);
  if (file === undefined) return;
  try {
    for (let at = 0; ; at += pieceBytes - overlapBytes) {
      const length = readSync(file, piece, 0, pieceBytes, at);
      yield piece.toString('latin1', 0, length);
      if (length < pieceBytes) return;
    }
  } finally {
    closeSync(file);
  }
}

function openOf(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    // A process that is about to end takes its own files away.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The hits in a Postgres database; the place is the table. */
export async function scanPostgres(url: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    // JSON prints any column: bytes as hex, which the scan knows.
    const { rows: made } = await client.query<{ statement: string | null }>(
      `select string_agg(
         format('select %L as place, row_to_json(t)::text as text from %I t', table_name, table_name),
         ' union all ') as statement
       from information_schema.tables
       where table_schema = 'public' and table_type = 'BASE TABLE'`,
    );
    const statement = made[0]?.statement ?? null;
    if (statement === null) return [];
    const { rows } = await client.query<{ place: string; text: string }>(statement);
    return [...new Set(rows.flatMap(({ place, text }) => scanText(place, text)))];
  } finally {
    await client.end();
  }
}

/** Everything in a test's place, before it is removed. */
export async function scanPlace({ dataDir, url }: DatabasePlace): Promise<string[]> {
  return [...scanFiles(dataDir), ...(url === undefined ? [] : await scanPostgres(url))];
}

export function scanLines(lines: readonly string[]): string[] {
  return lines.flatMap((line, at) => scanText(`log line ${at + 1}`, line));
}

/** Throws with all the places, so that one run shows all of them. */
export function expectNoCards(found: readonly string[]): void {
  if (found.length === 0) return;
  throw new Error(`card data was left behind in ${[...new Set(found)].join('; ')}`);
}
