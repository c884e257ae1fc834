/**
 * Paypool's document as requests and answers: each sample request verbatim, and the answer that
 * stands beside it. What varies from one run to the next is a pattern or a type; all else is
 * literal. They run in order, at a fresh sandbox.
 */

/** What a varying member has to look like. */
export interface Varying {
  readonly like: RegExp;
}

export interface Transcript {
  readonly title: string;
  readonly request: {
    readonly method: 'GET' | 'POST';
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    /** The bytes of the document. */
    readonly body?: string;
  };
  /** The customer pays before it. */
  readonly first?: 'paid';
  readonly answer: { readonly status: number; readonly body: unknown };
}

const time: Varying = { like: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/ };
const page: Varying = { like: /^https?:\/\/\S+$/ };

const headers = {
  Authorization: 'Bearer <APP_ACCESS_TOKEN>',
  'Content-Type': 'application/json',
};

const create = `{
  "external_id": "ORDER-10001",
  "amount": 250000,
  "currency": "IDR",
  "customer_name": "Budi",
  "customer_email": "budi@example.com",
  "customer_phone": "+628123456789",
  "description": "Order #10001",
  "metadata": {
    "order_id": 10001,
    "cart_total": 250000
  },
  "success_redirect_url": "https://app.example.com/payment/success",
  "failure_redirect_url": "https://app.example.com/payment/failed"
}`;

/** The sample in section 5 shows a part of what the sample in section 4 sent. */
const metadata = { order_id: 10_001, cart_total: 250_000 };

const paid = {
  payment_id: 1,
  external_id: 'ORDER-10001',
  amount: 250_000,
  currency: 'IDR',
  status: 'paid',
  customer_name: 'Budi',
  customer_email: 'budi@example.com',
  payment_method: 'credit_card',
  paid_at: time,
  expired_at: time,
  metadata,
  created_at: time,
};

export const transcripts: readonly Transcript[] = [
  {
    title: '4) create',
    request: { method: 'POST', path: '/api/v1/payments/create', headers, body: create },
    answer: {
      status: 201,
      body: {
        success: true,
        message: 'Payment created successfully',
        data: {
          payment_id: 1,
          external_id: 'ORDER-10001',
          amount: 250_000,
          currency: 'IDR',
          status: 'pending',
          invoice_url: page,
          expired_at: time,
        },
      },
    },
  },
  {
    title: '5a) continue',
    request: { method: 'GET', path: '/api/v1/payments/ORDER-10001/continue', headers },
    answer: { status: 200, body: { success: true, redirect_url: page } },
  },
  {
    title: '5) get',
    first: 'paid',
    request: { method: 'GET', path: '/api/v1/payments/ORDER-10001', headers },
    answer: { status: 200, body: { success: true, data: paid } },
  },
  {
    title: '5a) continue, no longer pending',
    request: { method: 'GET', path: '/api/v1/payments/ORDER-10001/continue', headers },
    answer: {
      status: 400,
      body: { success: false, message: 'Payment is not pending or cannot be continued' },
    },
  },
  {
    title: '6) list',
    request: {
      method: 'GET',
      path: '/api/v1/payments?status=paid&start_date=2026-02-05&end_date=2999-12-31&per_page=15',
      headers,
    },
    answer: {
      status: 200,
      body: {
        success: true,
        data: [paid],
        meta: { per_page: 15, current_page: 1, next_page_url: null },
      },
    },
  },
  {
    title: '7) cancel, not pending',
    request: { method: 'POST', path: '/api/v1/payments/ORDER-10001/cancel', headers },
    answer: {
      status: 400,
      body: { success: false, message: 'Only pending payments can be cancelled' },
    },
  },
  {
    title: '4) create, the same external_id',
    request: { method: 'POST', path: '/api/v1/payments/create', headers, body: create },
    answer: {
      status: 422,
      body: {
        success: false,
        errors: { external_id: ['The external id has already been taken.'] },
      },
    },
  },
  {
    title: '9) a field is missing',
    request: {
      method: 'POST',
      path: '/api/v1/payments/create',
      headers,
      body: create.replace('  "external_id": "ORDER-10001",\n', ''),
    },
    answer: {
      status: 422,
      body: {
        success: false,
        errors: { external_id: ['The external id field is required.'] },
      },
    },
  },
  {
    title: '9) an invalid token',
    request: {
      method: 'GET',
      path: '/api/v1/payments/ORDER-10001',
      headers: { ...headers, Authorization: 'Bearer invalid' },
    },
    answer: { status: 401, body: { success: false, message: 'Invalid token' } },
  },
  {
    title: '4) create another one',
    request: {
      method: 'POST',
      path: '/api/v1/payments/create',
      headers,
      body: create.replace('ORDER-10001"', 'ORDER-10002"'),
    },
    answer: {
      status: 201,
      body: {
        success: true,
        message: 'Payment created successfully',
        data: {
          payment_id: 2,
          external_id: 'ORDER-10002',
          amount: 250_000,
          currency: 'IDR',
          status: 'pending',
          invoice_url: page,
          expired_at: time,
        },
      },
    },
  },
  {
    title: '7) cancel',
    request: { method: 'POST', path: '/api/v1/payments/ORDER-10002/cancel', headers },
    answer: {
      status: 200,
      body: {
        success: true,
        message: 'Payment cancelled successfully',
        data: {
          ...paid,
          payment_id: 2,
          external_id: 'ORDER-10002',
          status: 'failed',
          payment_method: null,
          paid_at: null,
          metadata: { ...metadata, cancelled: true },
        },
      },
    },
  },
];

/** The body of section 8, as it is sent for the payment of section 4. */
export const webhook = {
  event: 'payment.updated',
  payment: {
    external_id: 'ORDER-10001',
    amount: 250_000,
    currency: 'IDR',
    status: 'paid',
    customer_name: 'Budi',
    customer_email: 'budi@example.com',
    payment_method: 'credit_card',
    paid_at: time,
    metadata,
  },
};
