/**
 * Declares a suite once for SQLite and once for Postgres, so that whatever is said about money is
 * said on both. It knows places only (a directory, a URL) and nothing of the core.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabase } from './postgres.ts';

export interface DatabasePlace {
  /** An empty directory of its own. */
  readonly dataDir: string;
  /** A Postgres URL of an empty database; undefined means SQLite inside dataDir. */
  readonly url: string | undefined;
}

export interface TestDatabase {
  readonly name: 'sqlite' | 'postgres';
  /**
   * A fresh, empty place at every call; keep it to open the same one twice (a restart). Call it in
   * a hook or a test. All places are removed after the suite, open connections or not.
   */
  open(): Promise<DatabasePlace>;
}

const titles = { sqlite: 'SQLite', postgres: 'Postgres' };

/** `describe`, twice. Without a Postgres its tests count as skipped, and the run says so. */
export function describeOnEachDatabase(
  title: string,
  declare: (database: TestDatabase) => void,
): void {
  for (const name of ['sqlite', 'postgres'] as const) {
    describe(`${title} (${titles[name]})`, () => {
      const removals: (() => void | Promise<void>)[] = [];
      if (name === 'postgres') {
        before(function () {
          if (process.env['POINTSMAN_TEST_POSTGRES'] === undefined) this.skip();
        });
      }
      declare({
        name,
        open: async () => {
          const dataDir = mkdtempSync(join(tmpdir(), 'pointsman-test-'));
          removals.push(() => rmSync(dataDir, { recursive: true, force: true }));
          if (name === 'sqlite') return { dataDir, url: undefined };
          const database = await createDatabase(String(process.env['POINTSMAN_TEST_POSTGRES']));
          removals.push(() => database.drop());
          return { dataDir, url: database.url };
        },
      });
      // After the suite's own hooks, which close their connections: mocha keeps the order.
      after(async () => {
        for (const remove of removals.reverse()) await remove();
      });
    });
  }
}
