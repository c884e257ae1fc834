/**
 * Two clients, one intent: what the connector sends is compared with what Midtrans' official client
 * sends, each to a fake of its own. Differences are allowed only by name.
 */
import { expect } from 'chai';
import { midtrans } from '../../../connectors/midtrans/index.ts';
import type { MidtransRef, MidtransSettings } from '../../../connectors/midtrans/settings.ts';
import { Secret, type Authorize, type Context, type HttpPort, type Outcome } from '#sdk';
import type { FakeMidtrans } from './index.ts';
import type { RecordedRequest } from './server.ts';
import { openContext, serverKey, startMs, type SpecContext } from './spec-context.ts';

const orderId = 'op_01jd7v3g0kz8m4x2q9w7c5b1n0';
const laterId = 'op_01jd7v3g0kz8m4x2q9w7c5b1n1';
const notifyUrl = 'https://switch.test/webhooks/acct_1';
const idr = (rupiah: number) => ({ amount: rupiah * 100, currency: 'IDR' });

/** The way out that the switch gives a connector, as far as these calls need it. */
const port: HttpPort = {
  async send({ method, url, headers = {}, body }) {
    const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body }) });
    const text = await response.text();
    return { status: response.status, headers: Object.fromEntries(response.headers), text };
  },
};

type Connected = Context<MidtransSettings>;

function connect(fake: FakeMidtrans): Connected {
  return {
    settings: { server_key: serverKey, api_base_url: fake.apiUrl, app_base_url: fake.appUrl },
    mode: 'sandbox',
    http: port,
    webhookUrl: notifyUrl,
    webhookSecret: undefined,
    now: () => startMs,
  };
}

function authorize(changes: Partial<Authorize>): Authorize {
  return {
    operationId: orderId,
    amount: idr(250_000),
    capture: 'automatic',
    method: { type: 'qris' },
    details: {},
    customerReference: undefined,
    returnUrl: 'https://switch.test/return',
    ...changes,
  };
}

const { operations } = midtrans;
const details = { order_id: orderId, gross_amount: 250_000 };
const cardNumber = '4811111111111114';

/** The official client and the connector, each with its fake; `ref` as the connector knows it. */
interface Pair {
  readonly official: SpecContext;
  readonly ours: SpecContext;
  readonly context: Connected;
}

/** Brings both fakes into the same state and answers what both then know of the payment. */
type Prepare = (pair: Pair) => Promise<{ readonly id: string; readonly ref: MidtransRef }>;

interface Intent {
  readonly name: string;
  readonly prepare?: Prepare;
  readonly client: (pair: Pair, id: string) => Promise<unknown>;
  readonly connector: (pair: Pair, ref: MidtransRef) => Promise<unknown>;
  /** Named differences: names in the body that the connector adds. */
  readonly adds?: readonly string[];
}

function refOf(outcome: Outcome<MidtransRef>): MidtransRef {
  if (!outcome.ref) throw new Error('the connector answered no ref');
  return outcome.ref;
}

/** A charge in both; then `bring` moves both on, by the bank's hand. */
function charged(
  method: Record<string, unknown>,
  command: Partial<Authorize>,
  bring: (fake: FakeMidtrans) => void = () => undefined,
): Prepare {
  return async ({ official, ours, context }) => {
    const block = (fake: FakeMidtrans) =>
      method['payment_type'] === 'credit_card'
        ? {
            credit_card: {
              ...(method['credit_card'] as object),
              token_id: fake.cardToken(cardNumber),
            },
          }
        : {};
    const made = await official.core.charge({
      ...method,
      transaction_details: details,
      ...block(official.fake),
    });
    const input: Partial<Authorize> =
      method['payment_type'] === 'credit_card'
        ? { method: { type: 'token', token: new Secret(ours.fake.cardToken(cardNumber)) } }
        : {};
    const outcome = await operations.authorize(context, authorize({ ...command, ...input }));
    for (const { fake } of [official, ours]) {
      // The connector asks for 3-D Secure where the client here does not.
      const isWaiting = fake.dashboard.transaction(orderId).pendingCard !== undefined;
      if (isWaiting) fake.dashboard.authenticate(orderId, 'ok');
      bring(fake);
      fake.forget();
    }
    return { id: String(made['transaction_id']), ref: refOf(outcome) };
  };
}

const qris = { payment_type: 'qris' };
const hold = { payment_type: 'credit_card', credit_card: { type: 'authorize' } };
const held = charged(hold, { capture: 'manual', details: { authentication_type: 'no_three_ds' } });
const challenged = charged(
  hold,
  { capture: 'manual', details: { authentication_type: 'no_three_ds' } },
  (fake) => fake.dashboard.challenge(orderId),
);

/** Named differences of every order: what is bought, and how long it may wait. */
const orderAdds = ['item_details', 'custom_expiry'];

