/** The Core API of the fake, driven by Midtrans' official client. */
import { expect } from 'chai';
import {
  chargeBody,
  openContext,
  rejection,
  send,
  serverKey,
  type SpecContext,
} from './spec-context.ts';
import { basicHeader } from './wire.ts';

const dayMs = 86_400_000;
const qris = { payment_type: 'qris' };
const bank = (name: string) => ({ payment_type: 'bank_transfer', bank_transfer: { bank: name } });

describe('the fake’s Core API, driven by the official client', () => {
  let context: SpecContext;
  beforeEach(async () => {
    context = await openContext();
  });
  afterEach(async () => {
    await context.close();
  });

  const charge = (id: string, method: Record<string, unknown>, amount = 20_000) =>
    context.core.charge(chargeBody(id, amount, method));
  const chargeCard = (id: string, number: string, block: Record<string, unknown> = {}) =>
    charge(id, {
      payment_type: 'credit_card',
      credit_card: { token_id: context.fake.cardToken(number), ...block },
    });
  const statusOf = async (id: string) =>
    (await context.core.transaction.status(id))['transaction_status'];
  const codeOf = async (work: Promise<unknown>) =>
    (await rejection(work)).ApiResponse['status_code'];

  it('waits for a scanned QR code, is asked by both ids, and settles', async () => {
    const made = await charge('Q-1', qris);
    expect(made).to.include({ status_code: '201', gross_amount: '20000.00' });
    expect(made['transaction_time'], 'in Jakarta').to.equal('2026-11-21 17:00:00');
    expect(made['expiry_time']).to.equal('2026-11-21 17:15:00');
    expect(made['qr_string']).to.be.a('string').that.includes('540820000.00');
    expect(await statusOf('Q-1')).to.equal('pending');
    context.fake.dashboard.settle('Q-1');
    expect(await statusOf(String(made['transaction_id']))).to.equal('settlement');
    expect(context.fake.violations()).to.deep.equal([]);
  });

  it('gives each bank its account number, and a bill its two numbers', async () => {
    for (const name of ['bca', 'bni', 'bri', 'cimb']) {
      const { va_numbers } = await charge(`V-${name}`, bank(name));
      expect(va_numbers).to.have.nested.property('[0].bank', name);
      expect(va_numbers)
        .to.have.nested.property('[0].va_number')
        .that.matches(/^\d{16}$/);
    }
    expect(await charge('V-permata', bank('permata'))).to.have.property('permata_va_number');
    const echannel = { bill_info1: 'Payment:', bill_info2: 'tea' };
    const bill = await charge('V-bill', { payment_type: 'echannel', echannel });
    expect(bill).to.include({ biller_code: '70012' }).and.to.have.property('bill_key');
    const { actions } = await charge('V-gopay', { payment_type: 'gopay' });
    expect((actions as { name: string }[]).map(({ name }) => name)).to.deep.equal([
      'generate-qr-code',
      'generate-qr-code-v2',
      'deeplink-redirect',
      'get-status',
      'cancel',
    ]);
  });

  it('reports an unknown order and a wrong state inside HTTP 200', async () => {
    const unknown = await rejection(context.core.transaction.status('nobody'));
    expect(unknown.ApiResponse['status_code']).to.equal('404');
    expect(context.fake.requests.at(-1)?.answer?.http).to.equal(200);
    await charge('S-1', qris);
    await context.core.transaction.cancel('S-1');
    for (const kind of ['cancel', 'expire', 'approve', 'deny'] as const) {
      expect(await codeOf(context.core.transaction[kind]('S-1')), kind).to.equal('412');
    }
    expect(await codeOf(context.core.transaction.refund('S-1', { refund_key: 'k' }))).to.equal(
      '412',
    );
  });

  it('expires with 407, on request and by the clock', async () => {
    await charge('E-1', qris);
    const expired = await context.core.transaction.expire('E-1');
    expect(expired).to.include({ status_code: '407', transaction_status: 'expire' });
    await charge('E-2', bank('bca'));
    context.wait(dayMs - 1);
    expect(await statusOf('E-2')).to.equal('pending');
    context.wait(1);
    expect(await context.core.transaction.status('E-2')).to.include({
      status_code: '407',
      transaction_status: 'expire',
    });
    const custom_expiry = { expiry_duration: 2, unit: 'minute' };
    const made = await charge('E-3', { ...qris, custom_expiry });
    expect(made['expiry_time']).to.equal('2026-11-22 17:02:00');
  });

  it('takes an order_id once while it is active or paid, and again after its end', async () => {
    await charge('O-1', qris);
    expect(await codeOf(charge('O-1', qris)), 'active').to.equal('406');
    await context.core.transaction.cancel('O-1');
    const again = await charge('O-1', bank('bni'));
    context.fake.dashboard.settle('O-1');
    expect(await codeOf(charge('O-1', qris)), 'paid').to.equal('406');
    expect((await context.core.transaction.status('O-1'))['transaction_id']).to.equal(
      again['transaction_id'],
    );
  });

  it('finds a DANA payment by its transaction_id only, with its status in upper case', async () => {
    const made = await charge('DANA-1', { payment_type: 'dana' });
    expect(await codeOf(context.core.transaction.status('DANA-1'))).to.equal('404');
    expect(await context.core.transaction.status(String(made['transaction_id']))).to.include({
      status_code: '200',
      transaction_status: 'PENDING',
      order_id: 'DANA-1',
    });
  });

  it('keeps merchants apart, and refuses a key that is none', async () => {
    await charge('M-1', qris);
    const url = `${context.fake.apiUrl}/v2/M-1/status`;
    const other = await send(url, { key: 'SB-Mid-server-other' });
    expect(other.body['status_code']).to.equal('404');
    const basic = (text: string) => ({ authorization: `Basic ${btoa(text)}` });
    const wrong = [
      basic('SB-Mid-client-a:'),
      basic('SB-Mid-server-invalid:'),
      basic(`${serverKey}:password`),
      { authorization: `Bearer ${serverKey}` },
    ];
    for (const headers of wrong) {
      const refused = await send(url, { headers });
      expect(refused, JSON.stringify(headers)).to.include({ status: 401 });
      expect(refused.body['status_code']).to.equal('401');
    }
    expect(context.fake.requests[0]?.headers.authorization).to.equal(basicHeader(serverKey));
    context.fake.dashboard.deactivate('gopay');
    expect(await codeOf(charge('M-2', { payment_type: 'gopay' }))).to.equal('402');
  });

  it('decides cards by the sandbox’s table', async () => {
    expect(await chargeCard('C-1', '4411111111111118')).to.include({
      status_code: '200',
      transaction_status: 'capture',
      fraud_status: 'accept',
    });
    const denials: [number: string, code: string, fraud: string][] = [
      ['4711111111111115', '05', 'accept'],
      ['4472429869996670', '51', 'accept'],
      ['4611111111111116', '05', 'deny'],
    ];
    for (const [number, code, fraud] of denials) {
      expect(await chargeCard(`C-${number}`, number), number).to.include({
        status_code: '202',
        transaction_status: 'deny',
        channel_response_code: code,
        fraud_status: fraud,
      });
    }
    await chargeCard('C-slow', '4024007176265022');
    context.wait(59_999);
    expect(await statusOf('C-slow')).to.equal('pending');
    context.wait(1);
    expect(await statusOf('C-slow')).to.equal('capture');
    const token_id = context.fake.cardToken('4411111111111118');
    const twice = { payment_type: 'credit_card', credit_card: { token_id } };
    await charge('C-2', twice);
    expect(await codeOf(charge('C-3', twice)), 'a used token').to.equal('411');
    expect(await codeOf(charge('C-4', { payment_type: 'credit_card' }))).to.equal('411');
  });

  it('sends a card to 3-D Secure and waits ten minutes', async () => {
    const secure = { authentication: true };
    const made = await chargeCard('T-1', '4811111111111114', secure);
    expect(made).to.include({ status_code: '201', transaction_status: 'pending' });
    const opened = await fetch(String(made['redirect_url']));
    expect(opened.status).to.equal(200);
    context.fake.dashboard.authenticate('T-1', 'ok');
    expect(await statusOf('T-1')).to.equal('capture');
    await chargeCard('T-2', '4911111111111113', secure);
    context.fake.dashboard.authenticate('T-2', 'ok');
    expect(await statusOf('T-2')).to.equal('deny');
    await chargeCard('T-3', '4811111111111114', secure);
    context.wait(10 * 60_000);
    expect(await statusOf('T-3')).to.equal('expire');
  });

  it('captures a hold once, partly if asked, and survives the bank’s no', async () => {
    const hold = await chargeCard('H-1', '4811111111111114', { type: 'authorize' });
    expect(hold['transaction_status']).to.equal('authorize');
    const part = { transaction_id: hold['transaction_id'], gross_amount: 15_000 };
    context.fake.dashboard.next('capture_denied', 'H-1');
    const denied = await context.core.capture(part);
    expect(denied).to.include({ status_code: '202', transaction_status: 'deny' });
    expect(await statusOf('H-1'), 'still held').to.equal('authorize');
    expect(await codeOf(context.core.capture({ ...part, gross_amount: 20_001 }))).to.equal('400');
    const done = await context.core.capture(part);
    expect(done).to.include({ transaction_status: 'capture', gross_amount: '15000.00' });
    expect(await codeOf(context.core.capture(part)), 'twice').to.equal('412');
    context.wait(dayMs);
    expect(await statusOf('H-1'), 'settles at 16:00 the next day').to.equal('settlement');
    await chargeCard('H-2', '4811111111111114', { type: 'authorize' });
    context.wait(8 * dayMs);
    expect(await statusOf('H-2'), 'given back').to.equal('expire');
  });

  it('leaves a challenged card to the merchant', async () => {
    for (const id of ['F-1', 'F-2', 'F-3']) {
      await chargeCard(id, '4811111111111114');
      context.fake.dashboard.challenge(id);
      expect(await context.core.transaction.status(id)).to.include({
        status_code: '201',
        fraud_status: 'challenge',
      });
    }
    expect(await context.core.transaction.approve('F-1')).to.include({ fraud_status: 'accept' });
    expect(await context.core.transaction.deny('F-2')).to.include({
      transaction_status: 'deny',
      fraud_status: 'deny',
    });
    context.wait(dayMs);
    expect(await statusOf('F-3'), 'nobody answered').to.equal('cancel');
  });

  it('refunds in parts, with a running total, each key once', async () => {
    const give = (refund_key: string, amount?: number) =>
      context.core.transaction.refund('R-1', { refund_key, amount, reason: 'late' });
    await charge('R-1', { payment_type: 'gopay' });
    expect(await codeOf(give('a', 1)), 'not paid yet').to.equal('412');
    context.fake.dashboard.settle('R-1');
    expect(await give('a', 5_000)).to.include({
      transaction_status: 'partial_refund',
      refund_amount: '5000.00',
    });
    expect(await codeOf(give('a', 5_000)), 'the same key').to.equal('406');
    expect(await codeOf(give('b', 15_001)), 'too much').to.equal('414');
    context.fake.dashboard.next('refund_without_funds', 'R-1');
    expect(await codeOf(give('b', 1_000)), 'no funds').to.equal('414');
    context.fake.dashboard.next('refund_denied', 'R-1');
    const body = { refund_key: 'c', amount: 7_000 };
    const denied = await context.core.transaction.refundDirect('R-1', body);
    expect(denied).to.include({ status_code: '202', refund_amount: '0.00' });
    await context.core.transaction.refundDirect('R-1', body);
    const status = await context.core.transaction.status('R-1');
    expect(status['refund_amount']).to.equal('12000.00');
    expect(status['refunds']).to.have.length(2);
    expect((await give('d'))['transaction_status'], 'the rest').to.equal('refund');
  });

  it('refunds only what can be, and while it can be', async () => {
    const refuse = async (id: string, method: Record<string, unknown>, amount: number) => {
      await charge(id, method);
      context.fake.dashboard.settle(id);
      return codeOf(context.core.transaction.refund(id, { refund_key: id, amount }));
    };
    expect(await refuse('W-va', bank('bca'), 20_000), 'an account number').to.equal('412');
    expect(await refuse('W-ovo', { payment_type: 'ovo' }, 5_000), 'a part').to.equal('414');
    await charge('W-late', qris);
    context.fake.dashboard.settle('W-late');
    context.wait(45 * dayMs + 1);
    const late = context.core.transaction.refund('W-late', { refund_key: 'x', amount: 1 });
    expect(await codeOf(late), 'after 45 days').to.equal('412');
  });
});
