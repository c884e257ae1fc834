/**
 * What a dialect promises, row by row: checks from outside that run against any server which claims
 * to speak it, by `pointsman dialects check` and by our own tests.
 */

/** The pair of keys that a client of the dialect has. */
export interface ClientKeys {
  readonly publicKey: string;
  readonly secretKey: string;
}

export interface WireCall {
  /** `POST` with a body, `GET` without one, unless it is said. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';
  /** Sent as JSON; text is sent as it stands. */
  readonly body?: unknown;
  /** Beside those of the keys and the content type; `undefined` takes one of them away. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** In place of the bench's own; null for none. */
  readonly keys?: ClientKeys | null;
}

export interface WireAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** Undefined for what is no JSON. */
  readonly body: WireBody;
}

/** What JSON.parse gives: a check looks into it freely, and says what it expected. */
export type WireBody = ReturnType<typeof JSON.parse>;

/** A webhook as it came in. */
export interface Caught {
  readonly headers: Readonly<Record<string, string>>;
  /** Byte for byte. */
  readonly raw: Uint8Array;
  readonly body: WireBody;
}

/** A receiver of webhooks that the server can reach. */
export interface Receiver {
  readonly url: string;
  readonly caught: readonly Caught[];
  /** The first one that fits, now or within some seconds; throws when none came. */
  next(fits: (caught: Caught) => boolean): Promise<Caught>;
}

/** What only some servers have; a row that needs what is not there is reported as not checked. */
export interface Bench {
  /** Below the dialect's base URL. */
  call(path: string, options?: WireCall): Promise<WireAnswer>;
  /** An absolute URL that the server gave out, such as a checkout page; follows no redirects. */
  open(url: string, options?: WireCall): Promise<WireAnswer>;
  readonly keys: ClientKeys;
  /** The same merchant by Pointsman's own API: `/v1/…`. */
  native(path: string, options?: Omit<WireCall, 'keys'>): Promise<WireAnswer>;
  /** Keys of another merchant on the same server. */
  stranger(): Promise<ClientKeys>;
  /** Keys of another profile of the same merchant, and its id. */
  neighbour(): Promise<ClientKeys & { readonly profileId: string }>;
  /** Moves the sandbox's clock on and waits until what fell due is done. */
  advance(ms: number): Promise<void>;
  receiver(): Promise<Receiver>;
}

/**
 * `native`: a Pointsman behind it, reached by its own API · `admin`: its admin key, for other
 * merchants and profiles · `clock`: its sandbox clock · `receiver`: it may call back to us.
 */
export type BenchNeed = 'native' | 'admin' | 'clock' | 'receiver';

export interface ConformanceRow {
  /** Of the checklist: `AU-01`. */
  readonly id: string;
  /** A sentence: what is observed. */
  readonly title: string;
  readonly needs?: readonly BenchNeed[];
  /** Throws an Error that says what was expected and what came. */
  check(bench: Bench): Promise<void>;
}

export interface Conformance {
  /** How the keys travel: the headers of every call. */
  headersOf(keys: ClientKeys): Readonly<Record<string, string>>;
  readonly rows: readonly ConformanceRow[];
}

/** Fails a row unless `holds`; `told` says what came in place of it. */
export function expectThat(holds: boolean, wanted: string, told?: unknown): asserts holds {
  if (holds) return;
  const came = told === undefined ? '' : `; came: ${JSON.stringify(told)?.slice(0, 500)}`;
  throw new Error(`expected ${wanted}${came}`);
}
