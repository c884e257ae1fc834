/** Acme Pay's HTTP: hosts, the key, and which statuses carry an answer. */
import {
  Fault,
  faultOfStatus,
  readJson,
  type Context,
  type HttpResponse,
  type JsonObject,
} from '#sdk';
import { fieldsOf, textOf } from './fields.ts';
import type { AcmePaySettings } from './settings.ts';

export type AcmePayContext = Context<AcmePaySettings>;

const hosts = {
  sandbox: 'https://sandbox.acmepay.example',
  live: 'https://api.acmepay.example',
} as const;

/** Sends one operation under its id: Acme Pay answers a repeat with the first result. */
export async function post(
  context: AcmePayContext,
  path: string,
  operationId: string,
  body: JsonObject,
): Promise<unknown> {
  const response = await context.http.send({
    method: 'POST',
    url: `${hosts[context.mode]}${path}`,
    headers: {
      ...headersOf(context),
      'content-type': 'application/json',
      'idempotency-key': operationId,
    },
    body: JSON.stringify({ ...body, reference: operationId }),
  });
  // 402 is a decline: an answer like any other.
  if (response.status === 200 || response.status === 402) return readJson(response);
  throw faultOf(response);
}

/** Asks and moves nothing; undefined is Acme Pay's own word, in a 404, for what it has not. */
export async function get(context: AcmePayContext, path: string, absent = ''): Promise<unknown> {
  const response = await context.http.send({
    method: 'GET',
    url: `${hosts[context.mode]}${path}`,
    headers: headersOf(context),
  });
  if (response.status === 200) return readJson(response);
  if (response.status === 404 && errorCodeOf(response) === absent) return undefined;
  throw faultOf(response);
}

/** What stands under an operation id, if anything does. */
export const find = (context: AcmePayContext, operationId: string): Promise<unknown> =>
  get(context, `/v1/operations?reference=${encodeURIComponent(operationId)}`, 'reference_unknown');

const headersOf = ({ settings }: AcmePayContext) => ({
  authorization: `Bearer ${settings.api_key}`,
});

function faultOf(response: HttpResponse): Fault {
  const { status } = response;
  const saysEnough = status === 401 || status === 403 || status === 429;
  if (status < 400 || status >= 500 || saysEnough) return faultOfStatus(status);
  const code = errorCodeOf(response);
  // Another 409 leaves open what happened; in this one Acme Pay says that nothing did.
  if (status === 409 && code === 'invalid_state') return new Fault('rejected', `HTTP 409: ${code}`);
  return faultOfStatus(status, code);
}

/** The code of `{"error": {"code": …}}`. It goes into logs, so nothing but a plain word may. */
function errorCodeOf(response: HttpResponse): string {
  const error = fieldsOf(fieldsOf(readJson(response), 'the answer')['error'], 'error');
  const code = textOf(error, 'code');
  if (/^[a-z_]{1,40}$/.test(code)) return code;
  throw new Fault('unintelligible', `HTTP ${response.status} with an error code that is no word`);
}
