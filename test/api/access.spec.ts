/**
 * Who may call what: a row for every route (a new one without a row fails, by name), a column for
 * every kind of caller. What belongs to others answers exactly like what does not exist.
 */
import { expect } from 'chai';
import { newId, prefixes, type Noun } from '../../core/base/id.ts';
import type { Route } from '../../core/sdk/route.ts';
import { newIdOf } from '../../plugins/checkout/ids.ts';
import { startTestSwitch, testNowMs, type Answer, type TestSwitch } from '../support/app.ts';
import { describeOnEachDatabase } from '../support/databases.ts';
import { filled, requestOf, routes, type ReadyRequest } from '../support/fixtures.ts';
import { keepingConnectors } from '../support/method-keeper.ts';

/**
 * What a route guards. `own`: one merchant's object, named in the path or the body · `self`: what
 * the caller has one of · `list`: the caller's own objects · `create`: something new of the
 * caller's · `same`: the same for every merchant · `box`: the owner's alone · `open`: anyone's.
 * With `@profile` a key bound to another profile must not see the object either.
 */
const table: Readonly<
  Record<string, 'own' | 'own@profile' | 'self' | 'list' | 'create' | 'same' | 'box' | 'open'>
> = {
  createPayment: 'create',
  updatePayment: 'own@profile',
  confirmPayment: 'own@profile',
  capturePayment: 'own@profile',
  voidPayment: 'own@profile',
  cancelPayment: 'own@profile',
  approvePayment: 'own@profile',
  rejectPayment: 'own@profile',
  listPayments: 'list',
  getPayment: 'own@profile',
  syncPayment: 'own@profile',
  listOperations: 'own@profile',
  createRefund: 'own@profile',
  listRefunds: 'list',
  getRefund: 'own@profile',
  createCustomer: 'create',
  listCustomers: 'list',
  getCustomer: 'own',
  updateCustomer: 'own',
  deleteCustomer: 'own',
  createSetup: 'create',
  getSetup: 'own',
  syncSetup: 'own',
  cancelSetup: 'own',
  createPaymentMethod: 'create',
  listPaymentMethods: 'own',
  getPaymentMethod: 'own',
  updatePaymentMethod: 'own',
  deletePaymentMethod: 'own',
  listDisputes: 'list',
  getDispute: 'own@profile',
  giveEvidence: 'own@profile',
  acceptDispute: 'own@profile',
  takeWebhook: 'open',
  listIncomingWebhooks: 'list',
  getIncomingWebhook: 'own@profile',
  replayIncomingWebhook: 'own@profile',
  createWebhookEndpoint: 'create',
  listWebhookEndpoints: 'list',
  getWebhookEndpoint: 'own@profile',
  updateWebhookEndpoint: 'own@profile',
  deleteWebhookEndpoint: 'own@profile',
  rotateWebhookSecret: 'own@profile',
  testWebhookEndpoint: 'own@profile',
  replayWebhooks: 'own@profile',
  listWebhookDeliveries: 'list',
  getWebhookDelivery: 'own@profile',
  resendWebhook: 'own@profile',
  getProfileWebhookSecret: 'own@profile',
  listEvents: 'list',
  getEvent: 'own@profile',
  createAccount: 'create',
  listAccounts: 'list',
  getAccount: 'own',
  updateAccount: 'own',
  deleteAccount: 'own',
  checkAccount: 'own',
  rotateAccount: 'own',
  listBalanceTransactions: 'own',
  listPayouts: 'own',
  listConnectors: 'same',
  getConnector: 'same',
  getAccountHealth: 'own',
  getPaymentRouting: 'own@profile',
  getRouting: 'self',
  setRouting: 'self',
  deleteRouting: 'self',
  listRoutingVersions: 'self',
  getRoutingVersion: 'own',
  lintRouting: 'self',
  explainRouting: 'self',
  backtestRouting: 'self',
  getRoutingDraft: 'self',
  setRoutingDraft: 'self',
  deleteRoutingDraft: 'self',
  promoteRoutingDraft: 'own',
  listRoutingDecisions: 'self',
  getOwnMerchant: 'list',
  updateOwnMerchant: 'create',
  createProfile: 'create',
  listProfiles: 'list',
  getProfile: 'own',
  updateProfile: 'own',
  createApiKey: 'create',
  listApiKeys: 'list',
  getApiKey: 'own',
  updateApiKey: 'own',
  revokeApiKey: 'own',
  createMerchant: 'box',
  listMerchants: 'box',
  getMerchant: 'box',
  createMerchantApiKey: 'box',
  verifyLedger: 'box',
  getSecrets: 'box',
  resealSecrets: 'box',
  getClock: 'box',
  advanceClock: 'box',
  returnFromProcessor: 'open',
  createCheckoutSession: 'create',
  listCheckoutSessions: 'list',
  getCheckoutSession: 'own@profile',
  completeCheckoutSession: 'own@profile',
  expireCheckoutSession: 'own@profile',
  createPaymentLink: 'create',
  listPaymentLinks: 'list',
  getPaymentLink: 'own@profile',
  deactivatePaymentLink: 'own@profile',
};

