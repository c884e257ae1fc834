/** A plugin's tables as its migrations make them; and running those migrations. */
import type { PluginMigration, PluginSql } from '../sdk/plugin.ts';

/** What a migration may do, and to which table. */
const statements: readonly RegExp[] = [
  /^create\s+table\s+(\w+)/i,
  /^create\s+(?:unique\s+)?index\s+\w+\s+on\s+(\w+)/i,
  /^alter\s+table\s+(\w+)/i,
  /^insert\s+into\s+(\w+)/i,
  /^update\s+(\w+)/i,
  /^delete\s+from\s+(\w+)/i,
  /^drop\s+table\s+(\w+)/i,
];

const dialects: readonly PluginSql[] = [
  { name: 'sqlite', id: 'text', clustered: 'without rowid' },
  { name: 'postgres', id: 'text collate "C"', clustered: '' },
];

interface Migrating {
  readonly id: string;
  readonly migrations?: readonly PluginMigration[];
}

/** `my-shop` → `my_shop_`. */
export function tablePrefix(id: string): string {
  return `${id.replaceAll('-', '_')}_`;
}

function tableIn(statement: string): string | undefined {
  for (const shape of statements) {
    const table = shape.exec(statement.trim())?.[1];
    if (table !== undefined) return table;
  }
  return undefined;
}

/** What is wrong with the migrations, in words; undefined when they keep to their own tables. */
export function migrationsFault({ id, migrations = [] }: Migrating): string | undefined {
  const names = migrations.map(({ name }) => name);
  const odd = names.find((name) => !/^\d{4}_[a-z0-9_]+$/.test(name));
  if (odd !== undefined) return `migration "${odd}" is not named like 0001_subject`;
  if (names.toSorted().join() !== [...new Set(names)].join()) {
    return 'its migrations are not in the order of their numbers';
  }
  for (const sql of dialects) {
    for (const { name, statements: make } of migrations) {
      for (const statement of make(sql)) {
        const table = tableIn(statement);
        if (table === undefined) return `${name} has a statement that no plugin may run`;
        if (!table.startsWith(tablePrefix(id))) {
          return `${name} touches ${table}, and its tables begin with ${tablePrefix(id)}`;
        }
      }
    }
  }
  return undefined;
}

/** Those that its migrations create: a prefix alone would let `webhook` at `webhook_endpoints`. */
export function tablesOf({ migrations = [] }: Migrating): ReadonlySet<string> {
  const created = dialects.flatMap((sql) =>
    migrations.flatMap(({ statements: make }) =>
      make(sql).flatMap(
        (statement) => /^create\s+table\s+(\w+)/i.exec(statement.trim())?.[1] ?? [],
      ),
    ),
  );
  return new Set(created);
}
