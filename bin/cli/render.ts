/** Words for people: aligned tables, facts, amounts, times. Pure. */
import { isCurrency } from '../../core/base/currency.ts';
import type { Json } from '../../core/base/json.ts';
import { toDecimal } from '../../core/base/money.ts';

/** Control characters could move the cursor or repaint the terminal: they are shown as `?`. */
export function clean(text: string): string {
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '?');
}

/** A plain JSON value as text; nothing for null, JSON for what is nested. */
export function word(value: Json | undefined): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

export interface Column {
  readonly title: string;
  /** Amounts stand under each other by their last digit. */
  readonly right?: boolean;
}

/** Rows under their titles, two spaces between; the last column is not padded. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => row.map(clean))];
  const widths = columns.map((_, at) => Math.max(...cells.map((row) => (row[at] ?? '').length)));
  const lines = cells.map((row) =>
    columns
      .map(({ right }, at) => {
        const width = widths[at] ?? 0;
        return right ? (row[at] ?? '').padStart(width) : (row[at] ?? '').padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}

export type Fact = readonly [label: string, value: string | number | null | undefined];

/** `Label   value` lines, indented; what is not known is left out. */
export function facts(list: readonly Fact[]): string {
  const known = list.filter(([, value]) => value !== null && value !== undefined && value !== '');
  const width = Math.max(0, ...known.map(([label]) => label.length));
  return known
    .map(([label, value]) => `  ${label.padEnd(width)}  ${clean(String(value))}\n`)
    .join('');
}

/** `10000, USD` → `100.00 USD`. */
export function amountText(amount: number, currency: string): string {
  return isCurrency(currency) ? `${toDecimal({ amount, currency })} ${currency}` : `${amount}`;
}

/** `2026-11-21T10:00:00.000Z` → `2026-11-21 10:00:00Z`. */
export function timeText(iso: string | null | undefined): string {
  return iso ? `${iso.slice(0, 19).replace('T', ' ')}Z` : '';
}
