/** A client of the document, and the customer whom it sends to the page. */
import { randomBytes } from 'node:crypto';
import { expectThat, type Bench, type WireAnswer, type WireBody, type WireCall } from '#sdk';

export const path = '/api/payment-intents';

/** What nobody has used before, so that a server that was checked already can be checked again. */
export const fresh = (what: string) => `${what}-${randomBytes(8).toString('hex')}`;

/** The document's own example. */
export const order = {
  amount: 99.99,
  currency: 'usd',
  customer_email: 'customer@example.com',
  customer_name: 'John Doe',
  description: 'Order #12345',
  return_url: 'https://yoursite.com/payment/success',
  metadata: { order_id: '12345', product: 'Premium Plan' },
};

export const cards = {
  good: '4242424242424242',
  poor: '4000000000009995',
  held: '4000000000009235',
} as const;

export function expectStatus(answer: WireAnswer, status: number): WireBody {
  expectThat(answer.status === status, `status ${status}`, [answer.status, answer.text]);
  return answer.body;
}

/** Refused with that status, in the dialect's shape. */
export function expectRefusal(answer: WireAnswer, status: number, field?: string): WireBody {
  const body = expectStatus(answer, status);
  expectThat(body?.success === false && typeof body.message === 'string', 'a refusal', body);
  if (field !== undefined) {
    expectThat(Array.isArray(body.errors?.[field]), `errors.${field}`, body);
  }
  return body;
}

export function expectEqual(told: unknown, wanted: unknown, what: string): void {
  const [came, expected] = [JSON.stringify(told), JSON.stringify(wanted)];
  expectThat(came === expected, `${what} ${expected}`, told);
}

export const ask = (bench: Bench, more: object = {}, options: WireCall = {}) =>
  bench.call(path, { body: { ...order, ...more }, ...options });

/** `data` of a new intent. */
export async function intent(bench: Bench, more: object = {}): Promise<WireBody> {
  return expectStatus(await ask(bench, more), 201).data;
}

export async function shown(bench: Bench, { transaction_id: id }: WireBody): Promise<WireBody> {
  return expectStatus(await bench.call(`${path}/${id}`), 200).data;
}

/** Cancels or refunds. */
export const act = (bench: Bench, { transaction_id: id }: WireBody, verb: string, body?: object) =>
  bench.call(`${path}/${id}/${verb}`, { method: 'POST', ...(body && { body }) });

/** The customer opens the page and sends a card, without JavaScript; answers the next page. */
export async function pay(
  bench: Bench,
  { checkout_url: url }: WireBody,
  number: string = cards.good,
): Promise<WireAnswer> {
  const page = await bench.open(url);
  const action = /<form method="post" action="([^"]+)"/.exec(page.text)?.[1];
  const key = /name="form" value="([0-9a-z]+)"/.exec(page.text)?.[1];
  expectThat(action !== undefined && key !== undefined, 'a form to pay with', page.text);
  const fields = { method: 'card', number, expiry: '12/34', cvc: '123', holder: 'John Doe' };
  const sent = await bench.open(new URL(action, url).href, {
    method: 'POST',
    body: new URLSearchParams({ ...fields, form: key }).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  expectThat(sent.status === 303, 'the page after the form', [sent.status, sent.text]);
  return bench.open(new URL(sent.headers['location'] ?? '', url).href);
}

/** A new intent, paid. */
export async function paid(bench: Bench, more: object = {}): Promise<WireBody> {
  const made = await intent(bench, more);
  await pay(bench, made);
  return made;
}

/** The native payment behind a transaction. */
export async function nativeOf(bench: Bench, { transaction_id: id }: WireBody): Promise<WireBody> {
  const answer = await bench.native(`/v1/payments/pay_${id.slice('txn_'.length)}`);
  return expectStatus(answer, 200);
}
