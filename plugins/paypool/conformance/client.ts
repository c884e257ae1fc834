/** What the checks share: an application that creates payments, and a customer who pays them. */
import { randomUUID } from 'node:crypto';
import { expectThat, type Bench, type ClientKeys, type WireAnswer } from '#sdk';

export const base = '/api/v1/payments';

/** Never used before, on whatever server. */
export const newId = () => `CHECK-${randomUUID()}`;

export const sampleOf = (more: object = {}) => ({
  external_id: newId(),
  amount: 250_000,
  customer_name: 'Budi',
  customer_email: 'budi@example.com',
  ...more,
});

export const post = (bench: Bench, more: object = {}, keys?: ClientKeys) =>
  bench.call(`${base}/create`, { body: sampleOf(more), ...(keys && { keys }) });

/** `data` of a payment that was created. */
export async function created(bench: Bench, more: object = {}, keys?: ClientKeys) {
  const answer = await post(bench, more, keys);
  expectThat(answer.status === 201, '201 for a payment', answer.text);
  return answer.body.data;
}

export const at = (externalId: string, more = '') =>
  `${base}/${encodeURIComponent(externalId)}${more}`;

/** `data` of GET. */
export async function read(bench: Bench, externalId: string, keys?: ClientKeys) {
  const answer = await bench.call(at(externalId), keys && { keys });
  expectThat(answer.status === 200, '200 for the payment', answer.text);
  return answer.body.data;
}

export const cards = { good: '4242424242424242', declined: '4000000000000002' } as const;

/** As a browser without scripts: the page of the switch, a card, and where he is sent then. */
export async function pay(bench: Bench, invoiceUrl: string, number: string): Promise<WireAnswer> {
  const { text } = await bench.open(invoiceUrl);
  const form = /name="form" value="([0-9a-z]{26})"/.exec(text)?.[1];
  expectThat(form !== undefined, 'a page of the sandbox with a form for a card', text);
  const fields = { method: 'card', number, expiry: '12/34', cvc: '123', holder: 'Budi', form };
  const answer = await bench.open(invoiceUrl, {
    method: 'POST',
    body: new URLSearchParams(fields).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  expectThat([303, 402, 422].includes(answer.status), 'the page to take the card', answer.text);
  return answer;
}

/** Where the page that is over leads: undefined when it is the end of the way. */
export async function landing(bench: Bench, invoiceUrl: string): Promise<string | undefined> {
  const { text } = await bench.open(invoiceUrl);
  const link = /<a class="button" href="([^"]*)"/.exec(text)?.[1]?.replaceAll('&amp;', '&');
  expectThat(link !== undefined, 'the page to lead on', text);
  return link === invoiceUrl ? undefined : link;
}

/** Refused in the document's shape: fields under `errors`, each with a list of sentences. */
export function expectErrors(answer: WireAnswer, fields: readonly string[]): void {
  const { success, errors } = answer.body ?? {};
  const named = Object.keys(errors ?? {}).toSorted();
  const listed = Object.values(errors ?? {}).every(
    (list) => Array.isArray(list) && list.length > 0 && list.every((one) => /^The .+\.$/.test(one)),
  );
  expectThat(
    answer.status === 422 && success === false && listed && same(named, [...fields].toSorted()),
    `422 with errors for ${fields.join(', ')}`,
    answer.text,
  );
}

/** Refused with a message: what is not about a field. */
export function expectMessage(answer: WireAnswer, status: number): void {
  const { success, message } = answer.body ?? {};
  expectThat(
    answer.status === status && success === false && typeof message === 'string' && message !== '',
    `${status} with {success: false, message}`,
    `${answer.status} ${answer.text}`,
  );
}

export const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

export const timePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
