/** The fake refuses what Midtrans would refuse, and notes what Midtrans would let pass. */
import { expect } from 'chai';
import { Checker } from './checker.ts';
import { checkBody } from './contract.ts';
import { openContext, send, type SpecContext } from './spec-context.ts';

const order = { order_id: 'A-1', gross_amount: 20_000 };
const snap = (more: object) => ({ transaction_details: order, ...more });
const charge = (more: object) => ({ payment_type: 'qris', transaction_details: order, ...more });
const item = { name: 'tea', price: 20_000, quantity: 1 };
const ordered = (more: object) => ({ transaction_details: { ...order, ...more } });

/** Operation, body, the refusal. */
const refused: readonly [operation: string, body: unknown, message: string][] = [
  ['snap_create', undefined, 'the request body must be a JSON object'],
  ['snap_create', {}, 'transaction_details is required'],
  ['snap_create', ordered({ order_id: undefined }), 'transaction_details.order_id is required'],
  [
    'snap_create',
    ordered({ order_id: 'a'.repeat(51) }),
    'transaction_details.order_id is too long (maximum is 50 characters)',
  ],
  ['snap_create', ordered({ order_id: 'a b' }), 'transaction_details.order_id format is invalid'],
  ['snap_create', ordered({ order_id: 'a/b' }), 'transaction_details.order_id format is invalid'],
  [
    'snap_create',
    ordered({ gross_amount: 20_000.5 }),
    'transaction_details.gross_amount must be an integer',
  ],
  [
    'snap_create',
    ordered({ gross_amount: '20000' }),
    'transaction_details.gross_amount must be an integer',
  ],
  [
    'snap_create',
    ordered({ gross_amount: 0 }),
    'transaction_details.gross_amount must be greater than or equal to 0.01',
  ],
  [
    'snap_create',
    snap({ item_details: [item, item] }),
    'transaction_details.gross_amount is not equal to the sum of item_details',
  ],
  [
    'snap_create',
    snap({ item_details: [{ ...item, name: undefined }] }),
    'item_details[0].name is required',
  ],
  [
    'snap_create',
    snap({ enabled_payments: ['gopay', 'paypal'] }),
    'enabled_payments: "paypal" is not a payment channel',
  ],
  [
    'snap_create',
    snap({ customer_details: { email: 'nobody' } }),
    'customer_details.email format is invalid',
  ],
  ['snap_create', snap({ callbacks: { finish: '/back' } }), 'callbacks.finish format is invalid'],
  [
    'snap_create',
    snap({ page_expiry: { duration: 3, unit: 'weeks' } }),
    'page_expiry.unit must be one of minute, minutes, hour, hours, day, days',
  ],
  [
    'snap_create',
    snap({ expiry: { duration: 3, unit: 'hour', start_time: '2026-11-21T10:00:00Z' } }),
    'expiry.start_time must be written as YYYY-MM-DD HH:MM:SS +0700',
  ],
  [
    'snap_create',
    snap({ custom_field1: 'x'.repeat(256) }),
    'custom_field1 is too long (maximum is 255 characters)',
  ],
  [
    'snap_create',
    snap({ credit_card: { secure: 'true' } }),
    'credit_card.secure must be a boolean',
  ],
  ['charge', charge({ payment_type: undefined }), 'payment_type is required'],
  ['charge', charge({ payment_type: 'bank_transfer' }), 'bank_transfer is required'],
  [
    'charge',
    charge({ payment_type: 'bank_transfer', bank_transfer: { bank: 'hsbc' } }),
    'bank_transfer.bank must be one of bca, bni, bri, permata, cimb, danamon, bsi, seabank',
  ],
  [
    'charge',
    charge({ payment_type: 'echannel', echannel: { bill_info1: 'For:' } }),
    'echannel.bill_info2 is required',
  ],
  [
    'charge',
    charge(ordered({ gross_amount: 10_000_001 })),
    'gross_amount is above the maximum of 10000000',
  ],
  [
    'charge',
    {
      ...charge({ payment_type: 'bank_transfer', bank_transfer: { bank: 'bca' } }),
      ...ordered({ gross_amount: 9_999 }),
    },
    'gross_amount is below the minimum of 10000',
  ],
  ['charge', charge({ custom_expiry: {} }), 'custom_expiry.expiry_duration is required'],
  ['capture', { gross_amount: 1 }, 'transaction_id is required'],
  ['refund', { refund_key: 'a.b', amount: 1 }, 'refund_key format is invalid'],
  ['refund', { refund_key: 'a', amount: 0 }, 'amount must be greater than or equal to 1'],
  ['refund_direct', { refund_key: 'a', amount: '1' }, 'amount must be an integer'],
];

