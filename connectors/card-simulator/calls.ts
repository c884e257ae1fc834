/** The simulator's HTTP: addresses, the key, and which statuses carry an answer. */
import {
  Fault,
  faultOfStatus,
  readJson,
  type Context,
  type HttpResponse,
  type JsonObject,
} from '#sdk';
import { asFields, textOf } from './fields.ts';
import type { CardSimulatorRef, CardSimulatorSettings } from './settings.ts';

export type SimulatorContext = Context<CardSimulatorSettings>;

/** Sends one operation; answers with the parsed body of a 200 or of a decline (402). */
export async function post(
  context: SimulatorContext,
  path: string,
  body: JsonObject,
): Promise<unknown> {
  const response = await context.http.send({
    method: 'POST',
    url: addressOf(context, path),
    headers: { ...headersOf(context), 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (response.status === 200 || response.status === 402) return readJson(response);
  throw faultOf(response);
}

/** Reads; `absence` is the processor's own code for "there is none", answered as undefined. */
export async function get(
  context: SimulatorContext,
  path: string,
  absence?: string,
): Promise<unknown> {
  const response = await context.http.send({
    method: 'GET',
    url: addressOf(context, path),
    headers: headersOf(context),
  });
  if (response.status === 200) return readJson(response);
  if (response.status === 404 && errorCodeOf(response) === absence) return undefined;
  throw faultOf(response);
}

/** Makes something that is no operation on money. */
export async function create(
  context: SimulatorContext,
  path: string,
  body: JsonObject,
): Promise<unknown> {
  const response = await context.http.send({
    method: 'POST',
    url: addressOf(context, path),
    headers: { ...headersOf(context), 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (response.status === 201) return readJson(response);
  throw faultOf(response);
}

/** Takes something away; what is gone already is gone. */
export async function erase(context: SimulatorContext, path: string): Promise<void> {
  const response = await context.http.send({
    method: 'DELETE',
    url: addressOf(context, path),
    headers: headersOf(context),
  });
  if (response.status === 200) return;
  if (response.status === 404 && errorCodeOf(response) === 'not_found') return;
  throw faultOf(response);
}

/** The path of something done to a charge. */
export function chargePath(of: CardSimulatorRef, tail: string): string {
  return `/v1/charges/${encodeURIComponent(of.charge)}/${tail}`;
}

/** Asks what stands under an operation id; undefined is the processor's own "no such operation". */
export function find(context: SimulatorContext, operationId: string): Promise<unknown> {
  const query = new URLSearchParams({ reference: operationId }).toString();
  return get(context, `/v1/operations?${query}`, 'unknown_reference');
}

const addressOf = ({ settings }: SimulatorContext, path: string): string =>
  `${settings.base_url.replace(/\/+$/, '')}${path}`;

const headersOf = ({ settings }: SimulatorContext): Record<string, string> => ({
  authorization: `Bearer ${settings.api_key}`,
  accept: 'application/json',
});

function faultOf(response: HttpResponse): Fault {
  const { status } = response;
  const saysEnough = status === 401 || status === 403 || status === 429;
  // Another 4xx is the processor's refusal only in the processor's words: a page of some proxy's
  // says nothing about what became of the money.
  if (status < 400 || status >= 500 || saysEnough) return faultOfStatus(status);
  return faultOfStatus(status, errorCodeOf(response));
}

function errorCodeOf(response: HttpResponse): string {
  const error = asFields(asFields(readJson(response), 'the answer')['error'], 'error');
  const code = textOf(error, 'code');
  // The code goes into a fault's text, and that into logs: nothing but a plain word may.
  if (/^[a-z_]{1,40}$/.test(code)) return code;
  throw new Fault('unintelligible', `HTTP ${response.status} with an error code that is no word`);
}
