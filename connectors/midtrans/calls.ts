/**
 * Midtrans's HTTP: addresses, the key, and what an answer is. HTTP 200 says nothing: errors stand
 * inside as `status_code`, and 407 is what a successful expiry answers.
 */
import {
  Fault,
  faultOfStatus,
  readJson,
  type Context,
  type FaultKind,
  type HttpResponse,
  type JsonObject,
} from '#sdk';
import { asFields, optionalTextOf, textOf, type Fields } from './fields.ts';
import { hostOf, type MidtransSettings } from './settings.ts';

export type MidtransContext = Context<MidtransSettings>;

/** Codes of answers that describe a transaction; what became of it is in its own words. */
const answered = new Set(['200', '201', '202', '407']);

/** Error codes by what happened (Midtrans docs, status codes). */
const refusalCodes: Readonly<Partial<Record<FaultKind, string>>> = {
  // 402 method not active, 405 verb, 408 a value's type, 409 too often with one card, 410 merchant
  // blocked, 411 card token, 412 state, 414 a refund's amount or the merchant's funds.
  rejected: '400 402 403 404 405 408 409 410 411 412 413 414',
  unauthorized: '401',
  throttled: '429',
  // 406: the id was used before. The first request with it may have acted: only asking can tell.
  broken: '406 500 501 502 503 504 505',
};

const refusals: ReadonlyMap<string, FaultKind> = new Map(
  Object.entries(refusalCodes).flatMap(([kind, codes]) =>
    codes.split(' ').map((code) => [code, kind as FaultKind] as const),
  ),
);

/** A transaction, or the code of an error with the fault it stands for. */
type CoreAnswer =
  | { readonly code: 'transaction'; readonly fields: Fields }
  | { readonly code: string; readonly fields?: undefined; readonly fault: Fault };

interface Post {
  readonly path: string;
  readonly body?: JsonObject;
  /** At most 46 characters; remembered for five minutes, for all paths together. */
  readonly key: string | undefined;
  /** The order begins here: where its news goes is told with it. */
  readonly notify?: boolean;
}

/** One change at the Core API. */
export async function postCore(context: MidtransContext, post: Post): Promise<CoreAnswer> {
  return readCore(await send(context, 'api', post));
}

/** A change whose errors mean nothing special: the transaction, or the fault thrown. */
export async function change(context: MidtransContext, post: Post): Promise<Fields> {
  return transactionIn(await postCore(context, post));
}

export function transactionIn(answer: CoreAnswer): Fields {
  if (answer.fields === undefined) throw answer.fault;
  return answer.fields;
}

/** GET status; undefined is Midtrans's own "no such order". */
export async function lookUp(context: MidtransContext, id: string): Promise<Fields | undefined> {
  const response = await context.http.send({
    method: 'GET',
    url: `${hostOf('api', context.settings, context.mode)}${orderPath(id, 'status')}`,
    headers: headersOf(context),
  });
  const answer = readCore(response);
  return answer.code === '404' ? undefined : transactionIn(answer);
}

/** One call to Snap: its fields, or the messages of its refusal in lower case. */
export async function postSnap(
  context: MidtransContext,
  post: Post,
): Promise<Fields | readonly string[]> {
  const response = await send(context, 'app', post);
  const fields = openEnvelope(response);
  const messages = messagesIn(fields);
  if (messages) return messages;
  // Snap may refuse in the Core API's words, too.
  const code = optionalTextOf(fields, 'status_code');
  if (code !== undefined) throw refusalOfCore(code, fields);
  if (response.status >= 400) {
    throw new Fault('unintelligible', `HTTP ${response.status} in words that are not Snap's`);
  }
  return fields;
}

/**
 * A step after one that has acted: whatever goes wrong from here on, "surely nothing happened" is
 * not true any more, so every fault of it leaves the effect open.
 */
