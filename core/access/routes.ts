/**
 * Merchants, profiles and API keys over HTTP. Longer than most files: fifteen routes, each a
 * literal whose parts (access, schemas, problems, example) are read together.
 */
import { isoTime, type Clock } from '../base/clock.ts';
import { newId } from '../base/id.ts';
import { Problem } from '../sdk/problem.ts';
import {
  defineRoute,
  type IdempotencySlot,
  type Principal,
  type Reply,
  type Route,
  type Scope,
} from '../sdk/route.ts';
import {
  Conflict,
  findOne,
  insert,
  listOf,
  page,
  update,
  type Change,
  type Database,
  type Page,
  type PageQuery,
} from '../storage/index.ts';
import { commitWithAnswer } from './answer.ts';
import type { Idempotency } from './idempotency.ts';
import { presentKey, presentMerchant, presentProfile, type Merchants } from './merchants.ts';
import {
  scopesOf,
  type KeyRecord,
  type MerchantRecord,
  type Mode,
  type ProfileRecord,
} from './record.ts';
import {
  KeyCreateSchema,
  KeyListSchema,
  KeyParams,
  KeyRevokeSchema,
  KeySchema,
  KeyUpdateSchema,
  MerchantCreatedSchema,
  MerchantCreateSchema,
  MerchantListSchema,
  MerchantParams,
  MerchantSchema,
  MerchantUpdateSchema,
  PageSchema,
  ProfileCreateSchema,
  ProfileListSchema,
  ProfileParams,
  ProfileSchema,
  ProfileUpdateSchema,
  type KeyCreateBody,
  type KeyUpdateBody,
  type ProfileUpdateBody,
} from './schema.ts';

export interface AccessRouteDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly merchants: Merchants;
  readonly idempotency: Idempotency;
  /** The mode of new merchants: a box is sandbox or live as a whole. */
  readonly mode: Mode;
}

const management = { rate: 'management' } as const;
const forMerchant = { ...management, tag: 'Merchant' } as const;
const forProfiles = { ...management, tag: 'Profiles' } as const;
const forKeys = { ...management, tag: 'API keys' } as const;
const forAdmin = { ...management, tag: 'Administration', access: { kind: 'admin' } } as const;

function withScope(scope: Scope) {
  return { kind: 'merchant', scope } as const;
}

export function accessRoutes(deps: AccessRouteDeps): readonly Route[] {
  return [
    ...merchantRoutes(deps),
    createProfileRoute(deps),
    listProfilesRoute(deps),
    getProfileRoute(deps),
    updateProfileRoute(deps),
    createKeyRoute(deps),
    listKeysRoute(deps),
    getKeyRoute(deps),
    updateKeyRoute(deps),
    revokeKeyRoute(deps),
    createMerchantRoute(deps),
    listMerchantsRoute(deps),
    getMerchantRoute(deps),
    createMerchantKeyRoute(deps),
  ];
}

/** A lost race, as the caller should hear it; anything else is thrown on. */
function refuseRace(error: unknown): never {
  if (error instanceof Conflict && /^(merchant|profile|api_key)_version$/.test(error.guard)) {
    throw new Problem('concurrent_change', 'it was changed meanwhile: read it again');
  }
  // Another profile became the default one between reading and writing.
  if (error instanceof Conflict && error.guard === 'profiles_one_default') {
    throw new Problem('concurrent_change', 'the default profile was changed meanwhile');
  }
  throw error;
}

// ── The caller's own merchant ──────────────────────────────────────────────────────────────────

function merchantRoutes(deps: AccessRouteDeps): readonly Route[] {
  const path = '/v1/merchant';
  return [
    defineRoute({
      ...forMerchant,
      id: 'getOwnMerchant',
      method: 'get',
      path,
      summary: 'Get your merchant',
      access: withScope('merchant:read'),
      replies: { 200: MerchantSchema },
      problems: [],
      examples: [{ summary: 'Whose key is this?', status: 200 }],
      async handle({ principal }) {
        const merchant = await deps.merchants.merchant(principal.merchantId);
        return { status: 200, body: presentMerchant(merchant) };
      },
    }),
    defineRoute({
      ...forMerchant,
      id: 'updateOwnMerchant',
      method: 'patch',
      path,
      summary: 'Rename your merchant',
      access: withScope('merchant:write'),
      body: MerchantUpdateSchema,
      replies: { 200: MerchantSchema },
      problems: ['concurrent_change'],
      examples: [{ summary: 'A new name', body: { name: 'Corner shop' }, status: 200 }],
      async handle({ principal, body }) {
        const before = await deps.merchants.merchant(principal.merchantId);
        const at = isoTime(deps.clock.now());
        const set = { name: body.name, updated_at: at, version: before.version + 1 };
        const where = { id: before.id, version: before.version };
        await deps.db
          .commit([update('merchants', set, where, 'merchant_version')])
          .catch(refuseRace);
        return { status: 200, body: presentMerchant({ ...before, ...set }) };
      },
    }),
  ];
}

