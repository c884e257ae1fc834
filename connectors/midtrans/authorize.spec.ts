/** What an order's beginning is answered with, method by method and word by word. */
import { expect } from 'chai';
import { Secret, type Authorize, type FaultKind } from '#sdk';
import { midtrans } from './index.ts';
import * as spec from './spec-context.ts';

const { authorize } = midtrans.operations;
const page = {
  token: 'd379aa71',
  redirect_url: 'https://app.sandbox.midtrans.com/snap/v3/redirection/1',
};
const pending = (changes: object) =>
  spec.transaction({ status_code: '201', transaction_status: 'pending', ...changes });

const begun = async (command: Partial<Authorize>, answer: spec.Answer) => {
  const stage = spec.stage([answer]);
  const outcome = await authorize(stage.context, spec.command(command));
  return { outcome, sent: spec.bodyOf(stage.requests[0]), paths: spec.pathsOf(stage) };
};

describe('Midtrans: authorizations', () => {
  it('a hosted page is opened for an hour, with 3-D Secure, and is where the customer goes', async () => {
    const { outcome, sent, paths } = await begun({ method: { type: 'hosted' } }, { ...page });
    expect(paths).to.deep.equal(['POST /snap/v1/transactions']);
    expect(sent).to.deep.include({
      transaction_details: { order_id: spec.order, gross_amount: 250_000 },
      credit_card: { secure: true },
      callbacks: { finish: 'https://switch.test/return' },
      page_expiry: { unit: 'minutes', duration: 60 },
      expiry: { unit: 'minutes', duration: 60 },
    });
    expect(outcome).to.deep.equal({
      status: 'pending',
      ref: { order: spec.order, snap: page.token },
      waitingFor: 'customer',
      nextAction: { type: 'redirect', url: page.redirect_url },
    });
  });

  it('a customer whom the merchant sends nowhere stays on the page', async () => {
    const { sent } = await begun({ method: { type: 'hosted' }, staysThere: true }, page);
    expect(sent).not.to.have.property('callbacks');
  });

  it('a page never offers what cannot be found again, and only cards when money is to be held', async () => {
    const { sent } = await begun({ method: { type: 'hosted' } }, page);
    expect(sent)
      .to.have.property('enabled_payments')
      .that.includes('gopay')
      .and.not.includes('dana');
    const manual = await begun({ method: { type: 'hosted' }, capture: 'manual' }, page);
    expect(manual.sent).to.deep.include({
      enabled_payments: ['credit_card'],
      credit_card: { secure: true, type: 'authorize' },
    });
    const { context, requests } = spec.stage([], { enabled_payments: ['gopay'] });
    const command = spec.command({ method: { type: 'hosted' }, capture: 'manual' });
    expect(await spec.faultOf(authorize(context, command))).to.equal('rejected');
    expect(requests).to.deep.equal([]);
  });

  const snapAnswers: readonly [object, number, FaultKind][] = [
    [
      {
        error_messages: [
          'transaction_details.order_id has been paid and utilized, please use another order ID',
        ],
      },
      400,
      'broken',
    ],
    [{ error_messages: ['transaction_details.order_id is required'] }, 400, 'rejected'],
    [{ error_messages: 'one text alone' }, 400, 'rejected'],
    [spec.refusal('402'), 400, 'rejected'],
    [{ token: 't', redirect_url: 'javascript:alert(1)' }, 201, 'unintelligible'],
    [{ redirect_url: page.redirect_url }, 201, 'unintelligible'],
    [{ token: 't' }, 400, 'unintelligible'],
  ];
  for (const [body, status, kind] of snapAnswers) {
    it(`Snap's ${status} ${JSON.stringify(body)}: ${kind}`, async () => {
      const work = begun({ method: { type: 'hosted' } }, { status, text: JSON.stringify(body) });
      expect(await spec.faultOf(work)).to.equal(kind);
    });
  }

  it('a card token is authenticated; 3-D Secure is where the customer goes', async () => {
    const url = 'https://api.sandbox.midtrans.com/v2/3ds/redirect/1';
    const { outcome, sent, paths } = await begun(
      { capture: 'manual' },
      pending({ redirect_url: url }),
    );
    expect(paths).to.deep.equal(['POST /v2/charge']);
    expect(sent).to.deep.include({
      payment_type: 'credit_card',
      credit_card: { token_id: '481111-1114-tokenSecret', authentication: true, type: 'authorize' },
    });
    expect(outcome).to.deep.include({ status: 'pending', waitingFor: 'customer' });
    expect(outcome).to.have.deep.property('nextAction', { type: 'redirect', url });
  });

  it('a card that waits and shows nothing waits for its bank', async () => {
    expect((await begun({}, pending({}))).outcome).to.include({ waitingFor: 'processor' });
  });

  it('a captured card tells the amount, the order and the card as Midtrans has them', async () => {
    const told = {
      masked_card: '48111111-1114',
      approval_code: '1578569243927',
      gross_amount: '249999.00',
    };
    const { outcome } = await begun({}, spec.transaction(told));
    expect(outcome).to.deep.equal({
      status: 'succeeded',
      operationId: spec.order,
      amount: spec.idr(249_999),
      ref: { order: spec.order, transaction: spec.transactionId, reached: 'captured' },
      verification: { auth_code: '1578569243927' },
      instrument: { type: 'card', processor_type: 'credit_card', bin: '48111111', last4: '1114' },
    });
    const other = await begun({}, spec.transaction({ order_id: 'op_another' }));
    expect(other.outcome).to.include({ operationId: 'op_another' });
  });

  it('QRIS shows a code, GoPay opens an app', async () => {
    const actions = [
      { name: 'generate-qr-code', url: 'https://api.test/1/qr-code' },
      { name: 'generate-qr-code-v2', url: 'https://api.test/2/qr-code' },
      { name: 'deeplink-redirect', url: 'gojek://gopay/merchanttransfer?tref=1' },
    ];
    const qris = await begun(
      { method: { type: 'qris' } },
      pending({ payment_type: 'qris', qr_string: '000201', actions }),
    );
    expect(qris.sent).to.include({ payment_type: 'qris' });
    expect(qris.outcome).to.have.deep.property('nextAction', {
      type: 'show_qr',
      data: '000201',
      url: actions[0]?.url,
    });
    const gopay = await begun(
      { method: { type: 'gopay' } },
      pending({ payment_type: 'gopay', actions }),
    );
    expect(gopay.sent).to.deep.include({
      gopay: { enable_callback: true, callback_url: 'https://switch.test/return' },
      custom_expiry: { expiry_duration: 60, unit: 'minute' },
    });
    const action = { type: 'open_app', url: actions[2]?.url, qr_url: actions[1]?.url };
    expect(gopay.outcome).to.have.deep.property('nextAction', action);
  });

  const transfers = [
    [
      'bni',
      {
        payment_type: 'bank_transfer',
        va_numbers: [{ bank: 'bni', va_number: '8578000000111111' }],
      },
      { type: 'transfer_to', bank: 'bni', number: '8578000000111111' },
    ],
    [
      'permata',
      { payment_type: 'bank_transfer', permata_va_number: '8778002332015' },
      { type: 'transfer_to', bank: 'permata', number: '8778002332015' },
    ],
    [
      'mandiri',
      { payment_type: 'echannel', biller_code: '70012', bill_key: '990000000260' },
      { type: 'pay_bill', bank: 'mandiri', biller_code: '70012', bill_key: '990000000260' },
    ],
  ] as const;
  for (const [bank, told, nextAction] of transfers) {
    it(`a transfer at ${bank} shows where to`, async () => {
      const { outcome, sent } = await begun(
        { method: { type: 'bank_transfer', bank } },
        pending(told),
      );
      expect(sent).to.include({ payment_type: told.payment_type });
      expect(outcome).to.deep.include({ status: 'pending', waitingFor: 'customer', nextAction });
    });
  }

  it('what a bank or a method does not do is refused before it is sent', async () => {
    const { context, requests } = spec.stage([]);
    const wrong: Partial<Authorize>[] = [
      { method: { type: 'bank_transfer', bank: 'hsbc' } },
      { method: { type: 'bank_transfer', bank: 'constructor' } },
      { method: { type: 'bank_transfer', bank: 'cimb' }, amount: spec.idr(250_000_001) },
      { method: { type: 'bank_transfer', bank: 'bca' }, capture: 'manual' },
      { method: { type: 'qris' }, capture: 'manual' },
      { method: { type: 'gopay' }, capture: 'manual' },
      { details: { off_session: true } },
      {
        method: {
          type: 'card',
          number: new Secret('4'),
          exp_month: 1,
          exp_year: 2030,
          cvc: undefined,
          holder_name: undefined,
        },
      },
    ];
    for (const changes of wrong) {
      expect(await spec.faultOf(authorize(context, spec.command(changes)))).to.equal('rejected');
    }
    expect(requests).to.deep.equal([]);
  });

  const unreadable: readonly [what: string, command: Partial<Authorize>, answer: object][] = [
    ['an invented status', {}, { transaction_status: 'settling' }],
    ['a status of the prototype', {}, { transaction_status: 'constructor' }],
    ['no status', {}, { transaction_status: undefined }],
    ['an invented fraud_status', {}, { fraud_status: 'maybe' }],
    ['an empty fraud_status', {}, { fraud_status: '' }],
    ['a capture that fraud_status denies', {}, { fraud_status: 'deny' }],
    [
      'a settlement under challenge',
      {},
      { transaction_status: 'settlement', fraud_status: 'challenge' },
    ],
    ['dollars', {}, { currency: 'USD' }],
    ['an amount that is a number', {}, { gross_amount: 250_000 }],
    ['no order', {}, { order_id: undefined }],
    ['captured though it was to be held', { capture: 'manual' }, {}],
    ['held though it was to be captured', {}, { transaction_status: 'authorize' }],
    [
      'a QR code that is missing',
      { method: { type: 'qris' } },
      { transaction_status: 'pending', payment_type: 'qris' },
    ],
    [
      'an app’s link that is a script',
      { method: { type: 'gopay' } },
      {
        transaction_status: 'pending',
        payment_type: 'gopay',
        actions: [{ name: 'deeplink-redirect', url: 'javascript://%0aalert(1)' }],
      },
    ],
    [
      'an account number with letters',
      { method: { type: 'bank_transfer', bank: 'bni' } },
      {
        transaction_status: 'pending',
        payment_type: 'bank_transfer',
        va_numbers: [{ bank: 'bni', va_number: '85x8' }],
      },
    ],
  ];
  for (const [what, command, answer] of unreadable) {
    it(`${what} is not read as anything`, async () => {
      expect(await spec.faultOf(begun(command, spec.transaction(answer)))).to.equal(
        'unintelligible',
      );
    });
  }
});
