/**
 * The first start of a sandbox: a merchant, two processor accounts at the simulator and the keys,
 * written to credentials.json. A second start finds them and changes nothing.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Keyring } from '../base/keyring.ts';
import type { Access } from '../access/access.ts';
import type { Merchants } from '../access/merchants.ts';
import type { MerchantRecord } from '../access/record.ts';
import type { Accounts } from '../accounts/account.ts';
import { reconcileEndpoints, replannedEndpoint } from '../accounts/endpoint.ts';
import { draftAccount } from '../accounts/verbs.ts';
import { Conflict, insert, update, type Change, type Database } from '../storage/index.ts';
import { profileSecretOf } from '../webhooks/secrets.ts';
import { writeWhole } from './write-whole.ts';

export interface Credentials {
  readonly merchant_id: string;
  readonly profile_id: string;
  readonly secret_key: string;
  readonly public_key: string;
  readonly webhook_secret: string;
  readonly admin_key: string;
  readonly base_url: string;
  readonly simulator_url: string | null;
}

export interface SandboxDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly keyring: Keyring;
  readonly access: Access;
  readonly merchants: Merchants;
  readonly accounts: Accounts;
}

export function credentialsFile(dataDir: string): string {
  return join(dataDir, 'credentials.json');
}

export function readCredentials(dataDir: string): Credentials | undefined {
  const file = credentialsFile(dataDir);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Credentials) : undefined;
}

/**
 * Test doubles beside the switch hear at once where they send their news, so that a sandbox that
 * has started is whole. Real processors are left to the job: a start waits for nobody.
 */
export async function registerSimulators(deps: SandboxDeps, merchantId: string): Promise<void> {
  for (const { record, connector } of await deps.accounts.list(merchantId)) {
    if (!connector.sandboxOnly) continue;
    await reconcileEndpoints({ ...deps, mode: 'sandbox' }, record.id);
  }
}

/**
 * Makes or finds the sandbox merchant. Undefined when the database has merchants and this data
 * directory has no key to any of them (a second node on one Postgres): then there is nothing to do.
 */
export async function prepareSandbox(
  deps: SandboxDeps,
  dataDir: string,
  urls: { readonly base: string; readonly simulator: string | null },
): Promise<Credentials | undefined> {
  const known = readCredentials(dataDir);
  const principal = await deps.access.principalOf(known?.secret_key);
  if (known && principal?.merchantId === known.merchant_id) {
    return refresh(deps, dataDir, known, urls);
  }
  const anyone = await deps.db.rows<MerchantRecord>(
    deps.db.knex('merchants').select('id').limit(1),
  );
  if (anyone.length > 0) return undefined;
  return create(deps, dataDir, urls);
}

async function create(
  deps: SandboxDeps,
  dataDir: string,
  urls: { readonly base: string; readonly simulator: string | null },
): Promise<Credentials | undefined> {
  const { merchants, keyring } = deps;
  const { created, changes } = merchants.draft('Sandbox', 'sandbox');
  const admin = merchants.draftKey(null, 'sandbox', { kind: 'admin', name: 'First admin key' });
  const credentials: Credentials = {
    merchant_id: created.merchant.id,
    profile_id: created.profile.id,
    secret_key: created.secretKey.key,
    public_key: created.publicKey.key,
    webhook_secret: profileSecretOf(keyring, created.profile.id),
    admin_key: admin.key,
    base_url: urls.base,
    simulator_url: urls.simulator,
  };
  const accounts =
    urls.simulator === null ? [] : simulatorAccounts(deps, created.merchant.id, urls.simulator);
  // The file first: keys that were committed and never written down would be lost for good, while a
  // file without its rows is simply made anew by the next start.
  writeWhole(credentialsFile(dataDir), `${JSON.stringify(credentials, null, 2)}\n`);
  try {
    await deps.db.commit([
      insert('settings', { name: 'sandbox_merchant', value: created.merchant.id }),
      ...changes,
      insert('api_keys', { ...admin.record }),
      ...accounts,
    ]);
  } catch (error) {
    if (!(error instanceof Conflict) || error.guard !== 'settings_pkey') throw error;
    // Another node on the same Postgres was faster: the merchant is there, and its keys are there.
    rmSync(credentialsFile(dataDir));
    return undefined;
  }
  return credentials;
}

function simulatorAccounts(deps: SandboxDeps, merchantId: string, url: string): Change[] {
  return ['Simulator A', 'Simulator B'].flatMap((name, index) => {
    const body = {
      connector: 'card-simulator',
      name,
      priority: index,
      settings: { base_url: url, api_key: `sim_${randomBytes(16).toString('hex')}` },
    };
    return draftAccount({ ...deps, mode: 'sandbox' }, merchantId, body).changes;
  });
}

/** Ports may have changed since: the file and the simulator accounts follow. */
async function refresh(
  deps: SandboxDeps,
  dataDir: string,
  known: Credentials,
  urls: { readonly base: string; readonly simulator: string | null },
): Promise<Credentials> {
  const credentials = { ...known, base_url: urls.base, simulator_url: urls.simulator };
  if (urls.simulator !== null && known.simulator_url !== urls.simulator) {
    const moved: Change[] = [];
    for (const { record, connector, settings } of await deps.accounts.list(known.merchant_id)) {
      const current = settings as { base_url?: string };
      const here = current.base_url === known.simulator_url;
      if (record.connector !== 'card-simulator' || !here) continue;
      const sealed = deps.accounts.sealSettings(record.id, {
        ...current,
        base_url: urls.simulator,
      });
      const { id, version, webhook_version } = record;
      const set = {
        settings: sealed,
        version: version + 1,
        ...replannedEndpoint({ ...deps, mode: 'sandbox' }, connector, record),
        webhook_version: webhook_version + 1,
      };
      moved.push(update('accounts', set, { id, version, webhook_version }, 'account_version'));
    }
    if (moved.length > 0) await deps.db.commit(moved);
    deps.accounts.forget(known.merchant_id);
  }
  if (JSON.stringify(known) !== JSON.stringify(credentials)) {
    writeWhole(credentialsFile(dataDir), `${JSON.stringify(credentials, null, 2)}\n`);
  }
  return credentials;
}
