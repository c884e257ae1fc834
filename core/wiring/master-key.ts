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
import { writeWhole } from './write-whole.ts';

export class NoMasterKey extends Error {
  override name = 'NoMasterKey';
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
    mkdirSync(config.data_dir, { recursive: true });
    writeWhole(file, `${randomBytes(32).toString('hex')}\n`);
  }
  const key = decodeKey(readFileSync(file, 'utf8').trim());
  if (!key) throw new NoMasterKey(`${file} does not hold a key`);
  return new Keyring(key);
}
