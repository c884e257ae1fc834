/** The API over HTTP, as commands use it. */
import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../../core/base/json.ts';
import { CliError, exitCodes, type ExitCode } from './exit.ts';
import { word } from './render.ts';

export interface Answer {
  readonly status: number;
  readonly body: JsonObject;
  /** The answer to an earlier request with the same idempotency key. */
  readonly replayed: boolean;
}

export interface CallOptions {
  readonly body?: object;
  /** Undefined members are left out. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly idempotencyKey?: string | undefined;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** The API said no; the problem document says why. */
export class Refused extends Error {
  override name = 'Refused';
  readonly status: number;
  readonly problem: JsonObject;

  constructor(status: number, problem: JsonObject) {
    super(word(problem['detail'] ?? problem['title'] ?? status));
    this.status = status;
    this.problem = problem;
  }

  get exitCode(): ExitCode {
    return this.status === 402 ? exitCodes.declined : exitCodes.refused;
  }
}

/** Processor calls end within 120 s (config: processors.timeout_ms), and routing may try two. */
const timeoutMs = 250_000;

export class Api {
  readonly url: string;
  readonly #key: string;

  constructor(url: string, key: string) {
    this.url = url;
    this.#key = key;
  }

  /** Whether real money would move: then nothing is charged by default. */
  get live(): boolean {
    return /^[a-z]+_live_/.test(this.#key);
  }

  /**
   * Every POST carries an idempotency key, so that one whose answer was lost can be asked for.
   * Throws Refused for a problem, CliError when the server cannot be reached or is not ours.
   */
  async call(method: Method, path: string, options: CallOptions = {}): Promise<Answer> {
    const idempotencyKey = options.idempotencyKey ?? `cli-${randomUUID()}`;
    const headers: Record<string, string> = { authorization: `Bearer ${this.#key}` };
    if (method === 'POST') headers['idempotency-key'] = idempotencyKey;
    if (options.body !== undefined) headers['content-type'] = 'application/json';
    let response: Response;
    let text: string;
    try {
      response = await fetch(this.url + path + queryText(options.query), {
        method,
        headers,
        redirect: 'manual', // a key is for one server
        signal: AbortSignal.timeout(timeoutMs),
        ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      });
      text = await response.text();
    } catch (error) {
      throw unreachable(this.url, error, method === 'POST' ? idempotencyKey : undefined);
    }
    const body = parse(text);
    if (!body || (response.status >= 300 && typeof body['code'] !== 'string')) {
      throw stranger(this.url, response);
    }
    if (response.status >= 400) throw new Refused(response.status, body);
    const replayed = response.headers.get('idempotent-replayed') === 'true';
    return { status: response.status, body, replayed };
  }
}

function queryText(query: CallOptions['query'] = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  if (given.length === 0) return '';
  const texts = given.map(([name, value]): [string, string] => [name, String(value)]);
  return `?${new URLSearchParams(texts).toString()}`;
}

function parse(text: string): JsonObject | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null ? (body as JsonObject) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined; // told as an answer that is not ours
    throw error;
  }
}

/** Whether a connection was refused before anything could be sent: then nothing happened. */
function surelyNotSent(code: string): boolean {
  return /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/.test(code);
}

function unreachable(url: string, error: unknown, key: string | undefined): CliError {
  const code = codeOf(error);
  if (surelyNotSent(code) || key === undefined) {
    return new CliError(
      exitCodes.unavailable,
      `No answer from ${url} (${code})`,
      'Is it running? Start it with: pointsman serve. Another address: --url or POINTSMAN_URL.',
    );
  }
  return new CliError(
    exitCodes.unavailable,
    `The connection to ${url} ended before the answer (${code}): it may have been carried out`,
    `Asking again is safe with: --idempotency-key ${key}`,
  );
}

/** fetch wraps the reason, once or (for several addresses) twice. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof AggregateError) return codeOf(error.cause.errors[0]);
  if (error.cause instanceof Error) return codeOf(error.cause);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

function stranger(url: string, response: Response): CliError {
  const type = response.headers.get('content-type') ?? 'no content type';
  return new CliError(
    exitCodes.unavailable,
    `${url} does not answer like Pointsman (${response.status}, ${type.slice(0, 60)})`,
    'Check the address: --url or POINTSMAN_URL.',
  );
}
