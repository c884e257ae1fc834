/**
 * Declares a suite once for SQLite and once for Postgres, so that whatever is said about money is
 * said on both. It knows places only (a directory, a URL) and nothing of the core. What a suite
 * leaves in its places is looked through for card data before it is removed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectNoCards, scanPlace } from './leftovers.ts';
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
      const removals: Removal[] = [];
      if (name === 'postgres') {
        before(function () {
          if (process.env['POINTSMAN_TEST_POSTGRES'] === undefined) this.skip();
        });
      }
      declare({
        name,
        open: async () => {
          const opened = await openPlace(name);
          removals.push(opened);
          return opened.place;
        },
      });
      // After the suite's own hooks, which close their connections: mocha keeps the order.
      after(() => removeAll(removals));
    });
  }
}

export interface Removal {
  readonly place: DatabasePlace;
  drop(): Promise<void>;
}

/** A place of whoever calls, to be removed with {@link removeAll}. */
export async function openPlace(name: TestDatabase['name']): Promise<Removal> {
  const dataDir = mkdtempSync(join(tmpdir(), 'pointsman-test-'));
  if (name === 'sqlite') return { place: { dataDir, url: undefined }, drop: async () => undefined };
  const { url, drop } = await createDatabase(String(process.env['POINTSMAN_TEST_POSTGRES']));
  return { place: { dataDir, url }, drop };
}

/** Removes all places; throws afterwards when there was card data in one of them. */
export async function removeAll(removals: readonly Removal[]): Promise<void> {
  const found: string[] = [];
  for (const { place, drop } of removals) {
    try {
      found.push(...(await scanPlace(place)));
    } finally {
      await drop();
      rmSync(place.dataDir, { recursive: true, force: true });
    }
  }
  expectNoCards(found);
}
