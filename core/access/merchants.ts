/** Merchants, profiles and keys: the verbs. Each is one commit. */
import { isoTime, type Clock } from '../base/clock.ts';
import { newId } from '../base/id.ts';
import { Problem } from '../sdk/problem.ts';
import { scopes as allScopes, type Scope } from '../sdk/route.ts';
import { findOne, insert, update, type Change, type Database, type Row } from '../storage/index.ts';
import type { Access } from './access.ts';
import { hintOf, newApiKey } from './api-key.ts';
import {
  scopesOf,
  type KeyKind,
  type KeyRecord,
  type MerchantRecord,
  type Mode,
  type ProfileRecord,
} from './record.ts';

export interface NewKey {
  readonly record: KeyRecord;
  /** Shown once, in the answer that creates it. */
  readonly key: string;
}

export interface NewMerchant {
  readonly merchant: MerchantRecord;
  readonly profile: ProfileRecord;
  readonly secretKey: NewKey;
  readonly publicKey: NewKey;
}

export interface KeyWish {
  readonly kind: KeyKind;
  readonly name: string;
  readonly profileId?: string | undefined;
  readonly scopes?: readonly Scope[] | undefined;
  readonly expiresAt?: string | undefined;
}

export class Merchants {
  readonly #db: Database;
  readonly #access: Access;
  readonly #clock: Clock;
  /** Remembered on SQLite alone, where no other process can change them. */
  readonly #profiles = new Map<string, ProfileRecord>();

  constructor(db: Database, access: Access, clock: Clock) {
    this.#db = db;
    this.#access = access;
    this.#clock = clock;
  }

  /** A merchant with its default profile and its first two keys, as rows not yet committed. */
  draft(name: string, mode: Mode): { created: NewMerchant; changes: Change[] } {
    const now = this.#clock.now();
    const at = isoTime(now);
    const stamps = { created_at: at, updated_at: at, version: 1 };
    const merchant: MerchantRecord = { id: newId('merchant', now), name, mode, ...stamps };
    const profile: ProfileRecord = {
      id: newId('profile', now),
      merchant_id: merchant.id,
      name: 'Default',
      is_default: 1,
      success_redirect_url: null,
      failure_redirect_url: null,
      ...stamps,
    };
    const secretKey = this.draftKey(merchant.id, mode, {
      kind: 'secret',
      name: 'First secret key',
    });
    const publicKey = this.draftKey(merchant.id, mode, {
      kind: 'public',
      name: 'First public key',
    });
    return {
      created: { merchant, profile, secretKey, publicKey },
      changes: [
        insert('merchants', { ...merchant }),
        insert('profiles', { ...profile }),
        insert('api_keys', { ...secretKey.record }),
        insert('api_keys', { ...publicKey.record }),
      ],
    };
  }

  draftKey(merchantId: string | null, mode: Mode, wish: KeyWish): NewKey {
    const now = this.#clock.now();
    const key = newApiKey(wish.kind, mode);
    const scopes = wish.kind === 'secret' ? (wish.scopes ?? allScopes) : [];
    const record: KeyRecord = {
      id: newId('apiKey', now),
      merchant_id: merchantId,
      profile_id: wish.profileId ?? null,
      kind: wish.kind,
      mode,
      name: wish.name,
      digest: this.#access.digestOf(key),
      hint: hintOf(key),
      scopes: JSON.stringify(scopes),
      created_at: isoTime(now),
      expires_at: wish.expiresAt ?? null,
      revoked_at: null,
      version: 1,
    };
    return { record, key };
  }

  async merchant(id: string): Promise<MerchantRecord> {
    const merchant = await findOne<MerchantRecord>(this.#db, 'merchants', { id });
    if (!merchant) throw new Problem('not_found', 'there is no such merchant');
    return merchant;
  }

  async key(merchantId: string, id: string): Promise<KeyRecord> {
    const key = await findOne<KeyRecord>(this.#db, 'api_keys', { id, merchant_id: merchantId });
    if (!key) throw new Problem('not_found', 'there is no such API key');
    return key;
  }

  /** Renames a key or sets when it ends; `extra` lands in the same commit. */
  async changeKey(
    key: KeyRecord,
    set: { name?: string; expires_at?: string | null; revoked_at?: string },
    extra: (after: KeyRecord) => Change[] = () => [],
  ): Promise<KeyRecord> {
    const after = { ...key, ...set, version: key.version + 1 };
    await this.#db.commit([
      update(
        'api_keys',
        { ...set, version: after.version },
        { id: key.id, version: key.version },
        'api_key_version',
      ),
      ...extra(after),
    ]);
    this.#access.forget(key.digest);
    return after;
  }

  /**
   * A profile of the merchant's, the default one when no id is given; undefined when not theirs.
   */
  async profile(merchantId: string, id: string | undefined): Promise<ProfileRecord | undefined> {
    const cacheKey = `${merchantId} ${id ?? ''}`;
    const known = this.#profiles.get(cacheKey);
    if (known) return known;
    const where: Row = id === undefined ? { is_default: 1 } : { id };
    const profile = await findOne<ProfileRecord>(this.#db, 'profiles', {
      merchant_id: merchantId,
      ...where,
    });
    if (profile && this.#db.dialect === 'sqlite') this.#profiles.set(cacheKey, profile);
    return profile;
  }

  forgetProfiles(): void {
    this.#profiles.clear();
  }

  /** A key may hand on what it has, nothing more. */
  assertGrantable(wanted: readonly Scope[] | undefined, held: ReadonlySet<Scope>): void {
    const beyond = (wanted ?? allScopes).filter((scope) => !held.has(scope));
    if (beyond.length === 0) return;
    throw new Problem('forbidden', `this key does not have ${beyond.join(', ')} to give`, {
      param: 'scopes',
    });
  }
}

export function presentMerchant(merchant: MerchantRecord) {
  return {
    id: merchant.id,
    object: 'merchant' as const,
    name: merchant.name,
    mode: merchant.mode,
    created_at: merchant.created_at,
    updated_at: merchant.updated_at,
  };
}

export function presentProfile(profile: ProfileRecord) {
  return {
    id: profile.id,
    object: 'profile' as const,
    name: profile.name,
    is_default: profile.is_default === 1,
    success_redirect_url: profile.success_redirect_url,
    failure_redirect_url: profile.failure_redirect_url,
    created_at: profile.created_at,
    updated_at: profile.updated_at,
  };
}

/** `key` is the full text, present only in the answer that creates it. */
export function presentKey(record: KeyRecord, key?: string) {
  return {
    id: record.id,
    object: 'api_key' as const,
    kind: record.kind,
    mode: record.mode,
    name: record.name,
    hint: record.hint,
    profile_id: record.profile_id,
    scopes: scopesOf(record),
    created_at: record.created_at,
    expires_at: record.expires_at,
    revoked_at: record.revoked_at,
    ...(key === undefined ? {} : { key }),
  };
}