/** Open routes, with ids of nothing. */
const filledOpen: Readonly<Record<string, string>> = {
  returnFromProcessor: '/return/mer_x/pay_x/00',
  takeWebhook: `/webhooks/${newId('account', testNowMs)}`,
};

/** `pay` → payment: to make up ids of the same noun. */
const nouns = Object.fromEntries(
  Object.entries(prefixes).map(([noun, prefix]) => [prefix, noun as Noun]),
);

describe('the table of routes and callers', () => {
  it('has a row for every route and no other', () => {
    const ids = routes.map(({ id }) => id);
    const missing = ids.filter((id) => !(id in table));
    expect(missing, 'routes without a row in test/api/access.spec.ts').to.deep.equal([]);
    expect(Object.keys(table).filter((id) => !ids.includes(id))).to.deep.equal([]);
  });
});

describeOnEachDatabase('access', (database) => {
  let app: TestSwitch;
  let keys: Record<
    'other' | 'revoked' | 'expired' | 'unscoped' | 'bound' | 'admin' | 'public' | 'spare',
    string
  >;

  before(async () => {
    const yaml =
      'rate_limits: { public: { per_second: 100000 }, management: { per_second: 100000 } }\n';
    app = await startTestSwitch(await database.open(), {
      yaml,
      connectors: keepingConnectors(),
    });
    const { credentials } = app;
    const admin = credentials.admin_key;
    const made = await app.call('/v1/merchants', { key: admin, body: { name: 'Other' } });
    const { id: profile_id } = (await app.call('/v1/profiles', { body: { name: 'Second' } })).body;
    const newKey = async (more: object) => {
      const body = { kind: 'secret', name: 'k', ...more };
      return (await app.call('/v1/api_keys', { body })).body;
    };
    const revoked = await newKey({});
    await app.call(`/v1/api_keys/${revoked['id']}/revoke`, { method: 'POST' });
    const expired = await newKey({ expires_at: '2026-11-21T10:00:01.000Z' });
    app.clock.advance(1000);
    keys = {
      other: made.body['secret_key'].key,
      revoked: revoked['key'],
      expired: expired['key'],
      unscoped: '',
      bound: (await newKey({ profile_id }))['key'],
      admin,
      public: credentials.public_key,
      spare: 'sk_sandbox_00000000000000000000000000000000000000',
    };
  });
  after(async () => {
    expect(app?.complaints ?? []).to.deep.equal([]);
    await app?.stop();
  });

  const send = ({ path, method, body }: ReadyRequest, key: string | null) =>
    app.call(path, { method, body, key });

  /** The request of the route's first example, on fresh objects of the sandbox's merchant. */
  async function ready(route: Route): Promise<ReadyRequest & { status: number }> {
    const example = route.examples?.[0] ?? { summary: '', status: 200 };
    return { ...(await requestOf({ app }, route, example)), status: example.status };
  }

  /** The same request about objects that never were. */
  async function absent(request: ReadyRequest): Promise<ReadyRequest> {
    const swap = (text: string) =>
      text.replaceAll(/\b([a-z]+)_[0-9a-z]{26}\b/g, (whole, prefix: string) => {
        const noun = nouns[prefix];
        if (noun) return newId(noun, testNowMs);
        return prefix === 'cs' || prefix === 'plink' ? newIdOf(prefix, testNowMs) : whole;
      });
    const body =
      request.body === undefined ? undefined : JSON.parse(swap(JSON.stringify(request.body)));
    return { ...request, path: swap(request.path), body };
  }

  const withoutRequestId = ({ text }: Answer) => text.replace(/"request_id":"req_\w+"/, '');

  async function expectRefused(request: ReadyRequest, key: string | null, code: string) {
    const answer = await send(request, key);
    expect(answer.body['code'], answer.text).to.equal(code);
    expect(answer.status).to.equal(code === 'unauthorized' ? 401 : 403);
    if (code === 'unauthorized') {
      expect(answer.headers.get('www-authenticate')).to.equal('Bearer');
    }
  }

  for (const route of routes) {
    const guards = table[route.id] ?? 'open';

    it(`${route.id} is ${guards}`, async () => {
      if (guards === 'open') {
        const path = filledOpen[route.id];
        expect(path, 'an open route has a path to try').to.be.a('string');
        const method = route.method.toUpperCase();
        const answer = await app.call(path ?? '', { method, key: null });
        expect(answer.status).to.equal(404);
        return;
      }
      const request = await ready(route);
      for (const key of [null, keys.revoked, keys.expired, keys.spare, 'nonsense']) {
        await expectRefused(request, key, 'unauthorized');
      }
      if (guards === 'box') {
        for (const key of [app.credentials.secret_key, keys.bound, keys.public]) {
          await expectRefused(request, key, 'forbidden');
        }
        const done = await send(request, keys.admin);
        expect(done.status, done.text).to.equal(request.status);
        return;
      }
      await expectRefused(request, keys.admin, 'forbidden');
      await expectPublic(route, request);
      await expectRefused(request, await keyWithout(route), 'forbidden');

      if (guards.startsWith('own')) {
        const strangers = guards === 'own' ? [keys.other] : [keys.other, keys.bound];
        for (const key of strangers) {
          const foreign = await send(request, key);
          const nothing = await send(await absent(request), key);
          expect(foreign.status, foreign.text).to.equal(404);
          expect(withoutRequestId(foreign)).to.equal(withoutRequestId(nothing));
          expect([...foreign.headers.keys()]).to.deep.equal([...nothing.headers.keys()]);
        }
      }
      if (guards === 'list') await expectNothingForeign(route);

      const done = await send(request, app.credentials.secret_key);
      expect(done.status, done.text).to.equal(request.status);
    });
  }

  /** A browser's key is refused, or needs the client secret of the one payment. */
  async function expectPublic(route: Route, request: ReadyRequest) {
    const answer = await send(request, keys.public);
    // A browser makes tokens without any secret, but keeps nothing for a customer.
    const open =
      route.access.kind === 'merchant' &&
      route.access.publicKey === true &&
      route.id !== 'createPaymentMethod';
    expect(answer.status, answer.text).to.equal(open ? 401 : 403);
    expect(answer.body['code']).to.equal(open ? 'client_secret_invalid' : 'forbidden');
  }

  /** A key that may do everything but this. */
  async function keyWithout(route: Route): Promise<string> {
    if (route.access.kind !== 'merchant') throw new Error('only merchants have scopes');
    const needed = route.access.scope;
    const others = new Set(
      routes.flatMap(({ access }) => (access.kind === 'merchant' ? [access.scope] : [])),
    );
    others.delete(needed);
    const body = { kind: 'secret', name: 'k', scopes: [...others] };
    return (await app.call('/v1/api_keys', { body })).body['key'];
  }

  /** No id of the sandbox's merchant turns up in another merchant's list. */
  async function expectNothingForeign(route: Route) {
    await filled(
      { app },
      '{refund_id} {customer_id} {account_id} {profile_id} {key_id} {delivery_id} ' +
        '{checkout_session_id} {payment_link_id}',
    );
    const path = route.path === '/v1/merchant' ? route.path : `${route.path}?limit=100`;
    const theirs = await app.call(path, { key: keys.other });
    expect(theirs.status).to.equal(200);
    const idsIn = (text: string) =>
      new Set(
        text.match(/\b(?:pay|re|op|cus|evt|acct|prof|key|mer|we|del|cs|plink)_[0-9a-z]{26}\b/g),
      );
    const mine = idsIn((await app.call(path)).text);
    expect(mine.size).to.be.greaterThan(0);
    for (const id of idsIn(theirs.text)) expect(mine.has(id), id).to.equal(false);
  }

  it('a key bound to one profile lists nothing of another', async () => {
    await filled({ app }, '{payment_id} {refund_id} {dispute_id} {webhook_id} {delivery_id}');
    const things = 'payments refunds events disputes incoming_webhooks webhook_deliveries';
    for (const path of [...things.split(' '), 'webhook_endpoints'].map((of) => `/v1/${of}`)) {
      const all = await app.call(`${path}?limit=1`);
      expect(all.body['data'], path).to.have.length(1);
      const { body, status } = await app.call(`${path}?limit=100`, { key: keys.bound });
      expect(status).to.equal(200);
      const ofPayments = body['data'].filter(
        (item: { object: string; payment: string | null }) =>
          item.object !== 'event' || item.payment !== null,
      );
      expect(ofPayments, path).to.deep.equal([]);
    }
  });
});
