/**
 * The one way out of a connector, and the readers that turn an HTTP answer into data or a fault.
 */
import { Fault } from './fault.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Already encoded: JSON text, a form, the bytes of a multipart upload. */
  readonly body?: string | Uint8Array;
  /** Whole-exchange deadline; the port has a default and a ceiling. */
  readonly timeoutMs?: number;
}

export interface HttpResponse {
  readonly status: number;
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export interface HttpPort {
  /**
   * Any HTTP status is an answer. Throws {@link Fault}: `unreachable` when no byte of the request
   * left, `timed_out` or `broken` when some may have, `unintelligible` when the answer is too
   * large.
   */
  send(request: HttpRequest): Promise<HttpResponse>;
}

/** The body as JSON, or an `unintelligible` fault: HTML, an empty body and half a body end here. */
export function readJson(response: HttpResponse): unknown {
  try {
    return JSON.parse(response.text);
  } catch (cause) {
    const what = response.text === '' ? 'an empty body' : 'a body that is not JSON';
    throw Object.assign(new Fault('unintelligible', `HTTP ${response.status} with ${what}`), {
      cause,
    });
  }
}

/** The fault an HTTP status stands for when the processor's body says nothing better. */
export function faultOfStatus(status: number, detail = ''): Fault {
  const text = `HTTP ${status}${detail ? `: ${detail}` : ''}`;
  if (status === 401 || status === 403) return new Fault('unauthorized', text);
  if (status === 429) return new Fault('throttled', text);
  // 408 and 409 speak of a twin or of lost time: the request may well have been carried out.
  if (status === 408 || status === 409) return new Fault('broken', text);
  if (status >= 400 && status < 500) return new Fault('rejected', text);
  if (status >= 500) return new Fault('broken', text);
  return new Fault('unintelligible', text);
}
