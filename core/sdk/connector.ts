/**
 * A connector is one frozen literal: facts as data, behaviour as functions. No base class, no
 * state, no lifecycle. Presence is capability: what is not in the literal is not offered.
 */
import type { Static, TSchema } from 'typebox';
import type { Secret } from '../base/secret.ts';
import type { Authorize, Capture, MethodType, Refund, Review, Sync, Void } from './command.ts';
import type { DisputeState, Evidence } from './dispute.ts';
import type { HttpPort } from './http.ts';
import type { Inspect, Inspection } from './inspection.ts';
import type { Outcome } from './outcome.ts';
import type {
  BalanceQuery,
  BalanceTransaction,
  Payout,
  PayoutQuery,
  ReportPage,
} from './report.ts';
import type { CustomerCommand, Setup, SetupOutcome } from './saved-method.ts';
import type { Delivery, WebhookRequest } from './webhook.ts';

/** What one charge may come to in a currency, in minor units. */
export interface AmountFacts {
  readonly minimum?: number;
  readonly maximum?: number;
  /** Amounts are multiples of it: 100 where a processor takes whole major units only. */
  readonly step?: number;
}

/** What code cannot tell about a payment method at this processor. */
export interface MethodFacts {
  /** ISO codes, or `all` when the processor takes every ISO currency. */
  readonly currencies: readonly string[] | 'all';
  readonly capture: readonly ('automatic' | 'manual')[];
  readonly partialCapture: boolean;
  readonly multipleCapture: boolean;
  /** `none`: what was paid so cannot be given back through the processor. */
  readonly refund: 'none' | 'whole' | 'partial';
  /** By currency; what is not listed has no bounds. */
  readonly amounts?: Readonly<Record<string, AmountFacts>>;
  /** For bank transfers: where the customer can transfer to. */
  readonly banks?: readonly string[];
  /** A boolean setting of the account that has to be true: raw cards need the processor's leave. */
  readonly requires?: string;
}

export interface Context<Settings> {
  /** The account's settings, credentials included, checked against the connector's schema. */
  readonly settings: Settings;
  readonly mode: 'sandbox' | 'live';
  readonly http: HttpPort;
  /** Where this account's webhooks are taken; undefined when the switch has no public address. */
  readonly webhookUrl: string | undefined;
  /** The secret of the endpoint that {@link Endpoint} registered, if one is. */
  readonly webhookSecret: Secret | undefined;
  /** The time outside in milliseconds: a sandbox's moved clock is not the processor's. */
  now(): number;
}

/** Each takes the context and one command, and answers with an outcome or throws a Fault. */
export interface Operations<Settings, Ref> {
  authorize(context: Context<Settings>, command: Authorize): Promise<Outcome<Ref>>;
  /**
   * Mandatory, because it is what repairs the unknown. `not_found` is the processor's word that it
   * has no such operation; anything it does not know how to say is a Fault.
   */
  sync(context: Context<Settings>, query: Sync<Ref>): Promise<Outcome<Ref> | 'not_found'>;
  capture?(context: Context<Settings>, command: Capture<Ref>): Promise<Outcome<Ref>>;
  void?(context: Context<Settings>, command: Void<Ref>): Promise<Outcome<Ref>>;
  refund?(context: Context<Settings>, command: Refund<Ref>): Promise<Outcome<Ref>>;
  approve?(context: Context<Settings>, command: Review<Ref>): Promise<Outcome<Ref>>;
  reject?(context: Context<Settings>, command: Review<Ref>): Promise<Outcome<Ref>>;
  /** Everything the processor has about one authorization; read when it sends news. */
  inspect?(context: Context<Settings>, query: Inspect<Ref>): Promise<Inspection<Ref>>;
}

export interface Webhook<Settings, Ref> {
  /**
   * Verifies the delivery over its raw bytes and reads what it is about. Throws
   * {@link WebhookRefusal}. Pure but for the clock: no network.
   */
  open(context: Context<Settings>, request: WebhookRequest): Delivery<Ref>;
}

/** Registering where a processor sends its news, for those that have an API for it. */
export interface Endpoint<Settings> {
  /**
   * Makes `context.webhookUrl` the endpoint of this account and answers its secret. What an earlier
   * try left behind is found and replaced: a secret is told only once.
   */
  register(
    context: Context<Settings>,
    command: { readonly accountId: string },
  ): Promise<{ readonly reference: string; readonly secret: Secret }>;
  /** Gone is gone: removing what is not there is a success. */
  remove(context: Context<Settings>, command: { readonly reference: string }): Promise<void>;
}

