/** What the golden transcripts of the card gateway are made of: its objects, whole. */

/** A literal, a pattern for a text, `Number` for any, or a shape of these. */
export type Shape =
  | string
  | number
  | boolean
  | null
  | RegExp
  | NumberConstructor
  | readonly Shape[]
  | { readonly [name: string]: Shape };

export interface Exchange {
  readonly title: string;
  readonly method?: 'GET' | 'POST';
  /** `{name}` stands for what an earlier exchange kept; in headers and bodies too. */
  readonly path: string;
  /** From a browser: no key. */
  readonly anonymous?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly status: number;
  readonly answer: Shape;
  /** Name → dotted place in the answer. */
  readonly keeps?: Readonly<Record<string, string>>;
}

export const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
export const requestId = /^req_[0-9a-z]{26}$/;

export const card = {
  number: '4242 4242 4242 4242',
  cardholder_name: 'John Doe',
  exp_month: 12,
  exp_year: 2027,
  cvv: '123',
};

export const order = {
  amount: 9999,
  currency: 'USD',
  card,
  customer: { email: 'customer@example.com', name: 'John Doe' },
  description: 'Order #12345',
  metadata: { order_id: '12345', customer_id: 'cus_abc' },
};

const facts = {
  amount: 9999,
  currency: 'USD',
  card_brand: 'visa',
  card_last4: '4242',
  auth_code: /^[0-9A-Z]{6}$/,
  fraud_decision: 'approve',
  response_code: '00',
  response_message: 'Approved',
  description: 'Order #12345',
  customer: { email: 'customer@example.com', name: 'John Doe' },
  metadata: { order_id: '12345', customer_id: 'cus_abc' },
  created_at: time,
} satisfies Shape;

export const payment = (status: string, captured_amount: number, refunded_amount = 0) => ({
  id: /^pay_[0-9a-z]{26}$/,
  transaction_id: /^txn_[0-9a-z]{26}$/,
  status,
  captured_amount,
  refunded_amount,
  ...facts,
  updated_at: time,
});

export const refused = (
  code: string,
  error: string | RegExp,
  more: { readonly [name: string]: Shape } = {},
) => ({
  error,
  code,
  request_id: requestId,
  ...more,
});

export const intent = {
  id: /^pi_[0-9a-z]{26}$/,
  client_secret: /^pi_[0-9a-z]{26}_secret_[0-9a-f]{32}$/,
  status: 'created',
  amount: 9999,
  currency: 'USD',
  checkout_url: /^http:\/\/.+\/checkout\/\w+$/,
  success_url: 'https://yoursite.com/success?session={CHECKOUT_SESSION_ID}',
  cancel_url: 'https://yoursite.com/cancel',
  capture_method: 'automatic',
  order_id: '12345',
  description: 'Order #12345',
  customer_email: 'customer@example.com',
  metadata: { order_id: '12345', customer_id: 'cus_abc' },
  expires_at: time,
  created_at: time,
} satisfies Shape;

const { client_secret: _secret, ...withoutSecret } = intent;
export const endedIntent = { ...withoutSecret, status: 'voided' };

export const publicIntent = (status: string) => ({
  id: /^pi_[0-9a-z]{26}$/,
  status,
  amount: 9999,
  currency: 'USD',
  description: 'Order #12345',
  success_url: /^https:\/\/yoursite\.com\/success\?session=(pi_\w+)&payment_intent=\1$/,
  cancel_url: 'https://yoursite.com/cancel',
  expires_at: time,
  created_at: time,
});

export const transaction = (
  type: string,
  status: string,
  captured_amount: number,
  refunded: number,
) => ({
  id: /^txn_[0-9a-z]{26}$/,
  payment_id: /^pay_[0-9a-z]{26}$/,
  merchant_id: /^mer_[0-9a-z]{26}$/,
  type,
  status,
  captured_amount,
  refunded_amount: refunded,
  ...facts,
  authorized_at: time,
  captured_at: time,
});

export const intentBody = {
  amount: 9999,
  currency: 'USD',
  success_url: 'https://yoursite.com/success?session={CHECKOUT_SESSION_ID}',
  cancel_url: 'https://yoursite.com/cancel',
  order_id: '12345',
  description: 'Order #12345',
  capture_method: 'automatic',
  customer_email: 'customer@example.com',
  metadata: { order_id: '12345', customer_id: 'cus_abc' },
};

export function declined(response_code: string, response_message: string, card_last4: string) {
  const { auth_code: _none, fraud_decision: _unknown, ...rest } = payment('failed', 0);
  return { ...rest, card_last4, response_code, response_message };
}