const noted: readonly [operation: string, body: unknown, message: string][] = [
  ['snap_create', snap({ currency: 'IDR' }), 'currency is not a documented parameter'],
  [
    'snap_create',
    snap({ callbacks: { unfinish: 'https://a.example' } }),
    'callbacks.unfinish is not a documented parameter',
  ],
  ['charge', charge({ gopay: {} }), 'gopay does not belong to a charge with payment_type qris'],
  ['refund', { refund_key: 'a', note: 'x' }, 'note is not a documented parameter'],
  ['cancel', { reason: 'x' }, 'cancel takes no body'],
];

describe('the fake’s contract of requests', () => {
  const judge = (operation: string, body: unknown) => {
    const checker = new Checker();
    checkBody(checker, operation, body);
    return { refusals: checker.refusals, breaches: checker.breaches };
  };

  for (const [operation, body, message] of refused) {
    it(`refuses a ${operation}: ${message}`, () => {
      expect(judge(operation, body)).to.deep.equal({ refusals: [message], breaches: [] });
    });
  }

  for (const [operation, body, message] of noted) {
    it(`notes of a ${operation}: ${message}`, () => {
      expect(judge(operation, body)).to.deep.equal({ refusals: [], breaches: [message] });
    });
  }

  it('counts a negative item as a discount', () => {
    const items = [
      { ...item, price: 25_000 },
      { ...item, price: -5_000 },
    ];
    const body = snap({ item_details: items });
    expect(judge('snap_create', body)).to.deep.equal({ refusals: [], breaches: [] });
  });

  describe('over HTTP', () => {
    let context: SpecContext;
    beforeEach(async () => {
      context = await openContext();
    });
    afterEach(async () => {
      await context.close();
    });

    it('refuses in each family’s own words, and carries nothing out', async () => {
      const { apiUrl, appUrl } = context.fake;
      const core = await send(`${apiUrl}/v2/charge`, { body: charge({ payment_type: 'cash' }) });
      expect(core.status).to.equal(400);
      expect(core.body['validation_messages']).to.have.length(1);
      const other = await send(`${appUrl}/snap/v1/transactions`, { body: {} });
      expect(other.status).to.equal(400);
      expect(other.body['error_messages']).to.deep.equal(['transaction_details is required']);
      const broken = await send(`${apiUrl}/v2/charge`, { body: '{"payment_type":' });
      expect(broken.body['status_code']).to.equal('413');
      expect(context.fake.requests.map(({ acted }) => acted)).to.deep.equal([false, false, false]);
      expect(context.fake.violations()).to.have.length(3);
      context.fake.forget();
      expect(context.fake.violations()).to.deep.equal([]);
    });

    it('notes headers that Midtrans would ignore', async () => {
      const urls = [1, 2, 3, 4].map((n) => `https://shop.example/${n}`).join(',');
      await send(`${context.fake.apiUrl}/v2/charge`, {
        body: charge({}),
        headers: {
          accept: '*/*',
          'content-type': 'text/plain',
          'idempotency-key': 'k'.repeat(47),
          'x-override-notification': urls,
        },
      });
      expect(context.fake.requests[0]?.violations).to.deep.equal([
        'the Accept header must be application/json',
        'the Content-Type header must be application/json',
        'an Idempotency-Key of more than 46 characters is ignored',
        'x-override-notification takes 3 addresses at most',
      ]);
    });
  });
});
