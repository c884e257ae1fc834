/** From a failed exchange to a {@link Fault}: what is known about it, never more. */
import { Fault } from '../sdk/fault.ts';
import type { HttpRequest } from '../sdk/http.ts';
import { maskCards } from '../base/card-mask.ts';

/** What is known about one exchange while it runs. */
export interface Exchange {
  readonly request: HttpRequest;
  /**
   * True from the moment the socket could be written to: TCP connected, or for https the handshake
   * done and the certificate accepted. Until then Node holds the request back.
   */
  mayHaveLeft: boolean;
  /** The deadline has passed. */
  expired: boolean;
}

/**
 * The fault an exchange ended with; `error` is what axios threw, if it was asked at all. Only its
 * code goes into the fault: its message and its config hold headers, bodies and query strings.
 */
export function faultOf(exchange: Exchange, error: unknown): Fault {
  const { mayHaveLeft, expired } = exchange;
  const where = describeTarget(exchange.request);
  if (!mayHaveLeft) {
    const why = expired ? 'the deadline passed before a connection was there' : codeOf(error);
    return new Fault('unreachable', `${where}: ${why}`);
  }
  if (isTooLarge(error)) return new Fault('unintelligible', `${where}: the answer is too large`);
  if (expired) return new Fault('timed_out', `${where}: no whole answer before the deadline`);
  const code = codeOf(error);
  // HPE_: not HTTP, or headers beyond Node's 16 kB. Z_ (gzip) and ERR__ERROR_ (brotli): a body that
  // does not decompress.
  const unreadable = /^(HPE_|Z_|ERR__ERROR_)/.test(code);
  return new Fault(unreadable ? 'unintelligible' : 'broken', `${where}: ${code}`);
}

/** `POST api.example.com/v1/charges`: no query, no credentials from the URL. */
function describeTarget({ method, url }: HttpRequest): string {
  if (!URL.canParse(url)) return `${method} an unreadable URL`;
  const { host, pathname } = new URL(url);
  return `${method} ${host}${maskCards(pathname)}`;
}

// Axios has one code (ERR_BAD_RESPONSE) for this and for a cut answer; the text tells them apart.
function isTooLarge(error: unknown): boolean {
  return error instanceof Error && /^maxContentLength size of \d+ exceeded$/.test(error.message);
}

function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    // "Bad response" is axios' word for an answer that stopped half-way.
    return error.code === 'ERR_BAD_RESPONSE' ? 'the answer was cut short' : error.code;
  }
  return 'the request could not be made';
}