export async function afterActing<T>(step: Promise<T>): Promise<T> {
  try {
    return await step;
  } catch (cause) {
    if (!(cause instanceof Fault) || cause.effect === 'unknown') throw cause;
    throw new Fault('broken', `after a first step that was carried out: ${cause.message}`);
  }
}

/** The path of an order or a transaction. Throws `rejected` for what would lead elsewhere. */
export function orderPath(id: string, tail: string): string {
  return `/v2/${encoded(id)}/${tail}`;
}

export function encoded(id: string): string {
  if (/^\.*$/.test(id)) throw new Fault('rejected', 'an id of dots only has no path');
  return encodeURIComponent(id);
}

function send(
  context: MidtransContext,
  family: 'api' | 'app',
  { path, body, key, notify }: Post,
): Promise<HttpResponse> {
  return context.http.send({
    method: 'POST',
    url: `${hostOf(family, context.settings, context.mode)}${path}`,
    headers: {
      ...headersOf(context),
      'content-type': 'application/json',
      ...(key !== undefined && { 'idempotency-key': key }),
      ...(notify === true &&
        context.webhookUrl !== undefined && { 'x-override-notification': context.webhookUrl }),
    },
    // Midtrans's own clients send nothing or `null` here; an empty object is taken by all paths.
    body: JSON.stringify(body ?? {}),
  });
}

function headersOf({ settings }: MidtransContext): Record<string, string> {
  const credentials = Buffer.from(`${settings.server_key}:`, 'utf8').toString('base64');
  return { accept: 'application/json', authorization: `Basic ${credentials}` };
}

/** The JSON object of an answer that is one; statuses that say enough are thrown. */
function openEnvelope(response: HttpResponse): Fields {
  const { status, text } = response;
  const saysEnough = status === 401 || status === 403 || status === 429 || status >= 500;
  if (saysEnough || status < 200 || (status >= 300 && status < 400)) throw faultOfStatus(status);
  // The documented sign of an idempotent twin that still runs (Midtrans docs, api-headers).
  if (status === 202 && text.trim() === '') {
    throw new Fault('broken', 'HTTP 202: the first request with this key is still running');
  }
  return asFields(readJson(response), 'the answer');
}

function readCore(response: HttpResponse): CoreAnswer {
  const fields = openEnvelope(response);
  const { status } = response;
  if (messagesIn(fields) && status >= 400) {
    // Also a 404, from the wrong host: that is not the Core API's "no such order".
    return { code: 'snap', fault: faultOfStatus(status, 'refused in the words of Snap') };
  }
  const code = textOf(fields, 'status_code');
  if (!answered.has(code)) return { code, fault: refusalOfCore(code, fields) };
  if (status >= 400 && code !== String(status)) {
    throw new Fault('unintelligible', `HTTP ${status} around status_code ${code}`);
  }
  return { code: 'transaction', fields };
}

function refusalOfCore(code: string, fields: Fields): Fault {
  const kind = refusals.get(code);
  if (kind === undefined) return new Fault('unintelligible', 'a status_code that we do not know');
  const validations = fields['validation_messages'];
  return new Fault(kind, `status_code ${code}${blamedIn(textsIn(validations))}`);
}

function messagesIn(fields: Fields): readonly string[] | undefined {
  const messages = fields['error_messages'];
  if (messages === undefined) return undefined;
  return textsIn(messages).map((message) => message.trim().toLowerCase());
}

/** A list of texts, or one text (Payment Link's 401). */
const textsIn = (value: unknown): string[] =>
  (Array.isArray(value) ? (value as unknown[]) : [value]).filter(
    (item): item is string => typeof item === 'string',
  );

/** The fields an error message blames. Its sentences may repeat what we sent: they stay out. */
export function blamedIn(messages: readonly string[]): string {
  const names = messages.flatMap((text) => /^[a-z_]{1,40}(?:\.[a-z_]{1,40})+/.exec(text) ?? []);
  return names.length === 0 ? '' : `: ${names.join(', ')}`;
}