// ── Profiles ───────────────────────────────────────────────────────────────────────────────────

/** Read past the cache of {@link Merchants.profile}: a change needs the version that is stored. */
async function profileOf(
  deps: AccessRouteDeps,
  merchantId: string,
  id: string,
): Promise<ProfileRecord> {
  const where = { id, merchant_id: merchantId };
  const profile = await findOne<ProfileRecord>(deps.db, 'profiles', where);
  if (!profile) throw new Problem('not_found', 'there is no such profile');
  return profile;
}

/**
 * The changes that make `before` what `body` says. The old default steps down first: the unique
 * index on defaults is checked at every statement, not at the end.
 */
async function changeProfile(
  deps: AccessRouteDeps,
  before: ProfileRecord,
  body: ProfileUpdateBody,
): Promise<{ profile: ProfileRecord; changes: Change[] }> {
  const at = isoTime(deps.clock.now());
  const step = (record: ProfileRecord, set: { name?: string; is_default?: 0 | 1 }) => {
    const stamped = { ...set, updated_at: at, version: record.version + 1 };
    const where = { id: record.id, version: record.version };
    return {
      profile: { ...record, ...stamped },
      change: update('profiles', stamped, where, 'profile_version'),
    };
  };
  const name = body.name === undefined ? {} : { name: body.name };
  if (body.is_default !== true || before.is_default === 1) {
    const { profile, change } = step(before, name);
    return { profile, changes: [change] };
  }
  const defaults = { merchant_id: before.merchant_id, is_default: 1 };
  const previous = await findOne<ProfileRecord>(deps.db, 'profiles', defaults);
  const { profile, change } = step(before, { ...name, is_default: 1 });
  const stepDown = previous ? [step(previous, { is_default: 0 }).change] : [];
  return { profile, changes: [...stepDown, change] };
}

function createProfileRoute(deps: AccessRouteDeps): Route {
  return defineRoute({
    ...forProfiles,
    id: 'createProfile',
    method: 'post',
    path: '/v1/profiles',
    summary: 'Create a profile',
    description: 'A profile is a brand or a shop of yours; payments belong to one.',
    access: withScope('merchant:write'),
    body: ProfileCreateSchema,
    replies: { 201: ProfileSchema },
    problems: [],
    examples: [{ summary: 'A second shop', body: { name: 'Web shop' }, status: 201 }],
    async handle({ principal, body, slot }) {
      const now = deps.clock.now();
      const profile: ProfileRecord = {
        id: newId('profile', now),
        merchant_id: principal.merchantId,
        name: body.name,
        is_default: 0,
        created_at: isoTime(now),
        updated_at: isoTime(now),
        version: 1,
      };
      const answer = { status: 201, body: presentProfile(profile) };
      return commitWithAnswer(deps, slot, answer, [insert('profiles', { ...profile })]);
    },
  });
}

function listProfilesRoute(deps: AccessRouteDeps): Route {
  return defineRoute({
    ...forProfiles,
    id: 'listProfiles',
    method: 'get',
    path: '/v1/profiles',
    summary: 'List profiles, newest first',
    access: withScope('merchant:read'),
    query: PageSchema,
    replies: { 200: ProfileListSchema },
    problems: ['invalid_cursor'],
    examples: [{ summary: 'The newest', status: 200 }],
    async handle({ principal, query }) {
      const found = await page<ProfileRecord>(deps.db, 'profiles', principal.merchantId, query);
      return { status: 200, body: listOf(found, found.rows.map(presentProfile)) };
    },
  });
}

function getProfileRoute(deps: AccessRouteDeps): Route {
  return defineRoute({
    ...forProfiles,
    id: 'getProfile',
    method: 'get',
    path: '/v1/profiles/{profile_id}',
    summary: 'Get a profile',
    access: withScope('merchant:read'),
    params: ProfileParams,
    replies: { 200: ProfileSchema },
    problems: ['not_found'],
    examples: [{ summary: 'By id', params: { profile_id: '{profile_id}' }, status: 200 }],
    async handle({ principal, params }) {
      const profile = await profileOf(deps, principal.merchantId, params.profile_id);
      return { status: 200, body: presentProfile(profile) };
    },
  });
}

