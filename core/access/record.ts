/** Merchants, profiles and keys as stored. */
import type { Scope } from '../sdk/route.ts';

export type Mode = 'sandbox' | 'live';

export interface MerchantRecord {
  readonly id: string;
  readonly name: string;
  readonly mode: Mode;
  readonly created_at: string;
  readonly updated_at: string;
  readonly version: number;
}

export interface ProfileRecord {
  readonly id: string;
  readonly merchant_id: string;
  readonly name: string;
  readonly is_default: 0 | 1;
  /** Where customers go afterwards, unless a payment says otherwise. */
  readonly success_redirect_url: string | null;
  readonly failure_redirect_url: string | null;
  readonly created_at: string;
  readonly updated_at: string;
  readonly version: number;
}

export type KeyKind = 'secret' | 'public' | 'admin';

export interface KeyRecord {
  readonly id: string;
  readonly merchant_id: string | null;
  readonly profile_id: string | null;
  readonly kind: KeyKind;
  readonly mode: Mode;
  readonly name: string;
  readonly digest: string;
  /** The first characters and the last four: enough to recognise a key, not to use it. */
  readonly hint: string;
  /** JSON array of scopes. */
  readonly scopes: string;
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly revoked_at: string | null;
  readonly version: number;
}

export function scopesOf(key: KeyRecord): Scope[] {
  return JSON.parse(key.scopes) as Scope[];
}
