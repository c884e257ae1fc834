/** Who is calling: from a bearer token to a principal. */
import type { Clock } from '../base/clock.ts';
import { isoTime } from '../base/clock.ts';
import type { Keyring } from '../base/keyring.ts';
import type { Principal } from '../sdk/route.ts';
import { findOne, type Database } from '../storage/index.ts';
import { looksLikeApiKey } from './api-key.ts';
import { scopesOf, type KeyRecord } from './record.ts';

interface Known {
  readonly key: KeyRecord;
  readonly principal: Principal;
}

export class Access {
  readonly #db: Database;
  readonly #keyring: Keyring;
  readonly #clock: Clock;
  /** SQLite has one process, so it may remember; on Postgres another node may revoke any moment. */
  readonly #known = new Map<string, Known>();

  constructor(db: Database, keyring: Keyring, clock: Clock) {
    this.#db = db;
    this.#keyring = keyring;
    this.#clock = clock;
  }

  digestOf(key: string): string {
    return this.#keyring.digest('api-key-digest', key);
  }

  /** The principal behind a key, or undefined when it is absent, expired, revoked or not a key. */
  async principalOf(bearer: string | undefined): Promise<Principal | undefined> {
    if (bearer === undefined || !looksLikeApiKey(bearer)) return undefined;
    const digest = this.digestOf(bearer);
    const known = this.#known.get(digest) ?? (await this.#read(digest));
    if (!known || known.key.revoked_at !== null) return undefined;
    const { expires_at: expiresAt } = known.key;
    if (expiresAt !== null && expiresAt <= isoTime(this.#clock.now())) return undefined;
    return known.principal;
  }

  /** Called after any change of a key, so that it is effective with the answer. */
  forget(digest: string): void {
    this.#known.delete(digest);
  }

  async #read(digest: string): Promise<Known | undefined> {
    const key = await findOne<KeyRecord>(this.#db, 'api_keys', { digest });
    if (!key) return undefined;
    const known = {
      key,
      principal: {
        kind: key.kind,
        keyId: key.id,
        merchantId: key.merchant_id ?? '',
        profileId: key.profile_id ?? undefined,
        mode: key.mode,
        scopes: new Set(scopesOf(key)),
      },
    };
    if (this.#db.dialect === 'sqlite') this.#known.set(digest, known);
    return known;
  }
}
