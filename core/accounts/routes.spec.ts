/** Processor accounts: settings checked by their connector, sealed at rest, masked in answers. */
import { expect } from 'chai';
import { Type } from 'typebox';
import { call, openBench, principalOf, problemOf, slotOf } from '../access/fixture.spec.ts';
import type { Bench, Call } from '../access/fixture.spec.ts';
import { defineConnector, type AnyConnector } from '../sdk/connector.ts';
import { Fault } from '../sdk/fault.ts';
import type { Route } from '../sdk/route.ts';
import { secretText } from '../sdk/schema.ts';
import { strict } from '../sdk/vocabulary.ts';
import { describeOnEachDatabase } from '../../test/support/databases.ts';
import { Accounts, settingsBinding, type AccountRecord } from './account.ts';
import { accountRoutes } from './routes.ts';

function connectorNamed(id: string, sandboxOnly: boolean) {
  const refused = async () => {
    throw new Fault('unreachable', 'the spec calls no processor');
  };
  return defineConnector({
    id,
    name: id,
    settings: strict({
      base_url: Type.String({ format: 'uri' }),
      api_key: secretText('The key'),
      region: Type.Optional(Type.Enum(['eu', 'us'])),
      keys: Type.Optional(strict({ private: secretText('Signs') })),
    }),
    ref: strict({ charge: Type.String() }),
    replayWindowMs: 0,
    sandboxOnly,
    methods: {},
    operations: { authorize: refused, sync: refused },
  }) as unknown as AnyConnector;
}

