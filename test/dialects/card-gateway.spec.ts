/** The card gateway on both databases: its rows, its golden transcripts, and what needs more. */
import { expect } from 'chai';
import type { OpenBench } from '../../bin/dialects/bench.ts';
import { Limits } from '../../core/http/limits.ts';
import { definePlugin, type Contributions, type Host } from '../../core/sdk/index.ts';
import { cardGateway } from '../../plugins/card-gateway/index.ts';
import { conformance } from '../../plugins/card-gateway/conformance/index.ts';
import { checkout } from '../../plugins/checkout/index.ts';
import { startTestSwitch, type Answer, type TestSwitch } from '../support/app.ts';
import { closeBooks } from '../support/books.ts';
import { cardScan } from '../support/card-scan.ts';
import { describeOnEachDatabase } from '../support/databases.ts';
import { benchAt, itKeepsItsRows } from '../support/dialect-bench.ts';
import { describePlugin } from '../conformance/plugin-kit.ts';
import { paymentExchanges } from './card-gateway.golden.ts';
import { intentExchanges } from './card-gateway-intents.golden.ts';
import { card, intentBody, order, type Exchange, type Shape } from './card-gateway-shapes.ts';

const plugins = [checkout, cardGateway];
const prefix = '/card-gateway';

describePlugin({
  plugin: cardGateway,
  dialect: {
    headers: ({ secret_key }) => ({ 'x-api-key': secret_key }),
    expectError: (body) => {
      expect(body).not.to.have.any.keys('success', 'data');
      expect(body['error']).to.satisfy(
        (error: unknown) => typeof error === 'string' || typeof error === 'object',
      );
      expect(body['request_id']).to.match(/^req_/);
    },
    read: '/api/v1/payments/pay_none',
    write: (turn) => ({
      path: '/api/v1/payments/sale',
      body: { amount: 1000 + turn, currency: 'USD', card, description: 'Order #12345' },
    }),
    mismatch: 409,
  },
});

/** A merchant with an account at the simulator. */
async function newcomer(app: TestSwitch) {
  const { admin_key: key } = app.credentials;
  const made = await app.call('/v1/merchants', { key, body: { name: 'Newcomer' } });
  expect(made.status, made.text).to.equal(201);
  const { merchant, secret_key, public_key } = made.body;
  const settings = { base_url: app.simulatorUrl, api_key: `sim_of_${merchant.id}` };
  const body = { connector: 'card-simulator', name: 'Cards', settings };
  const account = await app.call('/v1/accounts', { key: secret_key.key, body });
  expect(account.status, account.text).to.equal(201);
  return { merchant_id: merchant.id, secret_key: secret_key.key, public_key: public_key.key };
}

describeOnEachDatabase('the card gateway, row by row', (database) => {
  let app: TestSwitch;
  let bench: OpenBench;

  before(async () => {
    app = await startTestSwitch(await database.open(), { plugins });
  });
  // Twenty operations a second are a merchant's: a row with its own need not wait for the others.
  beforeEach(async () => {
    const credentials = { ...app.credentials, ...(await newcomer(app)) };
    bench = benchAt({ ...app, credentials }, prefix, conformance);
  });
  afterEach(() => bench.close());
  after(() => closeBooks(app));

  itKeepsItsRows(conformance, () => bench);

  it('leaves no card number and no CVV in the books or the log', async () => {
    expect(await cardScan({ db: app.running.db, lines: app.lines })).to.deep.equal([]);
  });
});

/** Members and values, and nothing beside them. */
function expectShape(told: unknown, wanted: Shape, place: string): void {
  if (wanted instanceof RegExp) {
    expect(told, place).to.be.a('string').and.match(wanted);
  } else if (Array.isArray(wanted)) {
    expect(told, place).to.be.an('array').with.length(wanted.length);
    wanted.forEach((one, at) =>
      expectShape((told as unknown[])[at], one as Shape, `${place}.${at}`),
    );
  } else if (wanted !== null && typeof wanted === 'object') {
    const shape = wanted as Readonly<Record<string, Shape>>;
    expect(Object.keys(told as object).toSorted(), place).to.deep.equal(
      Object.keys(shape).toSorted(),
    );
    for (const [name, one] of Object.entries(shape)) {
      expectShape((told as Record<string, unknown>)[name], one, `${place}.${name}`);
    }
  } else expect(told, place).to.equal(wanted);
}

/** The transcripts have more payment operations than a second allows. */
async function patiently(ask: () => Promise<Answer>): Promise<Answer> {
  const answer = await ask();
  if (answer.status !== 429) return answer;
  const waitMs = Number(answer.headers.get('retry-after')) * 1000;
  await new Promise((resolve) => setTimeout(resolve, waitMs));
  return patiently(ask);
}

const at = (value: unknown, place: string): string =>
  String(
    place.split('.').reduce((inside, step) => (inside as Record<string, unknown>)[step], value),
  );

