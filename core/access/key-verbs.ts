/** Giving, changing and revoking API keys: who may hand on what, and since when it holds. */
import { isoTime } from '../base/clock.ts';
import { Problem } from '../sdk/problem.ts';
import type { IdempotencySlot, Principal, Reply, Scope } from '../sdk/route.ts';
import { Conflict, insert, type Change } from '../storage/index.ts';
import { commitWithAnswer } from '../idempotency/answer.ts';
import { presentKey } from './merchants.ts';
import { scopesOf, type KeyRecord, type MerchantRecord } from './record.ts';
import { refuseRace, type AccessRouteDeps } from './route-parts.ts';
import type { KeyCreateBody, KeyUpdateBody } from './schema.ts';

/**
 * A time in the one spelling that rows hold: they are compared as texts, so other offsets and years
 * of five digits would sort wrongly.
 */
function timeOf(given: string): string {
  const ms = Date.parse(given);
  const time = Number.isNaN(ms) ? '' : isoTime(ms);
  if (time.length === '2026-11-21T10:00:00.000Z'.length) return time;
  throw new Problem('invalid_request', 'expires_at is not a time between the years 0 and 9999', {
    param: 'expires_at',
  });
}

/** A key may hand on what it has: its scopes, and its profile when it is bound to one. */
function assertMayGrant(
  deps: AccessRouteDeps,
  principal: Principal,
  key: { readonly scopes: readonly Scope[] | undefined; readonly profileId: string | undefined },
): void {
  deps.merchants.assertGrantable(key.scopes, principal.scopes);
  if (principal.profileId === undefined || principal.profileId === key.profileId) return;
  throw new Problem('forbidden', 'this key is bound to a profile and has no other to give', {
    param: 'profile_id',
  });
}

/** What was asked of a new key, checked; the caller is a merchant's key or the box's owner. */
async function wishOf(
  deps: AccessRouteDeps,
  merchantId: string,
  principal: Principal,
  body: KeyCreateBody,
) {
  const { kind, name, scopes } = body;
  if (kind === 'public' && scopes !== undefined) {
    throw new Problem('invalid_request', 'public keys take no scopes', { param: 'scopes' });
  }
  const profileId = body.profile_id ?? principal.profileId;
  if (principal.kind !== 'admin') {
    assertMayGrant(deps, principal, { scopes: kind === 'public' ? [] : scopes, profileId });
  }
  if (profileId !== undefined && !(await deps.merchants.profile(merchantId, profileId))) {
    throw new Problem('invalid_request', 'there is no such profile', { param: 'profile_id' });
  }
  const expiresAt = body.expires_at === undefined ? undefined : timeOf(body.expires_at);
  if (expiresAt !== undefined && expiresAt <= isoTime(deps.clock.now())) {
    throw new Problem('invalid_request', 'expires_at must be in the future', {
      param: 'expires_at',
    });
  }
  return { kind, name, profileId, scopes, expiresAt };
}

export async function createKey(
  deps: AccessRouteDeps,
  merchant: Pick<MerchantRecord, 'id' | 'mode'>,
  input: { principal: Principal; body: KeyCreateBody; slot: IdempotencySlot | undefined },
): Promise<Reply> {
  const wish = await wishOf(deps, merchant.id, input.principal, input.body);
  const { record, key } = deps.merchants.draftKey(merchant.id, merchant.mode, wish);
  const answer = { status: 201, body: presentKey(record, key) };
  return commitWithAnswer(deps, input.slot, answer, [insert('api_keys', { ...record })]);
}

/** A later end is a new grant: whoever gives it must have what the key has. */
export function columnsOf(
  deps: AccessRouteDeps,
  principal: Principal,
  key: KeyRecord,
  body: KeyUpdateBody,
): { name?: string; expires_at?: string | null } {
  const name = body.name === undefined ? {} : { name: body.name };
  if (body.expires_at === undefined) return name;
  const expiresAt = body.expires_at === null ? null : timeOf(body.expires_at);
  const later = key.expires_at !== null && (expiresAt === null || expiresAt > key.expires_at);
  if (later) {
    const profileId = key.profile_id ?? undefined;
    assertMayGrant(deps, principal, { scopes: scopesOf(key), profileId });
  }
  return { ...name, expires_at: expiresAt };
}

/**
 * Revokes, or finds the key revoked: both are answered alike. Renaming a key at the same moment
 * must not keep it alive, so a lost race is run again.
 */
export async function revokeKey(
  deps: AccessRouteDeps,
  merchantId: string,
  id: string,
  slot: IdempotencySlot | undefined,
): Promise<Reply> {
  for (let attempt = 1; ; attempt += 1) {
    const key = await deps.merchants.key(merchantId, id);
    const taken = (shown: KeyRecord): Change[] => {
      const text = JSON.stringify(presentKey(shown));
      return slot ? [deps.idempotency.takeDone(slot, { status: 200, text })] : [];
    };
    if (key.revoked_at !== null) {
      const changes = taken(key);
      if (changes.length > 0) await deps.db.commit(changes);
      return { status: 200, body: presentKey(key) };
    }
    try {
      const set = { revoked_at: isoTime(deps.clock.now()) };
      return { status: 200, body: presentKey(await deps.merchants.changeKey(key, set, taken)) };
    } catch (error) {
      const lost = error instanceof Conflict && error.guard === 'api_key_version';
      if (!lost || attempt === 10) return refuseRace(error);
    }
  }
}
