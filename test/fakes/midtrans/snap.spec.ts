/** The Snap side of the fake, driven by Midtrans' official client. */
import { expect } from 'chai';
import type { SnapMethod } from './facts.ts';
import { chargeBody, openContext, rejection, send, type SpecContext } from './spec-context.ts';

describe('the fake’s Snap, driven by the official client', () => {
  let context: SpecContext;
  beforeEach(async () => {
    context = await openContext();
  });
  afterEach(async () => {
    await context.close();
  });

  const create = (id: string, more: Record<string, unknown> = {}) =>
    context.snap.createTransaction(chargeBody(id, 10_000, more));
  const status = (id: string) => context.core.transaction.status(id);
  const cancel = (token: string) =>
    send(`${context.fake.appUrl}/snap/v1/transactions/${token}/cancel`, { method: 'POST' });

  it('answers a token and a page, and knows no transaction before the customer chose', async () => {
    const made = await create('S-1');
    expect(context.fake.requests[0]?.answer?.http).to.equal(201);
    expect(made.redirect_url.endsWith(made.token)).to.equal(true);
    const page = await fetch(made.redirect_url);
    expect(await page.text()).to.include('Pay S-1');
    expect((await rejection(status('S-1'))).ApiResponse['status_code']).to.equal('404');
    expect(context.fake.violations()).to.deep.equal([]);
  });

  it('has the customer pay by every method it offers', async () => {
    const types: Readonly<Partial<Record<SnapMethod, string>>> = {
      other_qris: 'qris',
      bca_va: 'bank_transfer',
      other_va: 'bank_transfer',
      echannel: 'echannel',
      gopay: 'gopay',
      indomaret: 'cstore',
    };
    for (const [method, type] of Object.entries(types)) {
      const { token } = await create(`P-${method}`);
      context.fake.customerPays(token, method as SnapMethod, 'pending');
      expect(await status(`P-${method}`)).to.include({ payment_type: type, status_code: '201' });
      context.fake.customerPays(token, method as SnapMethod);
      expect(await status(`P-${method}`)).to.include({ transaction_status: 'settlement' });
    }
    const { token } = await create('P-card', { credit_card: { secure: true, type: 'authorize' } });
    context.fake.customerPays(token, 'credit_card', 'challenged');
    expect(await status('P-card')).to.include({
      transaction_status: 'authorize',
      fraud_status: 'challenge',
      masked_card: '48111111-1114',
    });
  });

  it('lets a denied customer try again under the same order_id', async () => {
    const { token } = await create('D-1');
    const first = context.fake.customerPays(token, 'credit_card', 'denied', { responseCode: '51' });
    expect(await status('D-1')).to.include({
      transaction_status: 'deny',
      channel_response_code: '51',
    });
    const second = context.fake.customerPays(token, 'gopay');
    expect(second.transactionId).to.not.equal(first.transactionId);
    expect(await status('D-1')).to.include({ transaction_status: 'settlement' });
    expect(() => context.fake.customerPays(token, 'gopay')).to.throw('complete');
    const again = await rejection(create('D-1'));
    expect(again.httpStatusCode).to.equal(400);
    expect(again.ApiResponse['error_messages']).to.deep.equal([
      'transaction_details.order_id has been paid and utilized, please use another order ID',
    ]);
  });

  it('sends the browser back with the order and its status', async () => {
    const callbacks = { finish: 'https://shop.example/done?a=1', error: 'https://shop.example/no' };
    const { token } = await create('B-1', { callbacks });
    const no = context.fake.customerPays(token, 'credit_card', 'denied');
    expect(no.returnUrl).to.equal(
      'https://shop.example/no?order_id=B-1&status_code=202&transaction_status=deny',
    );
    const yes = context.fake.customerPays(token, 'credit_card');
    expect(yes.returnUrl).to.equal(
      'https://shop.example/done?a=1&order_id=B-1&status_code=200&transaction_status=capture',
    );
  });

  it('offers only what was enabled, aliases included', async () => {
    const { token } = await create('A-1', { enabled_payments: ['bank_transfer', 'gopay'] });
    expect(() => context.fake.customerPays(token, 'credit_card')).to.throw('not on the page');
    context.fake.customerPays(token, 'bri_va', 'pending');
    expect(() => context.fake.customerPays(token, 'gopay')).to.throw('already waits');
  });

  it('ends the page by the clock without a word', async () => {
    const short = await create('X-1', { page_expiry: { duration: 3, unit: 'hours' } });
    const usual = await create('X-2');
    context.wait(3 * 3_600_000);
    expect(() => context.fake.customerPays(short.token, 'gopay')).to.throw('expired');
    context.fake.customerPays(usual.token, 'bca_va', 'pending');
    context.wait(21 * 3_600_000);
    expect(await (await fetch(usual.redirect_url)).text()).to.include('expired');
    await context.fake.notifications.idle();
    expect(context.fake.notifications.of('X-1')).to.deep.equal([]);
  });

  it('cancels a page that nobody pays on', async () => {
    const open = await create('C-1');
    expect((await cancel(open.token)).body['canceled_at']).to.equal('2026-11-21T10:00:00.000Z');
    const busy = await create('C-2');
    context.fake.customerPays(busy.token, 'bni_va', 'pending');
    const messages = [];
    for (const token of [open.token, busy.token, 'nobody']) {
      const { status: http, body } = await cancel(token);
      messages.push([http, body['error_messages']]);
    }
    expect(messages).to.deep.equal([
      [400, ['token already canceled']],
      [400, ['Transaction is on progress']],
      [400, ['token not found']],
    ]);
    expect(() => context.fake.customerPays(open.token, 'gopay')).to.throw('canceled');
  });

  it('answers 404 to the other family’s paths', async () => {
    const { apiUrl, appUrl } = context.fake;
    const body = chargeBody('N-1', 10_000, { payment_type: 'qris' });
    expect((await send(`${appUrl}/v2/charge`, { body })).status).to.equal(404);
    expect((await send(`${apiUrl}/snap/v1/transactions`, { body })).status).to.equal(404);
    expect(context.fake.violations()).to.deep.equal([
      'POST /v2/charge: there is no POST /v2/charge',
      'POST /snap/v1/transactions: there is no POST /snap/v1/transactions',
    ]);
  });
});
