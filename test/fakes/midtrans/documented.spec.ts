/**
 * The fake held against Midtrans' documented examples: whatever it answers or sends has only
 * documented fields, in their documented types and formats, and is signed by the documented recipe.
 */
import { expect } from 'chai';
import { skipped } from '../../support/skipped.ts';
import { missingContracts } from '../contracts.ts';
import { Checker } from './checker.ts';
import { checkBody } from './contract.ts';
import { chargeBody, openContext, send, serverKey, type SpecContext } from './spec-context.ts';
import { allowedAnswer, allowedNotification, examples, shapeOf } from './spec-examples.ts';
import { basicHeader, isObject, signatureOf, type Signed } from './wire.ts';

const va = (bank: string) => ({ payment_type: 'bank_transfer', bank_transfer: { bank } });

const methods: Readonly<Record<string, Record<string, unknown>>> = {
  qris: { payment_type: 'qris' },
  gopay: { payment_type: 'gopay', gopay: { callback_url: 'someapps://callback' } },
  bca: va('bca'),
  bni: va('bni'),
  bri: va('bri'),
  cimb: va('cimb'),
  permata: va('permata'),
  echannel: { payment_type: 'echannel', echannel: { bill_info1: 'For:', bill_info2: 'tea' } },
  shopeepay: { payment_type: 'shopeepay' },
  dana: { payment_type: 'dana' },
  ovo: { payment_type: 'ovo', ovo: { phone_number: '081111111111' } },
  cstore: { payment_type: 'cstore', cstore: { store: 'indomaret' } },
};

/** Walks every method and change, errors included; the official client's rejections are wanted. */
async function liveAll(context: SpecContext): Promise<void> {
  const { fake, core } = context;
  const tolerate = async (work: Promise<unknown>) => {
    await work.catch((cause: unknown) => {
      if (!isObject((cause as { ApiResponse?: unknown }).ApiResponse)) throw cause;
    });
  };
  for (const [name, method] of Object.entries(methods)) {
    for (const end of ['settle', 'deny', 'expire', 'fail'] as const) {
      const id = String(
        (await core.charge(chargeBody(`${name}-${end}`, 20_000, method)))['transaction_id'],
      );
      await core.transaction.status(id);
      fake.dashboard[end](id);
      await core.transaction.status(id);
    }
    const paid = fake.dashboard.transaction(`${name}-settle`).id;
    await tolerate(
      core.transaction.refund(paid, { refund_key: 'r-1', amount: 20_000, reason: 'x' }),
    );
    const waiting = `${name}-cancel`;
    const id = String((await core.charge(chargeBody(waiting, 20_000, method)))['transaction_id']);
    await core.transaction.cancel(id);
    await tolerate(core.transaction.cancel(id));
  }
  for (const name of ['permata', 'echannel', 'cstore']) fake.dashboard.reverse(`${name}-settle`);
  await core.charge(chargeBody('late', 20_000, va('bni')));
  await core.transaction.expire('late');
  await tolerate(core.charge(chargeBody('bca-settle', 20_000, va('bca'))));
  await tolerate(core.charge(chargeBody('bad id', 0, va('bca'))));
  await tolerate(core.transaction.status('nobody'));
  await send(`${fake.apiUrl}/v2/charge`, { key: 'SB-Mid-server-invalid', body: {} });
}

async function liveCards(context: SpecContext): Promise<void> {
  const { fake, core, wait } = context;
  const card = (id: string, number: string, more: object = {}, block: object = {}) =>
    core.charge(
      chargeBody(id, 30_000, {
        payment_type: 'credit_card',
        credit_card: { token_id: fake.cardToken(number, more), ...block },
      }),
    );
  await card('ok', '4811111111111114');
  await card('no-bank', '4711111111111115');
  await card('no-fds', '4611111111111116');
  await card('3ds', '4811111111111114', {}, { authentication: true });
  fake.dashboard.authenticate('3ds', 'ok');
  for (const id of ['look-1', 'look-2']) await card(id, '4811111111111114', { fraud: 'challenge' });
  await core.transaction.approve('look-1');
  await core.transaction.deny('look-2');
  const hold = await card('hold', '4811111111111114', {}, { type: 'authorize' });
  const transaction_id = hold['transaction_id'];
  fake.dashboard.next('capture_denied', 'hold');
  await core.capture({ transaction_id, gross_amount: 20_000 });
  await core.capture({ transaction_id, gross_amount: 20_000 });
  wait(3 * 86_400_000);
  fake.timePasses();
  await core.transaction.refund('ok', { refund_key: 'a', amount: 5_000, reason: 'one' });
  fake.dashboard.next('refund_denied', 'ok');
  await core.transaction.refundDirect('ok', { refund_key: 'b', amount: 5_000 });
  await core.transaction.refundDirect('ok', { refund_key: 'c', amount: 5_000 });
  fake.dashboard.refund('ok', 20_000);
  fake.dashboard.confirmRefunds('ok');
  await core.transaction.status('ok');
  fake.dashboard.chargeback('3ds', 'partly');
  fake.dashboard.chargeback('3ds');
}