const intents: readonly Intent[] = [
  {
    name: 'a QR code',
    client: ({ official }) => official.core.charge({ ...qris, transaction_details: details }),
    connector: ({ context }) => operations.authorize(context, authorize({})),
    adds: orderAdds,
  },
  {
    name: 'a GoPay link',
    client: ({ official }) =>
      official.core.charge({
        payment_type: 'gopay',
        transaction_details: details,
        gopay: { enable_callback: true, callback_url: 'https://switch.test/return' },
      }),
    connector: ({ context }) =>
      operations.authorize(context, authorize({ method: { type: 'gopay' } })),
    adds: orderAdds,
  },
  {
    name: 'an account number',
    client: ({ official }) =>
      official.core.charge({
        payment_type: 'bank_transfer',
        transaction_details: details,
        bank_transfer: { bank: 'bni' },
      }),
    connector: ({ context }) =>
      operations.authorize(context, authorize({ method: { type: 'bank_transfer', bank: 'bni' } })),
    adds: orderAdds,
  },
  {
    name: 'a hosted page',
    client: ({ official }) => official.snap.createTransaction({ transaction_details: details }),
    connector: ({ context }) =>
      operations.authorize(context, authorize({ method: { type: 'hosted' } })),
    // The way back, 3-D Secure, the methods and the page's life: said, never left to defaults.
    adds: ['callbacks', 'credit_card', 'enabled_payments', 'expiry', 'item_details', 'page_expiry'],
  },
  {
    name: 'a look at a payment',
    prepare: charged(qris, {}),
    client: ({ official }, id) => official.core.transaction.status(id),
    connector: ({ context }, ref) =>
      operations.sync(context, {
        kind: 'authorize',
        operationId: orderId,
        amount: idr(250_000),
        ref,
        of: undefined,
        method: 'qris',
        capture: 'automatic',
        begunAtMs: startMs,
      }),
  },
  {
    name: 'a capture of a part',
    prepare: held,
    client: ({ official }, id) =>
      official.core.capture({ transaction_id: id, gross_amount: 100_000 }),
    connector: async ({ context }, of) =>
      operations.capture?.(context, {
        operationId: laterId,
        amount: idr(100_000),
        of,
        final: true,
      }),
  },
  ...(['released', 'cancelled', 'expired'] as const).map((because): Intent => ({
    name: `a payment that is ${because}`,
    prepare: because === 'released' ? held : charged(qris, {}),
    client: ({ official }, id) =>
      because === 'expired'
        ? official.core.transaction.expire(id)
        : official.core.transaction.cancel(id),
    connector: async ({ context }, of) =>
      operations.void?.(context, {
        operationId: laterId,
        amount: idr(250_000),
        of,
        because,
        reason: undefined,
      }),
  })),
  ...(['approve', 'reject'] as const).map((kind): Intent => ({
    name: `to ${kind} a challenged card`,
    prepare: challenged,
    client: ({ official }, id) =>
      kind === 'approve'
        ? official.core.transaction.approve(id)
        : official.core.transaction.deny(id),
    connector: async ({ context }, of) =>
      operations[kind]?.(context, { operationId: laterId, amount: idr(250_000), of }),
  })),
  {
    name: 'a refund of a part',
    prepare: charged(qris, {}, (fake) => fake.dashboard.settle(orderId)),
    client: ({ official }, id) =>
      official.core.transaction.refund(id, {
        refund_key: laterId,
        amount: 100_000,
        reason: 'too late',
      }),
    connector: async ({ context }, of) =>
      operations.refund?.(context, {
        operationId: laterId,
        amount: idr(100_000),
        of,
        reason: 'too late',
      }),
  },
];

const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/**
 * Path, verb and body; ids that each fake makes for itself are made alike. Where nothing is to be
 * said the official client sends `null` and the connector `{}`: Midtrans takes both.
 */
function told({ method, path, body }: RecordedRequest, adds: readonly string[] = []): unknown {
  const fields = Object.entries(body ?? {}).filter(([name]) => !adds.includes(name));
  const said = fields.length === 0 ? null : Object.fromEntries(fields);
  const text = JSON.stringify({ method, path, body: said });
  // In a path either id will do (reference/get-transaction-status): order_id is read as the other.
  return JSON.parse(text.replaceAll(uuid, '<id>').replace(`/v2/${orderId}/`, '/v2/<id>/'));
}

describe('the Midtrans connector beside the official client', () => {
  const open: SpecContext[] = [];
  afterEach(async () => {
    for (const context of open.splice(0)) await context.close();
  });

  for (const { name, prepare, client, connector, adds = [] } of intents) {
    it(`sends the same for ${name}`, async () => {
      open.push(await openContext(), await openContext());
      const [official, ours] = open as [SpecContext, SpecContext];
      for (const { fake } of open) fake.dashboard.setNotificationUrl(undefined);
      ours.fake.notifications.hold();
      const pair: Pair = { official, ours, context: connect(ours.fake) };
      const known = await prepare?.(pair);
      await client(pair, known?.id ?? '');
      await connector(pair, known?.ref ?? { order: orderId });
      const theirs = official.fake.requests.map((request) => told(request));
      // A named difference: the connector may read the status before or after it acts.
      const isLook = theirs.length === 1 && official.fake.requests[0]?.method === 'GET';
      const acts = ours.fake.requests.filter(({ method }) => isLook || method !== 'GET');
      const sent = acts.map((request) => told(request, adds));
      expect(sent).to.deep.equal(theirs);
      expect(ours.fake.violations()).to.deep.equal([]);
      expect(official.fake.violations()).to.deep.equal([]);
      for (const { method, headers, operation } of acts) {
        expect(headers.authorization).to.equal(official.fake.requests[0]?.headers.authorization);
        if (method === 'POST') expect(headers['idempotency-key'], operation).to.be.a('string');
        if (operation === 'charge' || operation === 'snap_create') {
          expect(headers['x-override-notification']).to.equal(notifyUrl);
        }
      }
    });
  }
});