function updateProfileRoute(deps: AccessRouteDeps): Route {
  return defineRoute({
    ...forProfiles,
    id: 'updateProfile',
    method: 'patch',
    path: '/v1/profiles/{profile_id}',
    summary: 'Rename a profile, or make it the default one',
    access: withScope('merchant:write'),
    params: ProfileParams,
    body: ProfileUpdateSchema,
    replies: { 200: ProfileSchema },
    problems: ['not_found', 'concurrent_change'],
    examples: [
      {
        summary: 'Payments that name no profile go here',
        params: { profile_id: '{profile_id}' },
        body: { is_default: true },
        status: 200,
      },
    ],
    async handle({ principal, params, body }) {
      const before = await profileOf(deps, principal.merchantId, params.profile_id);
      const { profile, changes } = await changeProfile(deps, before, body);
      await deps.db.commit(changes).catch(refuseRace);
      deps.merchants.forgetProfiles();
      return { status: 200, body: presentProfile(profile) };
    },
  });
}

// ── API keys ───────────────────────────────────────────────────────────────────────────────────

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

async function createKey(
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
function columnsOf(
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
async function revokeKey(
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

function createKeyRoute(deps: AccessRouteDeps): Route {
  return defineRoute({
    ...forKeys,
    id: 'createApiKey',
    method: 'post',
    path: '/v1/api_keys',
    summary: 'Create an API key',
    description: 'The answer shows `key`, once: only a digest of it is stored.',
    access: withScope('keys:write'),
    body: KeyCreateSchema,
    replies: { 201: KeySchema },
    problems: ['invalid_request', 'forbidden'],
    examples: [
      {
        summary: 'A key for reports',
        body: { kind: 'secret', name: 'Reports', scopes: ['payments:read', 'events:read'] },
        status: 201,
      },
      { summary: 'A key for the browser', body: { kind: 'public', name: 'Web shop' }, status: 201 },
    ],
    async handle(input) {
      const { merchantId, mode } = input.principal;
      return createKey(deps, { id: merchantId, mode }, input);
    },
  });
}

function listKeysRoute(deps: AccessRouteDeps): Route {
  return defineRoute({
    ...forKeys,
    id: 'listApiKeys',
    method: 'get',
    path: '/v1/api_keys',
    summary: 'List API keys, newest first',
    access: withScope('keys:read'),
    query: PageSchema,
    replies: { 200: KeyListSchema },
    problems: ['invalid_cursor'],
    examples: [{ summary: 'The newest', status: 200 }],
    async handle({ principal, query }) {
      const found = await page<KeyRecord>(deps.db, 'api_keys', principal.merchantId, query);
      return {
        status: 200,
        body: listOf(
          found,
          found.rows.map((key) => presentKey(key)),
        ),
      };
    },
  });
}

function getKeyRoute(deps: AccessRouteDeps): Route {
  return defineRoute({
    ...forKeys,
    id: 'getApiKey',
    method: 'get',
    path: '/v1/api_keys/{key_id}',
    summary: 'Get an API key',
    access: withScope('keys:read'),
    params: KeyParams,
    replies: { 200: KeySchema },
    problems: ['not_found'],
    examples: [{ summary: 'By id', params: { key_id: '{key_id}' }, status: 200 }],
    async handle({ principal, params }) {
      const key = await deps.merchants.key(principal.merchantId, params.key_id);
      return { status: 200, body: presentKey(key) };
    },
  });
}

function updateKeyRoute(deps: AccessRouteDeps): Route {
  return defineRoute({
    ...forKeys,
    id: 'updateApiKey',
    method: 'patch',
    path: '/v1/api_keys/{key_id}',
    summary: 'Rename an API key, or set when it ends',
    description: 'A change is effective with the answer. A revoked key stays revoked.',
    access: withScope('keys:write'),
    params: KeyParams,
    body: KeyUpdateSchema,
    replies: { 200: KeySchema },
    problems: ['invalid_request', 'forbidden', 'not_found', 'concurrent_change'],
    examples: [
      {
        summary: 'A new name, and no end',
        params: { key_id: '{key_id}' },
        body: { name: 'Monthly reports', expires_at: null },
        status: 200,
      },
    ],
    async handle({ principal, params, body }) {
      const before = await deps.merchants.key(principal.merchantId, params.key_id);
      const set = columnsOf(deps, principal, before, body);
      const key = await deps.merchants.changeKey(before, set).catch(refuseRace);
      return { status: 200, body: presentKey(key) };
    },
  });
}

function revokeKeyRoute(deps: AccessRouteDeps): Route {
  return defineRoute({
    ...forKeys,
    id: 'revokeApiKey',
    method: 'post',
    path: '/v1/api_keys/{key_id}/revoke',
    summary: 'Revoke an API key',
    description: 'For good, and effective with the answer. A key may revoke itself.',
    access: withScope('keys:write'),
    params: KeyParams,
    body: KeyRevokeSchema,
    bodyOptional: true,
    replies: { 200: KeySchema },
    problems: ['not_found', 'concurrent_change'],
    examples: [{ summary: 'It leaked', params: { key_id: '{key_id}' }, status: 200 }],
    async handle({ principal, params, slot }) {
      return revokeKey(deps, principal.merchantId, params.key_id, slot);
    },
  });
}

// ── The box's owner ────────────────────────────────────────────────────────────────────────────

/** As storage's `page`, of all merchants: they belong to nobody but the owner of the box. */
async function merchantPage(db: Database, query: PageQuery): Promise<Page<MerchantRecord>> {
  const { limit = 10, starting_after: after, ending_before: before } = query;
  if (after !== undefined && before !== undefined) {
    throw new Problem('invalid_request', 'give starting_after or ending_before, not both', {
      param: 'ending_before',
    });
  }
  const cursor = after ?? before;
  if (cursor !== undefined && !(await findOne(db, 'merchants', { id: cursor }))) {
    throw new Problem('invalid_cursor', 'the cursor is not the id of a merchant', {
      param: after === undefined ? 'ending_before' : 'starting_after',
    });
  }
  const backwards = before !== undefined;
  const select = db.knex('merchants').select('*');
  void select.orderBy('id', backwards ? 'asc' : 'desc').limit(limit + 1);
  if (cursor !== undefined) void select.where('id', backwards ? '>' : '<', cursor);
  const rows = await db.rows<MerchantRecord>(select);
  const shown = rows.slice(0, limit);
  return { rows: backwards ? shown.toReversed() : shown, hasMore: rows.length > limit };
}

function createMerchantRoute(deps: AccessRouteDeps): Route {
  return defineRoute({
    ...forAdmin,
    id: 'createMerchant',
    method: 'post',
    path: '/v1/merchants',
    summary: 'Create a merchant',
    description: 'With a default profile and two keys, which the answer shows once.',
    body: MerchantCreateSchema,
    replies: { 201: MerchantCreatedSchema },
    problems: [],
    examples: [{ summary: 'A new tenant', body: { name: 'Book shop' }, status: 201 }],
    async handle({ body, slot }) {
      const { created, changes } = deps.merchants.draft(body.name, deps.mode);
      const { merchant, profile, secretKey, publicKey } = created;
      const answer = {
        merchant: presentMerchant(merchant),
        profile: presentProfile(profile),
        secret_key: presentKey(secretKey.record, secretKey.key),
        public_key: presentKey(publicKey.record, publicKey.key),
      };
      return commitWithAnswer(deps, slot, { status: 201, body: answer }, changes);
    },
  });
}

function listMerchantsRoute(deps: AccessRouteDeps): Route {
  return defineRoute({
    ...forAdmin,
    id: 'listMerchants',
    method: 'get',
    path: '/v1/merchants',
    summary: 'List merchants, newest first',
    query: PageSchema,
    replies: { 200: MerchantListSchema },
    problems: ['invalid_request', 'invalid_cursor'],
    examples: [{ summary: 'The newest', status: 200 }],
    async handle({ query }) {
      const found = await merchantPage(deps.db, query);
      return { status: 200, body: listOf(found, found.rows.map(presentMerchant)) };
    },
  });
}

function getMerchantRoute(deps: AccessRouteDeps): Route {
  return defineRoute({
    ...forAdmin,
    id: 'getMerchant',
    method: 'get',
    path: '/v1/merchants/{merchant_id}',
    summary: 'Get a merchant',
    params: MerchantParams,
    replies: { 200: MerchantSchema },
    problems: ['not_found'],
    examples: [{ summary: 'By id', params: { merchant_id: '{merchant_id}' }, status: 200 }],
    async handle({ params }) {
      const merchant = await deps.merchants.merchant(params.merchant_id);
      return { status: 200, body: presentMerchant(merchant) };
    },
  });
}

function createMerchantKeyRoute(deps: AccessRouteDeps): Route {
  return defineRoute({
    ...forAdmin,
    id: 'createMerchantApiKey',
    method: 'post',
    path: '/v1/merchants/{merchant_id}/api_keys',
    summary: 'Create an API key for a merchant',
    description: 'For a merchant that has locked itself out.',
    params: MerchantParams,
    body: KeyCreateSchema,
    replies: { 201: KeySchema },
    problems: ['invalid_request', 'not_found'],
    examples: [
      {
        summary: 'A way back in',
        params: { merchant_id: '{merchant_id}' },
        body: { kind: 'secret', name: 'Way back in' },
        status: 201,
      },
    ],
    async handle(input) {
      const merchant = await deps.merchants.merchant(input.params.merchant_id);
      return createKey(deps, merchant, input);
    },
  });
}
