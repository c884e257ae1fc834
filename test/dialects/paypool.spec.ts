/**
 * Paypool's document against a fresh sandbox: its samples word by word, every row that can be seen
 * from outside, and what the plugin kit asks of any dialect.
 */
import { expect } from 'chai';
import type { OpenBench } from '../../bin/dialects/bench.ts';
import { checkout } from '../../plugins/checkout/index.ts';
import { cards, pay } from '../../plugins/paypool/conformance/client.ts';
import { conformance } from '../../plugins/paypool/conformance/index.ts';
import { paypool } from '../../plugins/paypool/index.ts';
import { describePlugin } from '../conformance/plugin-kit.ts';
import { startTestSwitch, type TestSwitch } from '../support/app.ts';
import { closeBooks } from '../support/books.ts';
import { describeOnEachDatabase, type TestDatabase } from '../support/databases.ts';
import { benchAt, itKeepsItsRows } from '../support/dialect-bench.ts';
import { transcripts, webhook, type Transcript, type Varying } from './paypool.golden.ts';

/** Many requests from one address: limits are another suite's subject. */
const patient = `rate_limits:
  payments: { per_second: 10000 }
  queries: { per_second: 10000 }
  management: { per_second: 10000 }
  public: { per_second: 10000 }
`;

interface World {
  app: TestSwitch;
  bench: OpenBench;
}

function opened(database: TestDatabase): World {
  const world = {} as World;
  before(async () => {
    const plugins = [checkout, paypool];
    world.app = await startTestSwitch(await database.open(), { plugins, yaml: patient });
    world.bench = benchAt(world.app, '/paypool', conformance);
  });
  after(async () => {
    await world.bench?.close();
    await closeBooks(world.app);
  });
  return world;
}

const isVarying = (wanted: unknown): wanted is Varying =>
  typeof wanted === 'object' && wanted !== null && 'like' in wanted;

/** The answer with each varying member, once it fits, replaced by what it is held against. */
function settled(got: unknown, wanted: unknown): unknown {
  if (isVarying(wanted)) return wanted.like.test(String(got)) ? wanted : got;
  if (typeof got !== 'object' || got === null || typeof wanted !== 'object' || wanted === null) {
    return got;
  }
  if (Array.isArray(got)) return got.map((one, at) => settled(one, (wanted as unknown[])[at]));
  const known = wanted as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(got).map(([key, value]) => [key, settled(value, known[key])]),
  );
}

/** Deep, and in the document's order. */
function expectAs(got: unknown, wanted: object): void {
  const shown = settled(got, wanted);
  expect(shown).to.deep.equal(wanted);
  expect(Object.keys(shown as object)).to.deep.equal(Object.keys(wanted));
}

describeOnEachDatabase('Paypool, its document word by word', (database) => {
  const world = opened(database);
  const pages: string[] = [];

  async function send({ request }: Transcript): Promise<{ status: number; body: unknown }> {
    const { secret_key: token } = world.app.credentials;
    const headers = Object.entries(request.headers).map(([name, value]) => [
      name,
      value.replace('<APP_ACCESS_TOKEN>', token),
    ]);
    const response = await fetch(`${world.app.url}/paypool${request.path}`, {
      method: request.method,
      headers: Object.fromEntries(headers) as Record<string, string>,
      ...(request.body === undefined ? {} : { body: request.body }),
    });
    const body = (await response.json()) as { data?: { invoice_url?: string } };
    if (body.data?.invoice_url !== undefined) pages.push(body.data.invoice_url);
    return { status: response.status, body };
  }

  for (const transcript of transcripts) {
    it(transcript.title, async () => {
      if (transcript.first === 'paid') await pay(world.bench, pages.at(-1) ?? '', cards.good);
      const { status, body } = await send(transcript);
      expect(status, JSON.stringify(body)).to.equal(transcript.answer.status);
      expectAs(body, transcript.answer.body as object);
    });
  }

  it('8) webhook', async () => {
    const { app, bench } = world;
    const receiver = await bench.receiver();
    const hook = { url: receiver.url, signer: 'paypool' };
    const endpoint = await app.call('/v1/webhook_endpoints', { body: hook });
    const { body } = await app.call('/v1/events?type=payment.captured');
    const since = body['data'][0].created_at;
    const path = `/v1/webhook_endpoints/${endpoint.body['id']}/replay`;
    await app.call(path, { body: { from: since } });
    const told = await receiver.next((one) => one.body.payment.external_id === 'ORDER-10001');
    const { midtrans_data: data, ...rest } = told.body;
    expectAs(rest, webhook);
    expect(data).to.be.an('object');
    expect(told.headers['content-type']).to.contain('application/json');
  });
});

describeOnEachDatabase('Paypool, row by row', (database) => {
  const world = opened(database);
  itKeepsItsRows(conformance, () => world.bench);
});

const sample = (turn: number) => ({
  external_id: `KIT-${turn}`,
  amount: 250_000,
  currency: 'IDR',
  customer_name: 'Budi',
  customer_email: 'budi@example.com',
  customer_phone: '+628123456789',
  description: 'Order',
  success_redirect_url: 'https://app.example.com/success',
  failure_redirect_url: 'https://app.example.com/failed',
});

describePlugin({
  plugin: paypool,
  dialect: {
    headers: ({ secret_key: key }) => ({
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
    }),
    expectError: (body) => {
      expect(body).to.have.property('success', false);
      expect('message' in body || 'errors' in body, JSON.stringify(body)).to.equal(true);
    },
    read: '/api/v1/payments',
    write: (turn) => ({ path: '/api/v1/payments/create', body: sample(turn) }),
  },
});