describeOnEachDatabase('the golden transcripts of the card gateway', (database) => {
  let app: TestSwitch;
  const kept = new Map<string, string>();

  before(async () => {
    kept.clear();
    app = await startTestSwitch(await database.open(), { plugins });
  });
  after(() => closeBooks(app));

  const filled = <T>(value: T): T =>
    JSON.parse(
      JSON.stringify(value).replaceAll(/\{(\w+)\}/g, (all, name) => kept.get(name) ?? all),
    ) as T;

  const play = async ({ path, method, anonymous, headers = {}, body, ...wanted }: Exchange) => {
    const answer = await patiently(() =>
      app.call(prefix + filled(path), {
        key: null,
        headers: anonymous ? headers : { 'x-api-key': app.credentials.secret_key, ...headers },
        ...(method && { method }),
        ...(body && { body: filled(body) }),
      }),
    );
    expect(answer.status, answer.text).to.equal(wanted.status);
    expectShape(answer.body, wanted.answer, 'answer');
    for (const [name, place] of Object.entries(wanted.keeps ?? {})) {
      kept.set(name, at(answer.body, place));
    }
  };

  for (const exchange of [...paymentExchanges, ...intentExchanges]) {
    it(exchange.title, () => play(exchange));
  }
});

describe('the card gateway, beside its rows', () => {
  const contributed = (settings: object): Contributions =>
    cardGateway.contribute({ settings } as Host<never>);

  it('takes ten thousand payment operations in an hour, and no more', async () => {
    const { payments } = contributed({}).dialect?.rateLimits ?? {};
    expect(payments?.perSecond).to.equal(20);
    // Without the limit by the second, for which this would take nine minutes.
    const limits = new Limits({ payments: { perSecond: 1e9, perHour: payments?.perHour } });
    for (let count = 0; count < 10_000; count += 1) await limits.count('payments', 'mer_1');
    const refusal = await limits.count('payments', 'mer_1').then(
      () => 'none',
      (error: { code: string }) => error.code,
    );
    expect(refusal).to.equal('rate_limited');
    await limits.count('payments', 'mer_2');
  });
});

describeOnEachDatabase('the card gateway, when something breaks', (database) => {
  let app: TestSwitch;
  const fault = 'hunter2: select * from payments at /srv/core/store.ts:7';

  before(async () => {
    const broken = definePlugin({
      ...cardGateway,
      contribute: (host) => {
        const find = () => Promise.reject(new Error(fault));
        const store = { ...host.store, find };
        return cardGateway.contribute({ ...host, store } as Host as Host<never>);
      },
    });
    app = await startTestSwitch(await database.open(), { plugins: [checkout, broken] });
  });
  after(() => (app as TestSwitch | undefined)?.stop());

  it('answers 500 with a request id, and nothing of what broke', async () => {
    const id = 'pi_01kb0000000000000000000000';
    const answer = await app.call(`${prefix}/api/public/payment-intents/${id}`, { key: null });
    expect(answer.status).to.equal(500);
    expect(answer.body).to.have.all.keys('error', 'code', 'request_id');
    expect(answer.body['code']).to.equal('INTERNAL_ERROR');
    expect(answer.body['request_id']).to.match(/^req_/);
    expect(answer.text).not.to.match(/hunter2|select|store\.ts/);
    expect(app.complaints.join(' ')).to.contain(answer.body['request_id']);
  });
});

describeOnEachDatabase('the card gateway, set otherwise', (database) => {
  let app: TestSwitch;
  const settings = { envelope: 'wrapped', foreign_payment: 401, webhook_signature: 'body' };

  before(async () => {
    const yaml = `plugin_settings: ${JSON.stringify({ 'card-gateway': settings })}\n`;
    app = await startTestSwitch(await database.open(), { plugins, yaml });
  });
  after(() => closeBooks(app));

  const ask = (path: string, body?: object) =>
    app.call(`${prefix}/api/v1${path}`, {
      key: null,
      headers: { 'x-api-key': app.credentials.secret_key },
      ...(body && { body }),
    });

  it('puts an envelope around objects, lists and refusals', async () => {
    const sale = await ask('/payments/sale', order);
    expect(sale.body).to.have.all.keys('success', 'data');
    expect(sale.body['success']).to.equal(true);
    expect(sale.body['data']).to.include({ status: 'captured', amount: 9999 });
    const list = await ask('/transactions');
    expect(list.body).to.have.all.keys('success', 'data');
    expect(list.body['data']).to.have.all.keys('transactions', 'limit', 'offset', 'has_more');
    const refused = await ask('/payments/sale', { ...order, amount: 0 });
    expect(refused.body).to.have.all.keys('success', 'error', 'code', 'request_id');
    expect(refused.body['success']).to.equal(false);
    const declined = await ask('/payments/sale', {
      ...order,
      card: { ...card, number: '4000000000000002' },
    });
    expect([declined.status, declined.body['response_code']]).to.deep.equal([402, '05']);
    const intent = await ask('/payment-intents', intentBody);
    const ended = await ask(`/payment-intents/${intent.body['data'].id}/cancel`, {});
    expect(ended.body).to.have.all.keys('success', 'message', 'data');
  });

  it('answers 401 for a payment of somebody else’s, when it is read', async () => {
    expect((await ask('/payments/pay_none')).status).to.equal(401);
    expect((await ask('/payments/pay_none/void', {})).status).to.equal(404);
    expect((await ask('/transactions/txn_none')).status).to.equal(404);
  });
});
