/**
 * Looks for test cards where none may be: every column of every table, log lines, whatever texts a
 * suite has gathered. A hit names the place and the last four digits, so that it can be shown.
 */
import { namedCards } from '../../core/wiring/test-cards.ts';
import type { Database } from '../../core/storage/index.ts';
import { rawRows } from './storage.ts';

/** Numbers that suites use beside the simulator's. */
const others = ['4111111111111111', '5105105105105100', '371449635398431', '4222222222222'];

const numbers: readonly string[] = [
  ...new Set([...namedCards.map((card) => card.number), ...others]),
];

/** A field of that name with something in it: JSON, a JSON inside a JSON, a form, a log line. */
const cvcField = /(?:cvc|cvv|cvn|security_code|card_code)\\*["']?\s*[:=]\s*\\*["']?\d{3,4}(?!\d)/gi;

/** What people write between digits. */
const betweenDigits = /(?<=\d)[ .\-\u00a0]{1,3}(?=\d)/g;

/** The number as plain digits, and as somebody might have encoded it. */
const disguises: readonly (readonly [string, string])[] = numbers.flatMap((number) => [
  [number, number],
  [Buffer.from(number).toString('hex'), number],
  ...base64Parts(number).map((part) => [part, number] as const),
]);

/** Base64 of a text depends on where in its surroundings it begins: what is the same in all. */
function base64Parts(number: string): string[] {
  return [0, 1, 2].map((shift) => {
    const whole = Buffer.from('x'.repeat(shift) + number).toString('base64');
    // Without the first and last group, which are mixed with the neighbours.
    return whole.slice(shift === 0 ? 0 : 4, -4);
  });
}

/** Any of them: one pass over a whole database file (2 ms for 500 kB) in place of a hundred. */
const anyDisguise = new RegExp(
  disguises.map(([disguise]) => disguise.replaceAll(/[+/]/g, '\\$&')).join('|'),
);

/** The hits in one text, each as `<place>: …4242` or `<place>: a CVC`. */
export function scanText(place: string, text: string): string[] {
  const plain = text.includes(' ') || text.includes('-') ? text.replace(betweenDigits, '') : text;
  const found = new Set<string>();
  const any = anyDisguise.test(text) || anyDisguise.test(plain);
  for (const [disguise, number] of any ? disguises : []) {
    if (text.includes(disguise) || plain.includes(disguise)) found.add(`…${number.slice(-4)}`);
  }
  if (text.search(cvcField) !== -1) found.add('a CVC');
  return [...found].map((what) => `${place}: ${what}`);
}

/** The hits in a whole database, columns of any type; the place is `table.column`. */
export async function scanDatabase(db: Database): Promise<string[]> {
  const found = new Set<string>();
  for (const table of await tablesOf(db)) {
    for (const row of await rawRows<Record<string, unknown>>(db, `select * from "${table}"`)) {
      for (const [column, value] of Object.entries(row)) {
        if (value === null) continue;
        for (const hit of scanText(`${table}.${column}`, textOf(value))) found.add(hit);
      }
    }
  }
  return [...found];
}

async function tablesOf(db: Database): Promise<string[]> {
  const catalogue =
    db.dialect === 'sqlite'
      ? `select name from sqlite_master where type = 'table'`
      : `select table_name as name from information_schema.tables where table_schema = 'public'`;
  const rows = await rawRows<{ name: string }>(db, catalogue);
  return rows.map(({ name }) => name);
}

function textOf(value: unknown): string {
  if (Buffer.isBuffer(value)) return value.toString('latin1');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export interface Scanned {
  readonly db: Database;
  readonly lines: readonly string[];
  /** Answers, pages, files: place → text. */
  readonly texts?: Readonly<Record<string, string>>;
}

/** Everything at once; an empty list is what every suite wants. */
export async function cardScan({ db, lines, texts = {} }: Scanned): Promise<string[]> {
  return [
    ...(await scanDatabase(db)),
    ...lines.flatMap((line, index) => scanText(`log line ${index}`, line)),
    ...Object.entries(texts).flatMap(([place, text]) => scanText(place, text)),
  ];
}
