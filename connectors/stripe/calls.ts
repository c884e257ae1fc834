/** Stripe's HTTP: addresses, the key, the pinned version, and which statuses carry an answer. */
import { Fault, faultOfStatus, readJson, type Context, type HttpResponse } from '#sdk';
import { asFields, optionalTextOf, wordOf, type Fields } from './fields.ts';
import { encodeForm, type Form } from './form.ts';
import type { StripeSettings } from './settings.ts';

export type StripeContext = Context<StripeSettings>;

/**
 * The one version this code is written for. It goes with every request and into every endpoint we
 * register; without it, an account's own default would decide what answers look like.
 */
export const stripeVersion = '2026-10-28.endive';

/** What Stripe said: the object asked for, or its own refusal with a 4xx. */
export type Answer =
  | { readonly accepted: true; readonly fields: Fields }
  | { readonly accepted: false; readonly status: number; readonly error: Fields };

const errorTypes = [
  'api_error',
  'card_error',
  'idempotency_error',
  'invalid_request_error',
] as const;

/** `idempotencyKey`: the operation's id, with `:word` behind it for a second request of its own. */
export function post(
  context: StripeContext,
  path: string,
  idempotencyKey: string,
  form: Form = {},
): Promise<Answer> {
  return exchange(context, 'POST', path, encodeForm(form), {
    'content-type': 'application/x-www-form-urlencoded',
    'idempotency-key': idempotencyKey,
  });
}

export function get(context: StripeContext, path: string, query: Form = {}): Promise<Answer> {
  const text = encodeForm(query);
  return exchange(context, 'GET', text === '' ? path : `${path}?${text}`);
}

export function remove(context: StripeContext, path: string): Promise<Answer> {
  return exchange(context, 'DELETE', path);
}

/** `/v1/payment_intents/pi_1/capture`: ids come from outside and are encoded. */
export function pathOf(...parts: readonly string[]): string {
  return `/v1/${parts.map(encodeURIComponent).join('/')}`;
}

/** `resource_missing`, `metadata[x]`: Stripe's own words have no digits and no capitals. */
const plainWord = /^[a-z_]{1,60}(\[[a-z_]{1,40}\])*$/;

/** The object, or a `rejected` fault with Stripe's own words for why not. */
export function accepted(answer: Answer): Fields {
  if (answer.accepted) return answer.fields;
  throw rejection(answer);
}

export function rejection({ status, error }: Extract<Answer, { accepted: false }>): Fault {
  const words = ['type', 'code', 'decline_code', 'param'].map((name) => error[name]);
  // They go into a fault's text, and that into logs: plain words may, numbers and keys may not.
  const plain = words.filter((word) => typeof word === 'string' && plainWord.test(word));
  return new Fault('rejected', `HTTP ${status}: ${plain.join(' ')}`);
}

/** Stripe's code for why it refused; undefined when it has none. */
export function codeOf(answer: Answer): string | undefined {
  return answer.accepted ? undefined : optionalTextOf(answer.error, 'code');
}

async function exchange(
  { settings, http }: StripeContext,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const response = await http.send({
    method,
    url: `${settings.base_url ?? 'https://api.stripe.com'}${path}`,
    headers: {
      accept: 'application/json',
      authorization: `Bearer ${settings.secret_key}`,
      'stripe-version': stripeVersion,
      ...headers,
    },
    body,
  });
  if (response.status === 200) {
    return { accepted: true, fields: asFields(readJson(response), 'the answer') };
  }
  return { accepted: false, status: response.status, error: readError(response) };
}

/** Another 4xx is Stripe's refusal only in Stripe's words: a proxy's page proves nothing. */
function readError(response: HttpResponse): Fields {
  const { status } = response;
  // 424: something outside failed while Stripe was at work, so it may have acted.
  if (status === 424) throw new Fault('broken', 'HTTP 424');
  if (status < 400 || status >= 500 || [401, 403, 408, 409, 429].includes(status)) {
    throw faultOfStatus(status);
  }
  const error = asFields(asFields(readJson(response), 'the answer')['error'], 'error');
  const type = wordOf(error, 'type', errorTypes);
  // The first request with this key may have acted: other parameters say nothing about it.
  if (type === 'idempotency_error' || type === 'api_error') {
    throw new Fault('broken', `HTTP ${status}: ${type}`);
  }
  return error;
}