/** What the processor says of the account behind the credentials. */
export interface AccountFacts {
  readonly reference?: string;
  readonly country?: string;
  readonly currency?: string;
  readonly chargesEnabled?: boolean;
  readonly payoutsEnabled?: boolean;
}

export interface Customers<Settings> {
  /** Makes the customer known at the processor and answers its id there; a repeat finds him. */
  create(context: Context<Settings>, command: CustomerCommand): Promise<string>;
}

export interface Setups<Settings, Ref> {
  create(context: Context<Settings>, command: Setup): Promise<SetupOutcome<Ref>>;
  sync(
    context: Context<Settings>,
    query: { readonly setupId: string; readonly ref: Ref | undefined; readonly begunAtMs: number },
  ): Promise<SetupOutcome<Ref> | 'not_found'>;
  cancel(
    context: Context<Settings>,
    command: { readonly setupId: string; readonly ref: Ref },
  ): Promise<SetupOutcome<Ref>>;
  /** The method can never be charged again; forgetting what is gone is a success. */
  forget(context: Context<Settings>, command: { readonly token: Secret }): Promise<void>;
}

export interface Disputes<Settings> {
  find(
    context: Context<Settings>,
    query: { readonly reference: string },
  ): Promise<DisputeState | 'not_found'>;
  respond?(context: Context<Settings>, evidence: Evidence): Promise<DisputeState>;
  /** Gives in: the money stays with the cardholder. */
  accept?(
    context: Context<Settings>,
    command: { readonly reference: string; readonly submissionId: string },
  ): Promise<DisputeState>;
}

export interface Reports<Settings> {
  balanceTransactions?(
    context: Context<Settings>,
    query: BalanceQuery,
  ): Promise<ReportPage<BalanceTransaction>>;
  payouts?(context: Context<Settings>, query: PayoutQuery): Promise<ReportPage<Payout>>;
}

export interface Connector<Settings = unknown, Ref = unknown> {
  /** kebab-case, stable for ever: it is stored with every account. */
  readonly id: string;
  readonly name: string;
  /** JSON Schema of an account's settings; credentials are marked with {@link secretText}. */
  readonly settings: TSchema;
  /** JSON Schema of the processor's handle that is stored with an operation. */
  readonly ref: TSchema;
  /**
   * How long the processor remembers an operation id and answers a repeat with the first result,
   * in milliseconds; 0 when a repeat could act twice.
   */
  readonly replayWindowMs: number;
  /** A test double: accounts of it are refused in live mode. */
  readonly sandboxOnly: boolean;
  readonly methods: { readonly [M in MethodType]?: MethodFacts };
  readonly operations: Operations<Settings, Ref>;
  readonly webhook?: Webhook<Settings, Ref>;
  readonly endpoint?: Endpoint<Settings>;
  readonly customers?: Customers<Settings>;
  readonly setups?: Setups<Settings, Ref>;
  readonly disputes?: Disputes<Settings>;
  readonly reports?: Reports<Settings>;
  /** Asks the processor whether the credentials work; a Fault says why not. */
  check?(context: Context<Settings>): Promise<AccountFacts>;
  /**
   * What the schema cannot say about the settings, as a field and a rule: a live key in sandbox
   * mode, a plain http address in live mode. Undefined when all is well.
   */
  settingsFault?(
    settings: Settings,
    mode: 'sandbox' | 'live',
  ): { readonly field: string; readonly rule: string } | undefined;
}

/** A connector whose settings and ref types are known only to itself. */
export type AnyConnector = Connector<unknown, unknown>;

/** Checks the literal against its own schemas at compile time and freezes it. */
export function defineConnector<S extends TSchema, R extends TSchema>(
  literal: Omit<Connector<Static<S>, Static<R>>, 'settings' | 'ref'> & {
    readonly settings: S;
    readonly ref: R;
  },
): Connector<Static<S>, Static<R>> {
  return Object.freeze(literal);
}

/** The version of these contracts; a connector from outside says which one it was made for. */
export const sdkVersion = 1;
