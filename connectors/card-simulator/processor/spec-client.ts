/** A small client for the processor's own specs: any HTTP status is an answer. */

/** The fields the specs look at; each is there in the answers that have it. */
export interface AnswerBody {
  readonly [name: string]: unknown;
  readonly id: string;
  readonly next_action: { readonly url: string };
  readonly data: readonly {
    readonly id: string;
    readonly deliveries: { readonly failed: number };
  }[];
  readonly rules: readonly { readonly fired: number }[];
}

export interface Reading {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; an empty object when it is something else. */
  readonly body: AnswerBody;
}

/** Calls one processor as one merchant. Rejects when the connection breaks, as fetch does. */
export class SimulatorClient {
  readonly #url: string;
  readonly #apiKey: string | undefined;

  constructor(url: string, apiKey: string | undefined = 'sim_spec') {
    this.#url = url;
    this.#apiKey = apiKey;
  }

  get(path: string): Promise<Reading> {
    return this.send('GET', path);
  }

  post(path: string, body: unknown): Promise<Reading> {
    return this.send('POST', path, JSON.stringify(body));
  }

  async send(method: string, path: string, body?: string, signal?: AbortSignal): Promise<Reading> {
    const response = await fetch(`${this.#url}${path}`, {
      method,
      redirect: 'manual',
      headers: this.#apiKey === undefined ? {} : { authorization: `Bearer ${this.#apiKey}` },
      ...(body !== undefined && { body }),
      ...(signal && { signal }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type') === 'application/json' && text !== '';
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson ? JSON.parse(text) : {},
    };
  }
}

let made = 0;

/** A charge that is approved and captured, unless `changes` say otherwise. */
export function chargeBody(changes: Record<string, unknown> = {}, number = '4242424242424242') {
  made += 1;
  return {
    reference: `op_${made}`,
    amount: 10_000,
    currency: 'USD',
    capture: true,
    card: { number, exp_month: 12, exp_year: 2034, cvc: number.startsWith('37') ? '1234' : '123' },
    ...changes,
  };
}
