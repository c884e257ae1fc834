/**
 * The samples of PayzPool's document, verbatim: the request, and the answer that is printed for it.
 * `varies` are the values that cannot be the document's own: ids, and addresses of the switch. The
 * document hides its example's e-mail address; ours stands in for it.
 */

export interface Transcript {
  readonly title: string;
  readonly method: 'GET' | 'POST';
  /** Below the base URL; `{transaction_id}` is the transaction it is about. */
  readonly path: string;
  readonly body?: string;
  readonly status: number;
  readonly answer: object;
  readonly varies: Readonly<Record<string, RegExp>>;
}

export const email = 'customer@example.com';

const transaction = /^txn_[0-9a-z]{26}$/;
const intent = /^pi_[0-9a-zA-Z]+$/;

const created = {
  success: true,
  data: {
    transaction_id: 'txn_abc123xyz',
    checkout_url: 'https://payzpool.com/checkout/txn_abc123xyz',
    payment_intent: {
      id: 'pi_3Abc123xyz',
      client_secret: 'pi_3Abc123xyz_secret_abc',
      status: 'requires_payment_method',
      amount: 99.99,
      currency: 'usd',
    },
    stripe_account: { publishable_key: 'pk_live_xxxxx' },
  },
};

const createdVaries = {
  'data.transaction_id': transaction,
  'data.checkout_url': /^http:\/\/[^/]+\/checkout\/txn_[0-9a-z]{26}$/,
  'data.payment_intent.id': intent,
  'data.payment_intent.client_secret': /^pi_[0-9a-zA-Z]+_secret_[0-9a-zA-Z]+$/,
  'data.stripe_account.publishable_key': /^pk_/,
};

export const create: Transcript = {
  title: 'Create Payment Intent',
  method: 'POST',
  path: '/api/payment-intents',
  body: `{
  "amount": 99.99,
  "currency": "usd",
  "customer_email": "${email}",
  "customer_name": "John Doe",
  "description": "Order #12345",
  "return_url": "https://yoursite.com/payment/success",
  "webhook_url": "https://yoursite.com/webhooks/payment",
  "metadata": {
    "order_id": "12345",
    "product": "Premium Plan"
  }
}`,
  status: 201,
  answer: created,
  varies: createdVaries,
};

export const createPicked: Transcript = {
  title: 'Manual Account Selection',
  method: 'POST',
  path: '/api/payment-intents',
  body: `{
  "amount": 99.99,
  "currency": "usd",
  "customer_email": "${email}",
  "return_url": "https://yoursite.com/success",
  "payment_account_id": 6
}`,
  status: 201,
  answer: created,
  varies: createdVaries,
};

const succeeded = {
  transaction_id: 'txn_abc123xyz',
  payment_intent_id: 'pi_3Abc123xyz',
  amount: 99.99,
  currency: 'usd',
  status: 'succeeded',
  customer_email: email,
  customer_name: 'John Doe',
  description: 'Order #12345',
};

/** Of a payment that was made at half past two and paid a minute later. */
export const list: Transcript = {
  title: 'List Payment Intents',
  method: 'GET',
  path:
    `/api/payment-intents?status=succeeded&customer_email=${email}` +
    '&from_date=2025-01-01&to_date=2025-12-31&limit=50&offset=0',
  status: 200,
  answer: {
    success: true,
    data: [{ ...succeeded, created_at: '2025-11-11T14:30:00+00:00' }],
    count: 1,
  },
  varies: { 'data.0.transaction_id': transaction, 'data.0.payment_intent_id': intent },
};

export const get: Transcript = {
  title: 'Get Payment Intent',
  method: 'GET',
  path: '/api/payment-intents/{transaction_id}',
  status: 200,
  answer: {
    success: true,
    data: {
      ...succeeded,
      metadata: { order_id: '12345', product: 'Premium Plan' },
      created_at: '2025-11-11T14:30:00+00:00',
      updated_at: '2025-11-11T14:31:00+00:00',
    },
  },
  varies: { 'data.transaction_id': transaction, 'data.payment_intent_id': intent },
};

export const cancel: Transcript = {
  title: 'Cancel Payment Intent',
  method: 'POST',
  path: '/api/payment-intents/{transaction_id}/cancel',
  status: 200,
  answer: {
    success: true,
    message: 'Payment intent cancelled successfully',
    data: { transaction_id: 'txn_abc123xyz', status: 'cancelled' },
  },
  varies: { 'data.transaction_id': transaction },
};

export const refund: Transcript = {
  title: 'Refund Payment',
  method: 'POST',
  path: '/api/payment-intents/{transaction_id}/refund',
  body: `{
  "amount": 50.00,
  "reason": "requested_by_customer"
}`,
  status: 200,
  answer: {
    success: true,
    message: 'Refund created successfully',
    data: {
      transaction_id: 'txn_abc123xyz',
      refund_id: 're_3Abc123xyz',
      amount: 50.0,
      status: 'refunded',
    },
  },
  varies: { 'data.transaction_id': transaction, 'data.refund_id': /^re_[0-9a-zA-Z]+$/ },
};

/** Posted to the transaction's own URL. */
export const webhook = {
  payload: {
    event: 'payment_intent.succeeded',
    data: {
      transaction_id: 'txn_abc123xyz',
      payment_intent_id: 'pi_3Abc123xyz',
      amount: 99.99,
      currency: 'usd',
      status: 'succeeded',
      customer_email: email,
    },
    timestamp: '2025-11-11T14:31:00+00:00',
  },
  varies: { 'data.transaction_id': transaction, 'data.payment_intent_id': intent },
};
