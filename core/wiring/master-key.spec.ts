/** The key file and its versions: added durably, remembered by the database, missed by name. */
import { expect } from 'chai';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../config/load.ts';
import { Keyring } from '../base/keyring.ts';
import { settingsBinding } from '../accounts/account.ts';
import { insert, update, type Database } from '../storage/index.ts';
import { describeOnEachDatabase } from '../../test/support/databases.ts';
import { leaveNothing, merchantRow, openStore } from '../../test/support/storage.ts';
import {
  assertSameMasterKey,
  NoMasterKey,
  openKeyring,
  rotateMasterKey,
  WrongMasterKey,
} from './master-key.ts';

const hex = 'ab'.repeat(32);

describe('the key file', () => {
  let folder: string;
  const configOf = (env: Record<string, string> = {}) =>
    loadConfig({ env: { POINTSMAN_DATA: folder, ...env }, cwd: folder });
  const file = () => join(folder, 'master.key');

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pointsman-key-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is made by the first start, with one key, which is version 1', () => {
    expect(openKeyring(configOf()).versions).to.deep.equal([1]);
    expect(openKeyring(configOf()).checkOf(1)).to.equal(openKeyring(configOf()).checkOf(1));
  });

  it('gets a new version by rotation, for its owner’s eyes alone', () => {
    const before = openKeyring(configOf());
    expect(rotateMasterKey(configOf()).version).to.equal(2);
    expect(rotateMasterKey(configOf()).version).to.equal(3);
    const after = openKeyring(configOf());
    expect(after.versions).to.deep.equal([1, 2, 3]);
    expect(after.checkOf(1)).to.equal(before.checkOf(1));
    expect(after.digest('api-key-digest', 'x')).to.equal(before.digest('api-key-digest', 'x'));
    expect(statSync(file()).mode & 0o777).to.equal(0o600);
  });

  it('is not rotated before there is one', () => {
    expect(() => rotateMasterKey(configOf())).to.throw(NoMasterKey);
  });

  it('is left alone when the key is configured: the new list is only told', () => {
    const config = configOf({ POINTSMAN_MASTER_KEY: hex });
    const { version, file: written, text } = rotateMasterKey(config);
    expect([version, written]).to.deep.equal([2, undefined]);
    expect(() => statSync(file())).to.throw();
    const value = text.trimEnd().replaceAll('\n', ',');
    const after = openKeyring(configOf({ POINTSMAN_MASTER_KEY: value }));
    expect(after.versions).to.deep.equal([1, 2]);
    expect(after.checkOf(1)).to.equal(openKeyring(config).checkOf(1));
  });

  it('is refused when a line of it is no key, or a version is there twice', () => {
    for (const text of ['', '1:short', `1:${hex}\n1:${hex}`, `0:${hex}`, `${hex}\n${hex}`]) {
      writeFileSync(file(), text);
      expect(() => openKeyring(configOf()), text).to.throw(NoMasterKey);
    }
    writeFileSync(file(), `2:${hex}\n\n1:${hex}\n`);
    expect(openKeyring(configOf()).versions).to.deep.equal([1, 2]);
    expect(readFileSync(file(), 'utf8')).to.contain('2:');
  });
});

describeOnEachDatabase('the versions a database was written with', (database) => {
  let db: Database;
  const key = (fill: number) => Buffer.alloc(32, fill);
  const ring = (...versions: [number, number][]) =>
    new Keyring(new Map(versions.map(([version, fill]) => [version, key(fill)])));

  beforeEach(async () => {
    db = await openStore(await database.open());
  });
  afterEach(leaveNothing);

  async function refusal(keyring: Keyring): Promise<string> {
    try {
      await assertSameMasterKey(db, keyring);
      return 'none';
    } catch (error) {
      expect(error).to.be.instanceOf(WrongMasterKey);
      return (error as Error).message;
    }
  }

  it('are remembered: another root, or another key under a known number, is refused', async () => {
    expect(await refusal(ring([1, 1], [2, 2]))).to.equal('none');
    expect(await refusal(ring([1, 1], [2, 2], [3, 3]))).to.equal('none');
    expect(await refusal(ring([1, 9], [2, 2]))).to.contain('another master key');
    expect(await refusal(ring([2, 2]))).to.contain('another master key');
    expect(await refusal(ring([1, 1], [2, 9]))).to.contain('version 2');
  });

  it('may go when no row hangs on them, and are named when one does', async () => {
    const second = ring([1, 1], [2, 2]);
    expect(await refusal(second)).to.equal('none');
    await db.commit([
      insert('merchants', merchantRow('mer_1')),
      insert('accounts', accountRow(second.seal('account-settings', settingsBinding('a'), '{}'))),
    ]);
    const without = await refusal(ring([1, 1], [3, 3]));
    expect(without).to.contain('version 2').and.to.contain('accounts.settings (1)');

    const third = ring([1, 1], [2, 2], [3, 3]);
    const [account] = await db.find<{ settings: string }>('accounts', { id: 'a' });
    const settings = third.reseal(
      'account-settings',
      settingsBinding('a'),
      String(account?.settings),
    );
    await db.commit([update('accounts', { settings }, { id: 'a' }, 'test')]);
    expect(await refusal(ring([1, 1], [3, 3]))).to.equal('none');
    const names = (await db.find<{ name: string }>('settings', {})).map(({ name }) => name);
    expect(names).to.include('master_key_version_3').and.not.to.include('master_key_version_2');
  });
});

function accountRow(settings: string) {
  const at = '2026-11-21T10:00:00.000Z';
  return {
    id: 'a',
    merchant_id: 'mer_1',
    connector: 'card-simulator',
    name: 'A',
    status: 'active',
    priority: 0,
    weight: 1,
    hold_validity_hours: 168,
    settings,
    webhook_state: 'none',
    webhook_tries: 0,
    webhook_version: 1,
    created_at: at,
    updated_at: at,
    version: 1,
  };
}