describeOnEachDatabase('processor accounts', (database) => {
  let bench: Bench;
  let accounts: Accounts;
  let routes: readonly Route[];
  const connectors = new Map([
    ['real-bank', connectorNamed('real-bank', false)],
    ['test-bank', connectorNamed('test-bank', true)],
  ]);

  before(async () => {
    bench = await openBench(await database.open());
    const http = {
      send: async () => {
        throw new Fault('unreachable', 'the spec calls no processor');
      },
    };
    accounts = new Accounts(bench.db, bench.keyring, { connectors, portOf: () => http });
    routes = accountRoutes({ ...bench, accounts, mode: 'sandbox' });
  });
  // Unset where the suite was skipped for want of a database.
  after(() => (bench as Bench | undefined)?.db.close());

  const own = (id: string, input: Omit<Call, 'principal'> = {}) =>
    call(routes, id, { principal: principalOf(bench.own), ...input });
  const foreign = (id: string, input: Omit<Call, 'principal'> = {}) =>
    call(routes, id, { principal: principalOf(bench.other), ...input });

  const settings = { base_url: 'https://bank.test/v2', api_key: 'sk_hidden_word' };
  const create = (name: string, changes: object = {}) =>
    own('createAccount', { body: { connector: 'test-bank', name, settings, ...changes } });
  const listed = async () =>
    (await accounts.list(bench.own.merchant.id)).map(({ record }) => record.name);

  it('keep their settings sealed and answer with a mask', async () => {
    const slot = slotOf(bench.own, 'create');
    const { status, body } = await own('createAccount', {
      body: { connector: 'test-bank', name: 'First', settings },
      slot,
    });
    expect(status).to.equal(201);
    expect(body).to.deep.include({
      connector: 'test-bank',
      status: 'active',
      priority: 0,
      weight: 1,
      hold_validity_hours: 168,
      tags: [],
      limits: null,
      settings: { base_url: settings.base_url, api_key: '[secret]' },
    });
    const params = { account_id: String(body['id']) };
    expect((await own('getAccount', { params })).body).to.deep.equal(body);
    expect((await own('listAccounts')).body['data']).to.deep.equal([body]);

    const [row] = await bench.db.find<AccountRecord>('accounts', { id: params.account_id });
    expect(JSON.stringify(row)).not.to.match(/hidden|bank\.test/);
    const text = String(row?.settings);
    const open = (id: string) => bench.keyring.open('account-settings', settingsBinding(id), text);
    expect(JSON.parse(open(params.account_id))).to.deep.equal(settings);
    expect(() => open('acct_other')).to.throw();
    const stored = await bench.idempotency.find(bench.own.merchant.id, 'create');
    expect(stored && bench.idempotency.answerOf(stored)?.text).not.to.contain('hidden');
  });

  it('refuse settings by naming the field and the rule, never the value', async () => {
    const cases: [object, string][] = [
      [{ base_url: settings.base_url }, 'settings.api_key'],
      [{ ...settings, api_key: ['sk_hidden_word'] }, 'settings.api_key'],
      [{ ...settings, base_url: 'sk_hidden_word' }, 'settings.base_url'],
      [{ ...settings, region: 'sk_hidden_word' }, 'settings.region'],
      [{ ...settings, apikey: 'sk_hidden_word' }, 'settings.apikey'],
      [{ ...settings, keys: { private: 7 } }, 'settings.keys.private'],
    ];
    for (const [wrong, param] of cases) {
      const problem = await problemOf(create('Wrong', { settings: wrong }), 'invalid_request');
      expect(problem.options.param).to.equal(param);
      expect(problem.message).not.to.contain('hidden');
      expect(problem.message).to.contain(param);
    }
    expect(await listed()).not.to.include('Wrong');
  });

  it('name the connectors there are; live mode leaves out test doubles', async () => {
    const unknown = await problemOf(create('Odd', { connector: 'no-bank' }), 'invalid_request');
    expect(unknown.options.param).to.equal('connector');
    expect(unknown.message).to.contain('real-bank, test-bank');

    const live = accountRoutes({ ...bench, accounts, mode: 'live' });
    const principal = principalOf(bench.own, { mode: 'live' });
    const createLive = (connector: string) =>
      call(live, 'createAccount', { principal, body: { connector, name: connector, settings } });
    const double = await problemOf(createLive('test-bank'), 'invalid_request');
    expect(double.options.param).to.equal('connector');
    expect((await problemOf(createLive('no-bank'), 'invalid_request')).message).not.to.contain(
      'test-bank',
    );
    expect((await createLive('real-bank')).status).to.equal(201);
  });

  it('have names of their own, free again once deleted', async () => {
    const { body } = await create('Twin');
    const problem = await problemOf(create('Twin'), 'reference_taken');
    expect(problem.options.param).to.equal('name');
    const params = { account_id: String(body['id']) };
    expect((await own('deleteAccount', { params })).body).to.deep.equal({
      id: body['id'],
      object: 'account',
      deleted: true,
    });
    expect((await create('Twin')).status).to.equal(201);
  });

  it('are used as changed from the next payment on', async () => {
    const { body } = await create('Changing');
    expect(await listed()).to.include('Changing');
    const params = { account_id: String(body['id']) };
    bench.clock.advance(1);
    const changed = await own('updateAccount', {
      params,
      body: { name: 'Changed', status: 'disabled', settings: { ...settings, api_key: 'sk_new' } },
    });
    expect(changed.body).to.deep.equal({
      ...body,
      name: 'Changed',
      status: 'disabled',
      updated_at: changed.body['updated_at'],
    });
    const account = await accounts.find(bench.own.merchant.id, params.account_id);
    expect(account?.settings).to.include({ api_key: 'sk_new' });
    expect(account?.record).to.include({ name: 'Changed', status: 'disabled', version: 2 });
  });

  it('changed twice at once, one change wins and the other is told', async () => {
    const { body } = await create('Raced');
    const params = { account_id: String(body['id']) };
    const outcomes = await Promise.allSettled(
      [1, 2].map((priority) => own('updateAccount', { params, body: { priority } })),
    );
    const lost = outcomes.filter((outcome) => outcome.status === 'rejected');
    const { body: after } = await own('getAccount', { params });
    expect([1, 2]).to.include(after['priority']);
    for (const { reason } of lost) await problemOf(Promise.reject(reason), 'concurrent_change');
    if (bench.db.dialect === 'sqlite') expect(lost).to.have.length(1);
  });

  it('take no payments once deleted and stay for what was begun with them', async () => {
    const { body } = await create('Gone');
    const params = { account_id: String(body['id']) };
    await own('deleteAccount', { params });
    for (const id of ['getAccount', 'deleteAccount']) {
      await problemOf(own(id, { params }), 'not_found');
    }
    await problemOf(own('updateAccount', { params, body: { weight: 2 } }), 'not_found');
    expect(await listed()).not.to.include('Gone');
    const kept = await accounts.find(bench.own.merchant.id, params.account_id);
    expect(kept?.settings).to.deep.equal(settings);
  });

  it('of others look like absent ones', async () => {
    const { body } = await create('Private');
    for (const account_id of [String(body['id']), `acct_${'0'.repeat(26)}`]) {
      const params = { account_id };
      for (const id of ['getAccount', 'deleteAccount']) {
        const problem = await problemOf(foreign(id, { params }), 'not_found');
        expect(problem.message).to.equal('there is no such account');
      }
      await problemOf(foreign('updateAccount', { params, body: { weight: 2 } }), 'not_found');
    }
    expect((await foreign('listAccounts')).body['data']).to.deep.equal([]);
  });

  it('whose connector was uninstalled can be looked at and deleted, not set up anew', async () => {
    const { body } = await create('Orphan');
    const bare = new Accounts(bench.db, bench.keyring, {
      connectors: new Map(),
      portOf: () => {
        throw new Error('no account can be opened');
      },
    });
    const without = accountRoutes({ ...bench, accounts: bare, mode: 'sandbox' });
    const principal = principalOf(bench.own);
    const params = { account_id: String(body['id']) };
    const shown = await call(without, 'getAccount', { principal, params });
    expect(shown.body['settings']).to.equal(null);
    const anew = call(without, 'updateAccount', { principal, params, body: { settings } });
    expect((await problemOf(anew, 'invalid_request')).options.param).to.equal('settings');
    const gone = await call(without, 'deleteAccount', { principal, params });
    expect(gone.body['deleted']).to.equal(true);
  });
});
