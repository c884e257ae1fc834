/**
 * Change → SQL. Knex writes the statement once for each shape (kind, table, columns); afterwards
 * only the values travel. Building it anew for every payment cost more than running it.
 */
import type { Knex } from 'knex';
import { invariant } from '../base/assert.ts';
import type { Add, Change, Row, SqlValue } from './change-set.ts';

export interface Statement {
  /** With `?` where values go. */
  readonly sql: string;
  /** Column names in the order of the `?`; `where` columns are prefixed with `=`. */
  readonly order: readonly string[];
}

const wherePrefix = '=';

function shapeOf(row: Row): string {
  let shape = '';
  for (const key in row) shape += row[key] === null ? `${key}!,` : `${key},`;
  return shape;
}

/** Identifies everything about a change but its values. */
export function shapeKey(change: Change): string {
  switch (change.kind) {
    case 'insert':
      return `i ${change.table} ${Object.keys(change.row).join()}`;
    case 'update':
      return `u ${change.table} ${Object.keys(change.set).join()} ${shapeOf(change.where)}`;
    case 'delete':
      return `d ${change.table} ${shapeOf(change.where)}`;
    case 'add':
      return `a ${change.table} ${Object.keys(change.key).join()} ${Object.keys(change.by).join()} ${Object.keys(change.most).join()} ${Object.keys(change.atLeast).join()}`;
  }
}

const placeholders = (row: Row, prefix = '') =>
  Object.fromEntries(Object.keys(row).map((key) => [key, `${prefix}${key}`]));

/** Adds `where` with equality, or `is null` where the value is null. */
export function matching(query: Knex.QueryBuilder, where: Row): Knex.QueryBuilder {
  for (const [key, value] of Object.entries(where)) {
    if (value === null) void query.whereNull(key);
    else void query.where(key, `${wherePrefix}${key}`);
  }
  return query;
}

/** Lets Knex write the SQL of one shape, and learns in which order it wants the values. */
export function compile(knex: Knex, change: Change): Statement {
  if (change.kind === 'add') return compileAdd(change);
  const table = knex(change.table);
  const built = (() => {
    switch (change.kind) {
      case 'insert':
        return table.insert(placeholders(change.row));
      case 'update':
        return matching(table.update(placeholders(change.set)), change.where);
      case 'delete':
        return matching(table.delete(), change.where);
    }
  })();
  const { sql, bindings } = built.toSQL();
  return { sql, order: bindings.map(String) };
}

const quoted = (names: readonly string[]) => names.map((name) => `"${name}"`).join(', ');

/** Both databases take this one spelling; Knex has none for a bounded increment. */
function compileAdd({ table, key, by, most, atLeast }: Add): Statement {
  const keys = Object.keys(key);
  const sums = Object.keys(by);
  const bounds = Object.keys(most);
  const rising = Object.keys(atLeast);
  const columns = [...keys, ...sums, ...rising];
  const sum = (column: string) => `"${table}"."${column}" + excluded."${column}"`;
  const greater = (column: string) =>
    `case when excluded."${column}" > "${table}"."${column}" ` +
    `then excluded."${column}" else "${table}"."${column}" end`;
  const values = columns.map(() => '?').join(', ');
  const set = [
    ...sums.map((column) => `"${column}" = ${sum(column)}`),
    ...rising.map((column) => `"${column}" = ${greater(column)}`),
  ].join(', ');
  const where = bounds.map((column) => `${sum(column)} <= ?`).join(' and ');
  return {
    sql:
      `insert into "${table}" (${quoted(columns)}) values (${values}) ` +
      `on conflict (${quoted(keys)}) do update set ${set}${where && ` where ${where}`}`,
    order: [
      ...keys.map((column) => `${wherePrefix}${column}`),
      ...sums.map((column) => `+${column}`),
      ...rising.map((column) => `^${column}`),
      ...bounds.map((column) => `<${column}`),
    ],
  };
}

function pick(row: Row, key: string): SqlValue {
  const value = row[key];
  invariant(value !== undefined, `column ${key} has a value`);
  return value;
}

/** The values of a change in the order its statement wants them. */
export function valuesOf(change: Change, statement: Statement): SqlValue[] {
  switch (change.kind) {
    case 'insert':
      return statement.order.map((key) => pick(change.row, key));
    case 'update':
      return statement.order.map((key) =>
        key.startsWith(wherePrefix) ? pick(change.where, key.slice(1)) : pick(change.set, key),
      );
    case 'delete':
      return statement.order.map((key) => pick(change.where, key.slice(1)));
    case 'add':
      return statement.order.map((key) => pick(partOf(change, key.charAt(0)), key.slice(1)));
  }
}

function partOf({ key, by, most, atLeast }: Add, mark: string): Row {
  if (mark === wherePrefix) return key;
  if (mark === '^') return atLeast;
  return mark === '+' ? by : most;
}

/** Remembers one statement a shape. Shapes are written in our code, so the map stays small. */
export class StatementCache {
  readonly #knex: Knex;
  readonly #statements = new Map<string, Statement>();

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  of(change: Change): Statement {
    const key = shapeKey(change);
    let statement = this.#statements.get(key);
    if (!statement) {
      statement = compile(this.#knex, change);
      this.#statements.set(key, statement);
    }
    return statement;
  }

  /** `select * from table where …` for equality look-ups: `value!` marks a null in the shape. */
  find(table: string, where: Row): Statement {
    const key = `f ${table} ${shapeOf(where)}`;
    let statement = this.#statements.get(key);
    if (!statement) {
      const { sql, bindings } = matching(this.#knex(table).select('*'), where).toSQL();
      statement = { sql, order: bindings.map(String) };
      this.#statements.set(key, statement);
    }
    return statement;
  }
}

export function whereValues(where: Row, statement: Statement): SqlValue[] {
  return statement.order.map((key) => pick(where, key.slice(1)));
}
