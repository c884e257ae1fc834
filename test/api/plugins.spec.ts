/**
 * Plugins in a whole switch: a dialect that answers another gateway's clients, and a feature with
 * tables, a page, a job and a subscriber. Money goes through the native door alone.
 */
import { expect } from 'chai';
import { readdirSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import {
  startProcessor,
  type Processor,
} from '../../connectors/card-simulator/processor/server.ts';
import type { Plugin } from '../../core/sdk/index.ts';
import { startTestSwitch, testNowMs, type Answer, type TestSwitch } from '../support/app.ts';
import { closeBooks, simulatorLedger } from '../support/books.ts';
import { describeOnEachDatabase, type DatabasePlace } from '../support/databases.ts';
import { till } from '../support/plugins/till.ts';
import { tipJar, trouble } from '../support/plugins/tip-jar.ts';

const plugins: readonly Plugin[] = [till, tipJar];
const visa = { number: '4242424242424242', month: 12, year: 2034, cvv: '123' };
const declined = { ...visa, number: '4000000000000002' };

describeOnEachDatabase('a dialect', (database) => {
  let app: TestSwitch;
  let orders = 0;

  before(async () => {
    const yaml = 'plugin_settings: { till: { hosts: [till.example] } }\n';
    app = await startTestSwitch(await database.open(), { plugins, yaml });
  });
  after(() => closeBooks(app));

  const keys = () => ({
    'x-till-key': app.credentials.public_key,
    'x-till-secret': app.credentials.secret_key,
  });
  const ask = (path: string, body?: unknown, headers: Record<string, string> = keys()) =>
    app.call(`/till${path}`, { key: null, headers, ...(body === undefined ? {} : { body }) });
  const charge = (more: object = {}, headers: Record<string, string> = {}): Promise<Answer> => {
    const order = { order_no: `o-${(orders += 1)}`, amount: '99.99', currency: 'usd', card: visa };
    return ask('/api/charges', { ...order, ...more }, { ...keys(), ...headers });
  };
  const charges = async () => (await simulatorLedger(app)).operations.length;

  it('reads its own words, charges natively, and answers in its own words', async () => {
    const { status, body } = await charge({ order_no: 'A-1' });
    expect(status).to.equal(201);
    expect(body).to.deep.equal({
      ok: true,
      data: { charge: 1, order_no: 'A-1', amount: '99.99', state: 'PAID' },
    });
    const { body: list } = await app.call('/v1/payments?limit=1');
    expect(list['data'][0]).to.include({ amount: 9999, currency: 'USD', status: 'captured' });
    expect((await ask('/api/charges/A-1')).body).to.deep.equal(body);
    expect((await ask('/api/charges/A-1/refunds', '')).body).to.deep.equal({
      ok: true,
      data: { refunded: 'A-1' },
    });
  });

  it('wants both keys, of one merchant', async () => {
    const { 'x-till-key': one, 'x-till-secret': two } = keys();
    const created = await app.call('/v1/merchants', {
      key: app.credentials.admin_key,
      body: { name: 'Other' },
    });
    const foreign = created.body['public_key'].key ?? created.body['public_key'];
    const attempts: Record<string, string>[] = [
      {},
      { 'x-till-key': one },
      { 'x-till-secret': two },
      { 'x-till-key': two, 'x-till-secret': two },
      { 'x-till-key': foreign, 'x-till-secret': two },
      { 'x-till-key': one, 'x-till-secret': `${two.slice(0, -1)}0` },
    ];
    for (const headers of attempts) {
      const { status, body } = await ask('/api/charges/A-1', undefined, headers);
      expect(status, JSON.stringify(headers)).to.equal(401);
      expect(body).to.deep.equal({ ok: false, error: 'WHO_ARE_YOU' });
    }
    const swapped = { 'x-till-key': one, 'x-till-secret': one };
    expect((await ask('/api/charges/A-1', undefined, swapped)).status).to.equal(403);
  });

  it('prints every refusal in its own shape, with all fields that are to blame', async () => {
    const wrong = await charge({ amount: 'much', currency: 'us', order_no: undefined });
    expect(wrong.status).to.equal(400);
    expect(wrong.body['errors']).to.deep.equal({
      order_no: ['required'],
      amount: ['type'],
      currency: ['minLength'],
    });
    const shapes: [Answer, number, string][] = [
      [await ask('/api/nothing'), 404, 'UNKNOWN'],
      [await ask('/nothing/at/all', {}), 404, 'UNKNOWN'],
      [await ask('/api/charges'), 405, 'METHOD_NOT_ALLOWED'],
      [await ask('/api/charges', '{"amount":'), 400, 'INVALID_JSON'],
      [await ask('/api/charges/%zz'), 400, 'INVALID_REQUEST'],
      [await ask('/api/charges/none'), 404, 'UNKNOWN'],
      [await charge({ amount: '9.999' }), 400, 'INVALID_REQUEST'],
      [await charge({ order_no: '4242424242424242' }), 400, 'CARD_DATA_MISPLACED'],
      [await charge({ card: declined }), 402, 'DECLINED'],
      [await charge({ currency: 'xxx' }), 400, 'INVALID_REQUEST'],
    ];
    for (const [answer, status, error] of shapes) {
      expect(answer.status, answer.text).to.equal(status);
      expect(answer.body).to.include({ ok: false, error });
      expect(answer.headers.get('content-type')).to.equal('application/json');
    }
  });

  it('says nothing of what broke inside', async () => {
    const { status, text, body } = await ask('/api/broken');
    expect(status).to.equal(500);
    expect(body).to.deep.equal({ ok: false, error: 'INTERNAL_ERROR' });
    expect(text).not.to.contain('hunter2');
    expect(app.complaints.splice(0).join()).to.contain('hunter2');
  });

  it('takes an order number once, in the commit of its payment', async () => {
    const before = await charges();
    expect((await charge({ order_no: 'once' })).status).to.equal(201);
    const again = await charge({ order_no: 'once' });
    expect(again.status).to.equal(422);
    expect(again.body['error']).to.equal('REFERENCE_TAKEN');
    const storm = await Promise.all(
      Array.from({ length: 10 }, () => charge({ order_no: 'stormy' })),
    );
    expect(storm.map(({ status }) => status).toSorted((a, b) => a - b)).to.deep.equal([
      201,
      ...Array.from({ length: 9 }, () => 422),
    ]);
    expect(await charges()).to.equal(before + 2);
  });

  it('gives each charge the next whole number, once', async () => {
    const made = await Promise.all(Array.from({ length: 5 }, () => charge()));
    const numbers = made.map(({ body }) => body['data'].charge as number).toSorted((a, b) => a - b);
    const [first = 0] = numbers;
    expect(numbers).to.deep.equal([0, 1, 2, 3, 4].map((step) => first + step));
  });

  it('lets a browser pay with the client secret alone', async () => {
    const { body } = await charge({ card: null });
    const { secret: client_secret, order_no } = body['data'];
    const pay = (secret: string) =>
      ask('/api/public/pay', { client_secret: secret, card: visa }, {});
    expect((await pay(`${client_secret.slice(0, -1)}x`)).status).to.equal(401);
    expect((await pay('no')).body['error']).to.equal('CLIENT_SECRET_INVALID');
    const paid = await pay(client_secret);
    expect(paid.body).to.deep.equal({ ok: true, data: { state: 'captured' } });
    expect(paid.headers.get('access-control-allow-origin')).to.equal('*');
    expect((await ask(`/api/charges/${order_no}`)).body['data'].state).to.equal('PAID');
  });

  it('answers without its prefix on its own host name', async () => {
    const onHost = (host: string, path: string) =>
      new Promise<string>((resolve, reject) => {
        const sent = request(app.url + path, { headers: { host } }, (response) => {
          response.setEncoding('utf8');
          let text = '';
          response.on('data', (chunk: string) => (text += chunk));
          response.on('end', () => resolve(`${response.statusCode} ${text}`));
        });
        sent.on('error', reject).end();
      });
    const { port } = new URL(app.url);
    expect(await onHost('till.example', '/api/ping')).to.equal(
      `200 {"ok":true,"data":{"url":"http://till.example:${port}"}}`,
    );
    expect(await onHost('till.example', '/v1/payments')).to.contain('"error":"UNKNOWN"');
    expect(await onHost('other.example', '/api/ping')).to.contain('not_found');
  });

  it('has rate limits of its own, beside those of the API', async () => {
    const yaml = 'plugin_settings: { till: { per_second: 3 } }\n';
    const other = await startTestSwitch(await database.open(), { plugins, yaml });
    const headers = {
      'x-till-key': other.credentials.public_key,
      'x-till-secret': other.credentials.secret_key,
    };
    const read = () => other.call('/till/api/charges/none', { key: null, headers });
    try {
      const answers = await Promise.all(Array.from({ length: 40 }, read));
      const refused = answers.filter(({ status }) => status === 429);
      expect(refused).not.to.deep.equal([]);
      expect(refused[0]?.body).to.deep.equal({ ok: false, error: 'RATE_LIMITED' });
      expect(refused[0]?.headers.get('retry-after')).to.match(/^[0-9]+$/);
      expect((await other.call('/v1/payments')).status).to.equal(200);
    } finally {
      await other.stop();
    }
  });

  it('signs webhooks in its own format', async () => {
    const body = { url: 'http://127.0.0.1:8080/hook', events: ['*'], signer: 'till' };
    const known = await app.call('/v1/webhook_endpoints', { body });
    expect(known.status, known.text).to.equal(201);
    const unknown = await app.call('/v1/webhook_endpoints', { body: { ...body, signer: 'tilt' } });
    expect(unknown.status).to.equal(400);
    const signer = app.running.webhooks.signers.get('till');
    const order_no = (await charge({ order_no: 'told' })).body['data'].order_no;
    const events = await app.call('/v1/events?type=payment.captured&limit=1');
    const [event] = events.body['data'];
    const encoded = await signer?.encode(event, app.credentials.merchant_id);
    expect(Buffer.from(encoded ?? []).toString()).to.equal(JSON.stringify({ paid: order_no }));
  });
});

describeOnEachDatabase('a feature plugin', (database) => {
  let app: TestSwitch;
  let place: DatabasePlace;

  let processor: Processor;

  const begin = (startMs: number) =>
    startTestSwitch(place, { plugins, startMs, simulatorUrl: processor.url });
  before(async () => {
    place = await database.open();
    processor = await startProcessor({ port: 0, host: '127.0.0.1', now: () => testNowMs });
    app = await begin(testNowMs);
  });
  after(async () => {
    await closeBooks(app);
    await (processor as Processor | undefined)?.close();
  });

  const jar = async (headers: Record<string, string> = {}) =>
    app.call('/v1/tip_jars', { body: { amount: 500 }, headers });
  const tip = (id: string, number = visa.number) =>
    app.call(`/jar/${id}`, {
      key: null,
      body: new URLSearchParams({ number, cvc: '123', form: '1' }).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
  const show = (id: string) => app.call(`/jar/${id}`, { key: null });

  it('has routes like the core’s: keys, schemas, idempotency, the API description', async () => {
    expect((await app.call('/v1/tip_jars', { body: { amount: 500 }, key: null })).status).to.equal(
      401,
    );
    expect((await app.call('/v1/tip_jars', { body: { amount: 'x' } })).status).to.equal(400);
    const first = await jar({ 'idempotency-key': 'jar-1' });
    expect(first.status, first.text).to.equal(201);
    const again = await jar({ 'idempotency-key': 'jar-1' });
    expect(again.text).to.equal(first.text);
    const { body } = await app.call('/openapi.json', { key: null });
    expect(body['paths']['/v1/tip_jars'].post.operationId).to.equal('createTipJar');
  });

  it('shows a page that nobody frames or caches, and takes a tip once', async () => {
    const { id, payment } = (await jar()).body as { id: string; payment: string };
    const page = await show(id);
    expect(page.text).to.equal('<!doctype html><p>open</p>');
    expect(page.headers.get('content-security-policy')).to.contain("frame-ancestors 'none'");
    expect(page.headers.get('cache-control')).to.equal('no-store');
    expect((await show('jar_none')).text).to.contain('not_found');
    const [one, two] = await Promise.all([tip(id), tip(id)]);
    expect([one.status, two.status]).to.include(200);
    const { body } = await app.call(`/v1/payments/${payment}/operations`);
    expect(body['data']).to.have.length(1);
    expect((await app.call(`/v1/payments/${payment}`)).body['status']).to.equal('captured');
  });

  it('is told of events until it has heard, whatever it throws', async () => {
    trouble.failures = 2;
    const { id } = (await jar()).body as { id: string };
    expect((await tip(id)).status).to.equal(200);
    for (let round = 0; round < 3; round += 1) {
      await app.call('/v1/clock/advance', { key: app.credentials.admin_key, body: { by: '10s' } });
    }
    expect((await show(id)).text).to.contain('tipped');
    expect(readdirSync(join(place.dataDir, 'outbox', 'tip-jar'))).to.include(`${id}.eml`);
    expect(
      app.complaints.splice(0).filter((line) => line.includes('not in the mood')),
    ).length.least(1);
    expect(await app.running.db.find('plugin_inbox', {})).to.deep.equal([]);
  });

  it('does its work when the sandbox’s clock passes it', async () => {
    const { id, payment } = (await jar()).body as { id: string; payment: string };
    const key = app.credentials.admin_key;
    const moved = await app.call('/v1/clock/advance', { key, body: { by: '30m' } });
    expect(moved.status, moved.text).to.equal(200);
    expect((await show(id)).text).to.contain('closed');
    expect((await app.call(`/v1/payments/${payment}`)).body['status']).to.equal('cancelled');
    expect((await tip(id)).status).to.equal(410);
  });

  it('finds its tables again after a restart', async () => {
    const { id } = (await jar()).body as { id: string };
    await app.stop();
    app = await begin(app.clock.now());
    expect((await show(id)).text).to.contain('open');
  });
});
