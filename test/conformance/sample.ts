/**
 * What a connector's author tells the kit: settings, and what the processor answers. Data, not
 * tests. Write the answers from the processor's documentation, never from the connector's code.
 */
import type {
  AccountFacts,
  Authorize,
  Capture,
  Connector,
  Context,
  HttpRequest,
  Inspect,
  Json,
  MethodInput,
  MethodType,
  Money,
  Refund,
  Review,
  Secret,
  Sync,
  Void,
  WebhookSubject,
} from '#sdk';

/** A canned answer; 200 unless told, and JSON unless `body` is text. */
export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Json;
}

/**
 * The answer to one request, made to fit the command so that echoed ids and amounts agree. An
 * operation that sends several requests tells them apart by `request`.
 */
export type Script<C> = (command: C, request: HttpRequest) => Answer;

/** Dotted from the body's top, list places as numbers: `charges.0.status`. */
export type Path = string;

/** The processor does not tell: the reason is printed instead of the case. */
export interface Unsaid {
  readonly unsaid: string;
}

/** Where the deciding words and numbers stand in a success. */
export interface Places {
  /**
   * The word, or words, that decide the outcome: each is replaced by one nobody knows. The first is
   * always there; the others may be empty.
   */
  readonly status: Path | readonly Path[] | Unsaid;
  readonly amount: Path | Unsaid;
  /** The operation id as the processor echoes it. */
  readonly operationId: Path | Unsaid;
  /** In a declining answer: the reason's code. */
  readonly declineCode: Path | Unsaid;
}

export interface OperationSample<C> extends Partial<Places> {
  /** `never`: the processor does not answer this operation so. */
  readonly succeeds: Script<C> | 'never';
  readonly declines: Script<C> | 'never';
  readonly pends: Script<C> | 'never';
  /** What a later question finds when it went well, where the first answer never says so. */
  readonly settles?: Script<C>;
  /** The deciding word of that later answer, when it stands elsewhere than in the first. */
  readonly settledStatus?: Path;
  /** Which of several requests gets the deciding answer; the last unless told. */
  decides?(request: HttpRequest): boolean;
  /** A request that is not a GET and moves nothing yet: making a token, a session … */
  prepares?(request: HttpRequest): boolean;
  /** Whether the amount stands in a request; true for all but void, approve and reject. */
  readonly sendsAmount?: boolean;
}

export interface SyncSample<Ref> {
  /**
   * The answer to a question about an operation; `found` is the body the operation's own script
   * made (bent, in the cases that bend it), to be put where this question has it.
   */
  found(found: Json, query: Sync<Ref>, request: HttpRequest): Answer;
  /** The processor's own words for "I have no such operation". */
  absent(query: Sync<Ref>, request: HttpRequest): Answer;
  /** Kinds whose declines the processor does not keep, with the reason: asked, it has none. */
  readonly forgetsDeclines?: { readonly [K in Sync<Ref>['kind']]?: string };
  /** Kinds that cannot be found by the operation id alone, with the reason. */
  readonly needsRef?: { readonly [K in Sync<Ref>['kind']]?: string };
}

/** What a genuine delivery is made with. */
export interface Signing<Settings> {
  readonly settings: Settings;
  /** The secret of the registered endpoint. */
  readonly secret: Secret;
  readonly nowMs: number;
}

export interface WebhookSample<Settings, Ref> {
  /** The body of news number 1 or 2, two different events about the operation. */
  event(number: 1 | 2, operationId: string, signing: Signing<Settings>): string;
  /** The headers of a delivery, with the signature when it is one of them; lower case. */
  headers(body: Uint8Array, signing: Signing<Settings>): Readonly<Record<string, string>>;
  readonly signature: { readonly header: string } | { readonly field: Path };
  /** `body`: every byte. Else the fields that the signature covers; all others may be forged. */
  readonly covers: 'body' | readonly Path[];
  /** Which secret signs: that of the registered endpoint, or one of the settings. */
  readonly secretFrom: 'endpoint' | 'settings';
  /** How far a signed time may be off, either way; `none` when no time is signed. */
  readonly toleranceMs: number | 'none';
  /** What the news is about. */
  subjects(operationId: string): readonly WebhookSubject<Ref>[];
}

/** A small stand-in for the processor's list of endpoints. */
export interface EndpointProcessor {
  answer(request: HttpRequest): Answer;
  /** The addresses registered now. */
  urls(): readonly string[];
}

/** A function that only reads, or works beside the money: customers, set-ups, disputes, reports. */
export interface Errand<Settings> {
  call(context: Context<Settings>): Promise<unknown>;
  answer(request: HttpRequest): Answer;
  /** Throws when what came back is not what the answers say. */
  expects(result: unknown): void;
}

export interface Sample<Settings, Ref> {
  /** Valid settings; each credential is a value that occurs nowhere else. */
  readonly settings: Settings;
  /** Another account's; made from `settings` by changing the credentials' last letters. */
  readonly otherSettings?: Settings;
  readonly mode?: 'sandbox' | 'live';
  /** Origins that requests may go to: `https://api.acme.example`. */
  readonly hosts: readonly string[];
  /** An authorization's ref, as captures, voids and refunds get it. */
  readonly ref: Ref;
  readonly places: Places;
  /** How the processor spells an amount in requests: `"10.50"`, `1050` … */
  spell(amount: Money): string | number;
  /** Method inputs other than the kit's own. */
  readonly methods?: { readonly [M in MethodType]?: Extract<MethodInput, { type: M }> };
  readonly customerReference?: string;
  readonly authorize: { readonly [M in MethodType]?: OperationSample<Authorize> };
  readonly capture?: OperationSample<Capture<Ref>>;
  readonly void?: OperationSample<Void<Ref>>;
  readonly refund?: OperationSample<Refund<Ref>>;
  readonly approve?: OperationSample<Review<Ref>>;
  readonly reject?: OperationSample<Review<Ref>>;
  readonly sync: SyncSample<Ref>;
  /** A refusal (4xx) in the processor's own words: surely nothing was done. */
  readonly refused: Answer;
  /** "Wrong credentials" and "too busy" where 401 and 429 are not the only way to say it. */
  readonly unauthorized?: Answer;
  readonly throttled?: Answer;
  /** Why requests of the same operation may differ: a time or a nonce that the processor wants. */
  readonly repeatsDiffer?: string;
  readonly webhook?: WebhookSample<Settings, Ref>;
  readonly endpoint?: { start(): EndpointProcessor };
  readonly inspect?: {
    answer(query: Inspect<Ref>, request: HttpRequest): Answer;
    /** What the answers come to, for an authorization of `query.amount`. */
    expects(query: Inspect<Ref>): { authorized: number; captured: number; refunds: number };
  };
  readonly check?: {
    answer(request: HttpRequest): Answer;
    readonly facts: AccountFacts;
  };
  /** One for each function of customers, setups, disputes and reports: `customers.create`. */
  readonly errands?: Readonly<Record<string, Errand<Settings>>>;
}

export type AnySample = Sample<unknown, unknown>;
export type AnyConnector = Connector<unknown, unknown>;

/** Stands where an answer has not been written yet; the case that needs it fails with the hint. */
export function unwritten(hint: string): () => never {
  return () => {
    throw new Error(`not written yet: ${hint}`);
  };
}
