/** Merchants, profiles and keys: who may make what, and when it stops working. */
import { expect } from 'chai';
import { isoTime, minute } from '../base/clock.ts';
import { Conflict } from '../storage/index.ts';
import { describeOnEachDatabase } from '../../test/support/databases.ts';
import type { Route } from '../sdk/route.ts';
import { call, openBench, principalOf, problemOf, slotOf } from './fixture.spec.ts';
import type { Answer, Bench, Call } from './fixture.spec.ts';
import { accessRoutes } from './routes.ts';

describeOnEachDatabase('access management', (database) => {
  let bench: Bench;
  let routes: readonly Route[];
  before(async () => {
    bench = await openBench(await database.open());
    routes = accessRoutes({ ...bench, mode: 'sandbox' });
  });
  // Unset where the suite was skipped for want of a database.
  after(() => (bench as Bench | undefined)?.db.close());

  const own = (id: string, input: Omit<Call, 'principal'> = {}) =>
    call(routes, id, { principal: principalOf(bench.own), ...input });
  const foreign = (id: string, input: Omit<Call, 'principal'> = {}) =>
    call(routes, id, { principal: principalOf(bench.other), ...input });
  const newKey = async (body: object = {}) =>
    (await own('createApiKey', { body: { kind: 'secret', name: 'Spec', ...body } })).body;
  const opens = async (key: unknown) => (await bench.access.principalOf(String(key))) !== undefined;

  describe('API keys', () => {
    it('are shown once; the table holds a digest and nothing of the key', async () => {
      const created = await newKey({ scopes: ['payments:read'] });
      expect(created['key']).to.match(/^sk_sandbox_[0-9A-Za-z]{38}$/);
      const params = { key_id: String(created['id']) };
      expect((await own('getApiKey', { params })).body).not.to.have.property('key');
      const [row] = await bench.db.find<object>('api_keys', { id: String(created['id']) });
      const secretPart = String(created['key']).slice('sk_sandbox_'.length + 2, -4);
      expect(JSON.stringify(row)).not.to.contain(secretPart);
      const principal = await bench.access.principalOf(String(created['key']));
      expect([...(principal?.scopes ?? [])]).to.deep.equal(['payments:read']);
    });

    it('stop working with the answer to their revocation, which may be repeated', async () => {
      const { id, key } = await newKey();
      const params = { key_id: String(id) };
      expect(await opens(key)).to.equal(true);
      const slot = slotOf(bench.own, 'revoke');
      const first = await own('revokeApiKey', { params, slot });
      expect(await opens(key)).to.equal(false);
      bench.clock.advance(minute);
      const again = await own('revokeApiKey', { params, slot: slotOf(bench.own, 'revoke 2') });
      expect(again).to.deep.equal(first);
      const stored = await bench.idempotency.find(bench.own.merchant.id, 'revoke');
      expect(stored && bench.idempotency.answerOf(stored)?.text).to.equal(
        JSON.stringify(first.body),
      );
    });

    it('are revoked for sure, however many others rename them at that moment', async () => {
      const { id, key } = await newKey();
      const params = { key_id: String(id) };
      const renames = ['a', 'b', 'c'].map((name) =>
        own('updateApiKey', { params, body: { name } }).catch((error: unknown) => error),
      );
      await Promise.all([own('revokeApiKey', { params }), ...renames]);
      expect(await opens(key)).to.equal(false);
      expect((await own('getApiKey', { params })).body['revoked_at']).to.be.a('string');
    });

    it('expire when the clock says so', async () => {
      const soon = isoTime(bench.clock.now() + minute);
      const { key } = await newKey({ expires_at: soon });
      expect(await opens(key)).to.equal(true);
      bench.clock.advance(minute - 1);
      expect(await opens(key)).to.equal(true);
      bench.clock.advance(1);
      expect(await opens(key)).to.equal(false);
    });

    it('may be ended now, and times of any offset mean the same moment', async () => {
      const { id, key } = await newKey();
      expect(await opens(key)).to.equal(true);
      const local = isoTime(bench.clock.now() + 7 * 60 * minute).replace('Z', '+07:00');
      const { body } = await own('updateApiKey', {
        params: { key_id: String(id) },
        body: { expires_at: local },
      });
      expect(body['expires_at']).to.equal(isoTime(bench.clock.now()));
      expect(await opens(key)).to.equal(false);
    });

    it('take no end that has passed and none beyond the year 9999', async () => {
      for (const expires_at of [isoTime(bench.clock.now()), '9999-12-31T23:59:59-14:00']) {
        const problem = await problemOf(newKey({ expires_at }), 'invalid_request');
        expect(problem.options.param).to.equal('expires_at');
      }
    });

    it('hand on no scope and no profile that they do not have', async () => {
      const scopes = new Set(['keys:write', 'payments:read'] as const);
      const limited = { principal: principalOf(bench.own, { scopes }) };
      const body = { kind: 'secret', name: 'More' };
      for (const wish of [{}, { scopes: ['payments:write'] }]) {
        const more = call(routes, 'createApiKey', { ...limited, body: { ...body, ...wish } });
        expect((await problemOf(more, 'forbidden')).options.param).to.equal('scopes');
      }
      const same = { ...body, scopes: ['payments:read'] };
      expect((await call(routes, 'createApiKey', { ...limited, body: same })).status).to.equal(201);
      const open = { kind: 'public', name: 'Browser' };
      expect((await call(routes, 'createApiKey', { ...limited, body: open })).status).to.equal(201);

      const profileId = bench.own.profile.id;
      const bound = { principal: principalOf(bench.own, { profileId }) };
      expect((await call(routes, 'createApiKey', { ...bound, body })).body).to.include({
        profile_id: profileId,
      });
      const second = (await own('createProfile', { body: { name: 'Second' } })).body;
      const elsewhere = { ...body, profile_id: second['id'] };
      await problemOf(call(routes, 'createApiKey', { ...bound, body: elsewhere }), 'forbidden');
    });

    it('are not brought back to life by a key with less', async () => {
      const { id } = await newKey({ expires_at: isoTime(bench.clock.now() + minute) });
      const principal = principalOf(bench.own, { scopes: new Set(['keys:write'] as const) });
      const params = { key_id: String(id) };
      const extend = (expires_at: string | null) =>
        call(routes, 'updateApiKey', { principal, params, body: { expires_at } });
      await problemOf(extend(null), 'forbidden');
      await problemOf(extend(isoTime(bench.clock.now() + 2 * minute)), 'forbidden');
      expect((await extend(isoTime(bench.clock.now()))).status).to.equal(200);
    });

    it('bind to profiles of their merchant only; public ones take no scopes', async () => {
      const profile_id = bench.other.profile.id;
      const theirs = await problemOf(newKey({ profile_id }), 'invalid_request');
      expect(theirs.options.param).to.equal('profile_id');
      const scoped = newKey({ kind: 'public', scopes: ['payments:read'] });
      expect((await problemOf(scoped, 'invalid_request')).options.param).to.equal('scopes');
    });

    it('of others look like absent ones', async () => {
      const params = { key_id: bench.own.secretKey.record.id };
      const absent = { key_id: `key_${'0'.repeat(26)}` };
      for (const [id, body] of [
        ['getApiKey', undefined],
        ['updateApiKey', { name: 'Mine' }],
        ['revokeApiKey', undefined],
      ] as const) {
        const input = body === undefined ? {} : { body };
        const theirs = await problemOf(foreign(id, { params, ...input }), 'not_found');
        const none = await problemOf(foreign(id, { params: absent, ...input }), 'not_found');
        expect(theirs.message).to.equal(none.message);
      }
      const listed = (await foreign('listApiKeys')).body['data'] as { id: string }[];
      expect(listed.map(({ id }) => id)).to.have.members([
        bench.other.secretKey.record.id,
        bench.other.publicKey.record.id,
      ]);
    });
  });

  describe('profiles', () => {
    const defaults = () =>
      bench.db.find<{ id: string }>('profiles', {
        merchant_id: bench.own.merchant.id,
        is_default: 1,
      });

    it('there is one default at any time, also when two are named at once', async () => {
      const made = await Promise.all(
        ['North', 'South'].map((name) => own('createProfile', { body: { name } })),
      );
      expect(await bench.merchants.profile(bench.own.merchant.id, undefined)).to.include({
        id: bench.own.profile.id,
      });
      const promote = (profile: Answer) =>
        own('updateProfile', {
          params: { profile_id: String(profile.body['id']) },
          body: { is_default: true },
        });
      const outcomes = await Promise.allSettled(made.map(promote));
      for (const outcome of outcomes) {
        if (outcome.status === 'fulfilled') continue;
        await problemOf(Promise.reject(outcome.reason), 'concurrent_change');
      }
      expect(outcomes.map(({ status }) => status)).to.include('fulfilled');
      const [only, ...more] = await defaults();
      expect(more).to.deep.equal([]);
      const known = await bench.merchants.profile(bench.own.merchant.id, undefined);
      expect(known?.id).to.equal(only?.id);
      expect(made.map(({ body }) => body['id'])).to.include(only?.id);
    });

    it('keep their default when it is named again', async () => {
      const [only] = await defaults();
      const params = { profile_id: String(only?.id) };
      const { body } = await own('updateProfile', { params, body: { is_default: true } });
      expect(body).to.include({ id: only?.id, is_default: true });
    });

    it('come in pages, newest first', async () => {
      const first = (await own('listProfiles', { query: { limit: 2 } })).body;
      const ids = (page: Answer['body']) => (page['data'] as { id: string }[]).map(({ id }) => id);
      expect(first['has_more']).to.equal(true);
      const starting_after = ids(first)[1];
      const rest = (await own('listProfiles', { query: { starting_after } })).body;
      const all = [...ids(first), ...ids(rest)];
      expect(all).to.deep.equal(all.toSorted().toReversed());
      expect(all.at(-1)).to.equal(bench.own.profile.id);
      const query = { starting_after: bench.other.profile.id };
      await problemOf(own('listProfiles', { query }), 'invalid_cursor');
    });
  });

  describe('merchants', () => {
    const admin = (id: string, input: Omit<Call, 'principal'> = {}) => {
      const box = { kind: 'admin', merchantId: '', scopes: new Set<never>() } as const;
      return call(routes, id, { principal: principalOf(bench.own, box), ...input });
    };

    it('see and rename themselves', async () => {
      const renamed = await own('updateOwnMerchant', { body: { name: 'Corner shop' } });
      expect(await own('getOwnMerchant')).to.deep.equal(renamed);
      expect((await foreign('getOwnMerchant')).body['name']).to.equal('Other');
    });

    it('are made by the owner of the box, with keys that work, once a key', async () => {
      const slot = { merchantId: '', key: 'new tenant', fingerprint: 'f', used: false };
      const { body } = await admin('createMerchant', { body: { name: 'Third' }, slot });
      const { merchant, secret_key } = body as {
        merchant: { id: string };
        secret_key: { key: string };
      };
      const principal = await bench.access.principalOf(secret_key.key);
      expect(principal?.merchantId).to.equal(merchant.id);
      const twin = admin('createMerchant', { body: { name: 'Third' }, slot });
      expect(await twin.catch((error: unknown) => error)).to.be.instanceOf(Conflict);

      const params = { merchant_id: merchant.id };
      expect((await admin('getMerchant', { params })).body).to.deep.equal(merchant);
      const wish = { kind: 'secret', name: 'Back in' };
      const key = (await admin('createMerchantApiKey', { params, body: wish })).body['key'];
      expect((await bench.access.principalOf(String(key)))?.merchantId).to.equal(merchant.id);
    });

    it('are listed for him in both directions', async () => {
      const idsOf = async (query: object) =>
        ((await admin('listMerchants', { query })).body['data'] as { id: string }[]).map(
          ({ id }) => id,
        );
      const all = await idsOf({});
      expect(all).to.have.length(3);
      const [newest, middle, oldest] = all;
      expect(await idsOf({ limit: 1, starting_after: newest })).to.deep.equal([middle]);
      expect(await idsOf({ limit: 1, ending_before: oldest })).to.deep.equal([middle]);
      const both = { starting_after: newest, ending_before: oldest };
      await problemOf(idsOf(both), 'invalid_request');
      await problemOf(idsOf({ starting_after: 'mer_none' }), 'invalid_cursor');
    });
  });
});