async function liveSnap(context: SpecContext): Promise<void> {
  const { fake, snap } = context;
  const create = (id: string) => snap.createTransaction(chargeBody(id, 10_000, {}));
  const paid = await create('snap-1');
  fake.customerPays(paid.token, 'credit_card', 'denied');
  fake.customerPays(paid.token, 'gopay');
  const cancel = (token: string) =>
    send(`${fake.appUrl}/snap/v1/transactions/${token}/cancel`, { method: 'POST' });
  const open = await create('snap-2');
  for (const token of [paid.token, open.token, open.token, 'nobody']) await cancel(token);
  await send(`${fake.appUrl}/snap/v1/transactions`, { body: chargeBody('snap-1', 10_000, {}) });
  await send(`${fake.appUrl}/snap/v1/transactions`, { key: 'SB-Mid-server-invalid', body: {} });
}

describe('the fake and Midtrans’ documented examples', function () {
  let context: SpecContext;

  before(async function () {
    if (!examples) {
      skipped.set('Midtrans’ documented examples', missingContracts);
      this.skip();
    }
    context = await openContext();
    await liveAll(context);
    await liveCards(context);
    await liveSnap(context);
    await context.fake.notifications.idle();
  });

  after(async () => {
    await context?.close();
  });

  it('agree about every field, type and format of every answer', () => {
    const strange = new Set<string>();
    const seen = new Set<string>();
    for (const { operation, answer } of context.fake.requests) {
      if (operation === undefined || !answer) throw new Error('a request without an answer');
      const allowed = allowedAnswer(operation);
      const { body } = answer as { body: Record<string, unknown> };
      // A status answer repeats what the notifications of that payment carry.
      const also =
        operation === 'status'
          ? allowedNotification(body['payment_type'], body['transaction_status'])
          : new Set<string>();
      seen.add(operation);
      for (const line of shapeOf(body)) {
        if (!allowed.has(line) && !also.has(line)) strange.add(`${operation}: ${line}`);
      }
    }
    expect([...strange]).to.deep.equal([]);
    expect([...seen]).to.have.members([
      'approve',
      'cancel',
      'capture',
      'charge',
      'deny',
      'expire',
      'refund',
      'refund_direct',
      'snap_cancel',
      'snap_create',
      'status',
    ]);
  });

  it('agree about every field, type and format of every notification', () => {
    const strange = new Set<string>();
    const { all } = context.fake.notifications;
    for (const { body } of all) {
      const type = body['payment_type'];
      const status = JSON.stringify(body['transaction_status']);
      const allowed = allowedNotification(type, body['transaction_status']);
      for (const line of shapeOf(body)) if (!allowed.has(line)) strange.add(`${status}: ${line}`);
    }
    expect([...strange]).to.deep.equal([]);
    expect(new Set(all.map(({ body }) => body['transaction_status'])).size).to.equal(12);
  });

  it('agree about the HTTP status and the texts of the errors', () => {
    const bodies = context.fake.requests.map(({ answer }) => JSON.stringify(answer?.body));
    for (const id of [
      'snap.create.401',
      'snap.create.400.order-used',
      'snap.cancel.again',
      'cancel.412',

      'snap.cancel.in-progress',
      'snap.cancel.not-found',
      'status.404',
      'error.401',
      'error.406',
    ]) {
      const example = examples?.find((one) => one.id === id);
      expect(bodies, id).to.include(JSON.stringify(example?.body));
    }
    const http = new Set(context.fake.requests.map(({ answer }) => answer?.http));
    expect([...http]).to.have.members([200, 201, 400, 401]);
  });

  it('agree about the signature, also on notifications that Midtrans itself signed', () => {
    const signed = (examples ?? []).filter(
      ({ kind, server_key, body }) =>
        kind === 'notification' && server_key !== undefined && 'signature_key' in body,
    );
    expect(signed.filter(({ id }) => id.startsWith('official.'))).to.have.length(7);
    for (const { id, body, server_key } of signed) {
      const expected = signatureOf(body as unknown as Signed, String(server_key));
      expect(body['signature_key'], id).to.equal(expected);
    }
    for (const { body } of context.fake.notifications.all) {
      expect(body['signature_key']).to.equal(signatureOf(body as unknown as Signed, serverKey));
    }
  });

  it('agree about the Authorization header', () => {
    const vector = examples?.find(({ id }) => id === 'auth.basic');
    const header = `Authorization: ${basicHeader(String(vector?.server_key))}`;
    expect(header).to.equal(vector?.header);
  });

  it('accepts the documented requests as they stand', () => {
    const operations: Readonly<Record<string, string>> = {
      'snap.create': 'snap_create',
      'charge.': 'charge',
      'capture.': 'capture',
      'refund.': 'refund',
    };
    const judged = (examples ?? []).flatMap(({ id, kind, body }) => {
      const operation = Object.entries(operations).find(([prefix]) => id.startsWith(prefix))?.[1];
      if (kind !== 'request' || operation === undefined) return [];
      const checker = new Checker();
      checkBody(checker, operation, body);
      return [[id, [...checker.refusals, ...checker.breaches]]];
    });
    const template = ['transaction_details.order_id format is invalid'];
    expect(Object.fromEntries(judged)).to.deep.equal({
      'snap.create.min': [],
      'snap.create.typical': [],
      'snap.create.override-header': [],
      'charge.card': [],
      // Its order_id is a template of the tool the page was made with: {{$timestamp}}.
      'charge.va.bni': template,
      'charge.gopay': [],
      'capture.partial': [],
      'refund.partial': [],
    });
  });
});
