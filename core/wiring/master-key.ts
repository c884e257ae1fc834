/**
 * The master key: from the configuration, or from a file beside the data that is made on the first
 * start. Losing it loses every stored credential and every API key's meaning.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Keyring } from '../base/keyring.ts';
import { decodeKey } from '../../config/formats.ts';
import type { Config } from '../../config/load.ts';
import { Conflict, findOne, insert, type Database } from '../storage/index.ts';
import { writeWhole } from './write-whole.ts';

export class NoMasterKey extends Error {
  override name = 'NoMasterKey';
}

export class WrongMasterKey extends Error {
  override name = 'WrongMasterKey';
}

/**
 * Throws NoMasterKey in live mode when none is configured: a key beside its locks protects nothing.
 */
export function openKeyring(config: Config): Keyring {
  const given = config.secrets.master_key?.reveal();
  if (given !== undefined) {
    const key = decodeKey(given);
    if (!key) throw new NoMasterKey('secrets.master_key is not 32 bytes in hex or base64');
    return new Keyring(key);
  }
  if (config.mode === 'live') {
    throw new NoMasterKey(
      'live mode needs secrets.master_key (or POINTSMAN_MASTER_KEY): 32 random bytes in hex, kept apart from the data. Make one with: openssl rand -hex 32',
    );
  }
  const file = join(config.data_dir, 'master.key');
  if (!existsSync(file)) {
    mkdirSync(config.data_dir, { recursive: true, mode: 0o700 });
    writeWhole(file, `${randomBytes(32).toString('hex')}\n`);
  }
  const key = decodeKey(readFileSync(file, 'utf8').trim());
  if (!key) throw new NoMasterKey(`${file} does not hold a key`);
  return new Keyring(key);
}

/** What the key makes of a fixed word: tells keys apart and gives nothing away. */
const checkName = 'master_key_check';

/**
 * A database remembers which key it was written with. Throws WrongMasterKey when this is another:
 * nothing sealed would open, and every API key would be a stranger.
 */
export async function assertSameMasterKey(db: Database, keyring: Keyring): Promise<void> {
  const value = keyring.digest('api-key-digest', checkName);
  const known = await findOne<{ value: string }>(db, 'settings', { name: checkName });
  if (known === undefined) {
    await db.commit([insert('settings', { name: checkName, value })]).catch(ignoreTwin);
    return assertSameMasterKey(db, keyring);
  }
  if (known.value === value) return;
  throw new WrongMasterKey(
    'the database was written with another master key: start with that one ' +
      '(POINTSMAN_MASTER_KEY, or master.key in the data directory)',
  );
}

/** Another node wrote it at the same moment; which key it has is read right after. */
function ignoreTwin(error: unknown): void {
  if (!(error instanceof Conflict)) throw error;
}
