/** A merchant's profiles over HTTP: its brands and shops. */
import { isoTime } from '../base/clock.ts';
import { newId } from '../base/id.ts';
import { Problem } from '../sdk/problem.ts';
import { defineRoute, type Route } from '../sdk/route.ts';
import { findOne, insert, listOf, page, update, type Change } from '../storage/index.ts';
import { commitWithAnswer } from '../idempotency/answer.ts';
import { presentProfile } from './merchants.ts';
import type { ProfileRecord } from './record.ts';
import { management, refuseRace, withScope, type AccessRouteDeps } from './route-parts.ts';
import {
  ProfileCreateSchema,
  ProfileListQuery,
  ProfileListSchema,
  ProfileParams,
  ProfileSchema,
  ProfileUpdateSchema,
  type ProfileUpdateBody,
} from './schema.ts';

const forProfiles = { ...management, tag: 'Profiles' } as const;

export function profileRoutes(deps: AccessRouteDeps): readonly Route[] {
  return [
    createProfileRoute(deps),
    listProfilesRoute(deps),
    getProfileRoute(deps),
    updateProfileRoute(deps),
  ];
}

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
  const step = (record: ProfileRecord, set: Partial<ProfileRecord>) => {
    const stamped = { ...set, updated_at: at, version: record.version + 1 };
    const where = { id: record.id, version: record.version };
    return {
      profile: { ...record, ...stamped },
      change: update('profiles', stamped, where, 'profile_version'),
    };
  };
  const { is_default: chosen, ...described } = body;
  if (chosen !== true || before.is_default === 1) {
    const { profile, change } = step(before, described);
    return { profile, changes: [change] };
  }
  const defaults = { merchant_id: before.merchant_id, is_default: 1 };
  const previous = await findOne<ProfileRecord>(deps.db, 'profiles', defaults);
  const { profile, change } = step(before, { ...described, is_default: 1 });
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
        success_redirect_url: body.success_redirect_url ?? null,
        failure_redirect_url: body.failure_redirect_url ?? null,
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
    query: ProfileListQuery,
    replies: { 200: ProfileListSchema },
    problems: ['invalid_cursor'],
    examples: [{ summary: 'The newest', status: 200 }],
    async handle({ principal, query }) {
      const { merchantId } = principal;
      const found = await page<ProfileRecord>(deps.db, 'profiles', merchantId, query, (select) => {
        const { is_default: wanted } = query;
        if (wanted !== undefined) void select.where('is_default', wanted ? 1 : 0);
      });
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
    summary: 'Rename a profile, say where its customers go, or make it the default one',
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
