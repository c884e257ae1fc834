/** A client of the document: it waits when it is told to, and says what it expected. */
import { expectThat, type Bench, type WireAnswer, type WireBody, type WireCall } from '#sdk';

export const cards = {
  visa: '4242424242424242',
  mastercard: '5555555555554444',
  generic: '4000000000000002',
  poor: '4000000000009995',
  expired: '4000000000000069',
  wrongCvv: '4000000000000127',
  broken: '4000000000000119',
  fraud: '4000000000000259',
} as const;

export const card = (number: string = cards.visa, more: object = {}) => ({
  number,
  cardholder_name: 'John Doe',
  exp_month: 12,
  exp_year: new Date().getUTCFullYear() + 8,
  cvv: '123',
  ...more,
});

export const order = () => ({
  amount: 9999,
  currency: 'USD',
  card: card(),
  customer: { email: 'customer@example.com', name: 'John Doe' },
  description: 'Order #12345',
  metadata: { order_id: '12345', customer_id: 'cus_abc' },
});

export const checkoutOrder = {
  amount: 9999,
  currency: 'USD',
  success_url: 'https://shop.example/done',
  cancel_url: 'https://shop.example/cart',
  order_id: 'order-12345',
  description: 'Order #12345',
  customer_email: 'customer@example.com',
  metadata: { cart: 'c-1', items: 3 },
};

const triesMax = 20;

/** The document's limits hold for a checker too: it comes back when `Retry-After` says so. */
export async function ask(bench: Bench, path: string, options: WireCall = {}): Promise<WireAnswer> {
  for (let tries = 1; ; tries += 1) {
    const answer = await bench.call(path, options);
    if (answer.status !== 429 || tries === triesMax) return answer;
    const waitMs = Number(answer.headers['retry-after'] ?? 1) * 1000;
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}

/** The object of an answer with that status, without anything around it. */
export function objectOf(answer: WireAnswer, status = 200): WireBody {
  const { body } = answer;
  expectThat(answer.status === status, `status ${status}`, [answer.status, answer.text]);
  expectThat(isBare(body) && body.error === undefined, 'the object itself', answer.text);
  return body;
}

const isBare = (body: WireBody) =>
  typeof body === 'object' && body !== null && body.success === undefined;

/** Refused with that status, in the dialect's shape. */
export function expectRefusal(answer: WireAnswer, status: number, code?: string): WireBody {
  const { body } = answer;
  expectThat(answer.status === status, `status ${status}`, [answer.status, answer.text]);
  expectThat(isBare(body) && body.error !== undefined, 'a refusal', answer.text);
  const word = typeof body.error === 'string' ? body.code : body.error.code;
  if (code !== undefined) expectThat(word === code, code, answer.text);
  return body;
}

export function expectEqual(told: unknown, wanted: unknown, what: string): void {
  const [came, expected] = [JSON.stringify(told), JSON.stringify(wanted)];
  expectThat(came === expected, `${what} ${expected}`, told);
}

export const charge = (
  bench: Bench,
  verb: 'authorize' | 'sale',
  more: object = {},
  options: WireCall = {},
) => ask(bench, `/api/v1/payments/${verb}`, { body: { ...order(), ...more }, ...options });

export const authorized = async (bench: Bench, more: object = {}): Promise<WireBody> =>
  objectOf(await charge(bench, 'authorize', more));

export const sold = async (bench: Bench, more: object = {}): Promise<WireBody> =>
  objectOf(await charge(bench, 'sale', more));

/** Captures, voids or refunds. */
export const act = (bench: Bench, { id }: WireBody, verb: string, body: object = {}) =>
  ask(bench, `/api/v1/payments/${id}/${verb}`, { body });

export const payment = async (bench: Bench, { id }: WireBody): Promise<WireBody> =>
  objectOf(await ask(bench, `/api/v1/payments/${id}`));

export const askIntent = (bench: Bench, more: object = {}, options: WireCall = {}) =>
  ask(bench, '/api/v1/payment-intents', { body: { ...checkoutOrder, ...more }, ...options });

export const intent = async (bench: Bench, more: object = {}): Promise<WireBody> =>
  objectOf(await askIntent(bench, more));

export const publicly = async (bench: Bench, { id }: WireBody): Promise<WireBody> =>
  objectOf(await ask(bench, `/api/public/payment-intents/${id}`, { keys: null }));

/** From a browser: no key, the client secret in the body. */
export const confirm = (
  bench: Bench,
  { id, client_secret }: WireBody,
  number: string = cards.visa,
) =>
  ask(bench, `/api/public/payment-intents/${id}/confirm`, {
    body: { client_secret, card: card(number) },
    keys: null,
  });

export const cancel = (bench: Bench, { id }: WireBody) =>
  ask(bench, `/api/v1/payment-intents/${id}/cancel`, { method: 'POST' });

/** The customer opens the page and sends a card, without JavaScript; answers the next page. */
export async function payOnPage(
  bench: Bench,
  { checkout_url: url }: WireBody,
  number: string = cards.visa,
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
