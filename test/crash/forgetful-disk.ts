/**
 * Preloaded into the control of the power cut: the switch believes that it runs with
 * synchronous=FULL and runs with NORMAL, which syncs nothing at a commit. The check has to see the
 * losses, or it is blind.
 */
import Sqlite, { type Database } from 'better-sqlite3';

const { prototype } = Sqlite;
const { pragma } = prototype;

prototype.pragma = function forgetful(this: Database, source, options) {
  if (source === 'synchronous = FULL') return pragma.call(this, 'synchronous = NORMAL', options);
  const found: unknown = pragma.call(this, source, options);
  return source === 'synchronous' ? 2 : found;
};
