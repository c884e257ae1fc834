/** The document's own samples, verbatim, and the kit that every plugin has to pass. */
import { expect } from 'chai';
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { WebhookPost } from '../../core/webhooks/port.ts';
import { checkout } from '../../plugins/checkout/index.ts';
import { payzpool } from '../../plugins/payzpool/index.ts';
import { describePlugin } from '../conformance/plugin-kit.ts';
import { accountTools } from '../support/accounts.ts';
import { startTestSwitch, type TestSwitch } from '../support/app.ts';
import { closeBooks, simulatorFault } from '../support/books.ts';
import { describeOnEachDatabase } from '../support/databases.ts';
import { answered } from '../support/webhook-world.ts';
import { expectLike, payAtPage } from './payzpool-client.ts';
import * as golden from './payzpool.golden.ts';
import type { Transcript } from './payzpool.golden.ts';

describeOnEachDatabase('payzpool, the samples of its document', (database) => {
  const posts: WebhookPost[] = [];
  let app: TestSwitch;

  before(async () => {
    app = await startTestSwitch(await database.open(), {
      plugins: [checkout, payzpool],
      // The document's own moment.
      startMs: Date.UTC(2025, 10, 11, 14, 30),
      webhooks: {
        port: {
          post: async (post) => {
            posts.push(post);
            return answered(200);
          },
        },
        checkUrl: () => ({ ok: true }),
        close: () => undefined,
      },
    });
  });
  after(() => closeBooks(app));

  const said = async (sample: Transcript, transaction = '') => {
    const { public_key, secret_key } = app.credentials;
    const { method, path, body = null } = sample;
    const url = `${app.url}/payzpool${path.replace('{transaction_id}', transaction)}`;
    const headers = {
      'X-API-Key': public_key,
      'X-API-Secret': secret_key,
      'Content-Type': 'application/json',
    };
    const answer = await fetch(url, { method, headers, body });
    const text = await answer.text();
    return { status: answer.status, text, body: JSON.parse(text) };
  };
  /** Answers the transaction's data after comparing it with the sample. */
  const matches = async (sample: Transcript, transaction?: string) => {
    const { status, body, text } = await said(sample, transaction);
    expect(status, `${sample.title}: ${text}`).to.equal(sample.status);
    expectLike(body, sample.answer, sample.varies);
    return body['data'];
  };
  const advance = async (by: string) => {
    const key = app.credentials.admin_key;
    const { status, text } = await app.call('/v1/clock/advance', { key, body: { by } });
    expect(status, text).to.equal(200);
  };
  let made: Record<string, string> = {};

  it('Create Payment Intent', async () => {
    made = await matches(golden.create);
    expect(made['checkout_url']).to.equal(`${app.url}/checkout/${made['transaction_id']}`);
  });

  it('Manual Account Selection', async () => {
    expect((await said(golden.createPicked)).status).to.equal(403);
    // The sample's account is the sixth of the box, and the sandbox has two.
    const { create } = accountTools(app);
    for (let more = 1; more <= 4; more += 1) expect((await create()).status).to.equal(201);
    await matches(golden.createPicked);
  });

  it('the checkout page, and the webhook that follows', async () => {
    await advance('1m');
    await payAtPage(made['checkout_url'] ?? '');
    await advance('0s');
    const [post, ...more] = posts;
    if (!post || more.length > 0) throw new Error(`${posts.length} webhooks`);
    expect(post.url).to.equal('https://yoursite.com/webhooks/payment');
    expectLike(
      JSON.parse(Buffer.from(post.body).toString('utf8')),
      golden.webhook.payload,
      golden.webhook.varies,
    );
  });

  it('Webhook Signature Verification, as the PHP sample does it', async () => {
    // $payload = file_get_contents('php://input');
    const payload = posts[0]?.body ?? Buffer.of();
    // $signature = $_SERVER['HTTP_X_PAYZPOOL_SIGNATURE'];
    const signature = posts[0]?.headers['x-payzpool-signature'] ?? '';
    const webhookSecret = app.credentials.webhook_secret;
    // hash_hmac('sha256', $payload, $webhookSecret)
    const expectedSignature = createHmac('sha256', webhookSecret).update(payload).digest('hex');
    // hash_equals($expectedSignature, $signature)
    expect(signature).to.have.length(64);
    expect(timingSafeEqual(Buffer.from(expectedSignature), Buffer.from(signature))).to.equal(true);
    // json_decode($payload, true)
    const data = JSON.parse(Buffer.from(payload).toString('utf8'));
    expect(data.event).to.equal('payment_intent.succeeded');
  });

  it('List Payment Intents', () => matches(golden.list));

  it('Get Payment Intent', () => matches(golden.get, made['transaction_id']));

  it('Cancel Payment Intent', async () => {
    const { transaction_id: id } = await matches(golden.create);
    await matches(golden.cancel, id);
    expect((await said(golden.cancel, id)).status).to.equal(400);
  });

  it('Refund Payment', () => matches(golden.refund, made['transaction_id']));

  it('Server Error: what breaks behind the switch is 500, without details', async () => {
    await simulatorFault(app, { fault: 'status_429', kind: 'refund', times: 1 });
    const { status, body } = await said({ ...golden.refund, body: '{}' }, made['transaction_id']);
    expect(status).to.equal(500);
    const { request_id: id, ...rest } = body;
    expect(id).to.match(/^req_/);
    expect(rest).to.deep.equal({ success: false, message: 'Something went wrong on our end' });
    expect(app.complaints.splice(0)).to.have.length(1);
    await simulatorFault(app);
  });
});

const intent = JSON.parse(golden.create.body ?? '') as Readonly<Record<string, unknown>>;

describePlugin({
  plugin: payzpool,
  beside: [checkout],
  dialect: {
    headers: ({ public_key, secret_key }) => ({
      'x-api-key': public_key,
      'x-api-secret': secret_key,
    }),
    expectError: (body) => {
      expect(body['success']).to.equal(false);
      expect(body['message']).to.be.a('string');
      expect(body['request_id']).to.match(/^req_/);
    },
    read: '/api/payment-intents',
    write: (turn) => ({
      path: '/api/payment-intents',
      body: { ...intent, webhook_url: undefined, description: `Order #${turn}` },
    }),
    // It opens a page; the customer pays there.
    written: async (app) => {
      const { body } = await app.call('/v1/checkout_sessions?limit=100');
      return body['data'].length;
    },
    mismatch: 400,
  },
});
