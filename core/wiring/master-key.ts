/**
 * The master key: from the configuration, or from a file beside the data that is made on the first
 * start. Losing it loses every stored credential and every API key's meaning.
 *
 * Either holds one key, or several as `<version>:<key>`. The highest version seals; the lowest, the
 * root, stays for good, because API keys and signatures are compared with what it gives.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Keyring } from '../base/keyring.ts';
import { decodeKeys } from '../yaml/formats.ts';
import type { Config } from '../../config/load.ts';
import { Conflict, findOne, insert, remove, type Database } from '../storage/index.ts';
import { countSealed } from './reseal.ts';
import { writeWhole } from './write-whole.ts';

export class NoMasterKey extends Error {
  override name = 'NoMasterKey';
}

export class WrongMasterKey extends Error {
  override name = 'WrongMasterKey';
}

export function masterKeyFile({ data_dir: dataDir }: Config): string {
  return join(dataDir, 'master.key');
}

/**
 * Throws NoMasterKey in live mode when none is configured: a key beside its locks protects nothing.
 */
export function openKeyring(config: Config): Keyring {
  const given = config.secrets.master_key?.reveal();
  if (given === undefined && config.mode === 'live') {
    throw new NoMasterKey(
      'live mode needs secrets.master_key (or POINTSMAN_MASTER_KEY): 32 random bytes in hex, kept apart from the data. Make one with: openssl rand -hex 32',
    );
  }
  const file = masterKeyFile(config);
  if (given === undefined && !existsSync(file)) {
    mkdirSync(config.data_dir, { recursive: true, mode: 0o700 });
    writeWhole(file, `${randomBytes(32).toString('hex')}\n`);
  }
  return new Keyring(keysOf(config));
}

function keysOf(config: Config): ReadonlyMap<number, Buffer> {
  const given = config.secrets.master_key?.reveal();
  const file = masterKeyFile(config);
  const keys = decodeKeys(given ?? readFileSync(file, 'utf8'));
  if (keys) return keys;
  const place = given === undefined ? file : 'secrets.master_key';
  throw new NoMasterKey(
    `${place} holds neither 32 bytes in hex or base64 nor lines of <version>:<key>`,
  );
}

export interface Rotation {
  readonly version: number;
  /** The file that holds the new version now; undefined when the key is configured elsewhere. */
  readonly file: string | undefined;
  /** Every version, as it has to be configured: secret. */
  readonly text: string;
}

/**
 * Adds a new version. A key file is replaced, whole or not at all; a configured key stays as it is,
 * and `text` is what to configure instead. Throws NoMasterKey when there is no key yet.
 */
export function rotateMasterKey(config: Config): Rotation {
  const given = config.secrets.master_key !== undefined;
  const file = masterKeyFile(config);
  if (!given && !existsSync(file)) {
    throw new NoMasterKey('there is no master key yet: the first start makes one');
  }
  const keys = keysOf(config);
  const version = Math.max(...keys.keys()) + 1;
  const text = [...keys, [version, randomBytes(32)] as const]
    .toSorted(([a], [b]) => a - b)
    .map(([number, key]) => `${number}:${key.toString('base64')}\n`)
    .join('');
  if (given) return { version, file: undefined, text };
  writeWhole(file, text);
  return { version, file, text };
}

/** What the root makes of a fixed word: tells keys apart and gives nothing away. */
const checkName = 'master_key_check';
const versionName = (version: number) => `master_key_version_${version}`;
const versionNames = /^master_key_version_(\d+)$/;

/**
 * A database remembers which versions of which key it was written with. Throws WrongMasterKey when
 * the root is another, or when a version that rows still hang on is missing or another: nothing
 * sealed with it would open.
 */
export async function assertSameMasterKey(db: Database, keyring: Keyring): Promise<void> {
  const root = await remembered(db, checkName, keyring.digest('api-key-digest', checkName));
  if (!root) {
    throw new WrongMasterKey(
      'the database was written with another master key: start with that one ' +
        '(POINTSMAN_MASTER_KEY, or master.key in the data directory), its first version included',
    );
  }
  for (const version of keyring.versions) {
    if (await remembered(db, versionName(version), keyring.checkOf(version))) continue;
    throw new WrongMasterKey(
      `version ${version} of the master key is not the one that the database was written with`,
    );
  }
  await assertNoneMissing(db, keyring);
}

/** A version that is not configured any more may go only when nothing hangs on it. */
async function assertNoneMissing(db: Database, keyring: Keyring): Promise<void> {
  const rows = await db.rows<{ name: string }>(
    db.knex('settings').select('name').where('name', 'like', 'master_key_version_%'),
  );
  for (const { name } of rows) {
    const version = Number(versionNames.exec(name)?.[1]);
    if (keyring.versions.includes(version)) continue;
    const counts = await countSealed(db, version);
    if (counts.length > 0) {
      const held = counts.map(({ table, column, count }) => `${table}.${column} (${count})`);
      throw new WrongMasterKey(
        `version ${version} of the master key is missing, and rows are sealed with it: ` +
          `${held.join(', ')}. Put it back, and take it out only when ` +
          'pointsman secrets status shows no row for it',
      );
    }
    await db.commit([remove('settings', { name })]);
  }
}

/** Whether the database knows this word under this name; a new name learns it. */
async function remembered(db: Database, name: string, value: string): Promise<boolean> {
  const known = await findOne<{ value: string }>(db, 'settings', { name });
  if (known) return known.value === value;
  await db.commit([insert('settings', { name, value })]).catch(ignoreTwin);
  return remembered(db, name, value);
}

/** Another node wrote it at the same moment; which key it has is read right after. */
function ignoreTwin(error: unknown): void {
  if (!(error instanceof Conflict)) throw error;
}
