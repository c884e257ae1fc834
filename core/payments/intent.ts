/** What the engine is given: an intention, and what it stands on. */
import type { Clock } from '../base/clock.ts';
import type { Keyring } from '../base/keyring.ts';
import type { Account, Accounts } from '../accounts/account.ts';
import type { Customers } from '../customers/customer.ts';
import type { Idempotency } from '../idempotency/idempotency.ts';
import type { Routed, RoutingDesk } from '../routing/route.ts';
import type { MethodInput } from '../sdk/command.ts';
import type { IdempotencySlot } from '../sdk/route.ts';
import type { Change, Database } from '../storage/index.ts';
import type { Verdict } from './judge.ts';
import type { OperationRecord, PaymentRecord, RecordedKind } from './record.ts';

/** What a verb has decided, before anything is written. */
export interface Intent {
  /** The payment as it stands once the intention is committed. */
  readonly payment: PaymentRecord;
  /** In state `calling`. */
  readonly operation: OperationRecord;
  /** The intention's rows: the payment, the operation, events. */
  readonly changes: readonly Change[];
  readonly account: Account;
  /** Where else an authorization may go. */
  readonly alternatives?: readonly Account[];
  /** For authorizations: what was decided, and what the decision holds. */
  readonly routed?: Routed;
  readonly method?: MethodInput;
  /** Whose saved method it is, in the processor's words. */
  readonly customerReference?: string | undefined;
  readonly subject?: OperationRecord;
  /** Called once the intention has landed. */
  begun?(): void;
  readonly slot: IdempotencySlot | undefined;
  /** The answer to the caller, from how it ended; serialised into the outcome's commit. */
  answer(settled: Settled): { status: number; body: unknown };
}

export interface Settled {
  readonly payment: PaymentRecord;
  readonly operation: OperationRecord;
}

/** What metrics and logs want to know. No card data, no bodies. */
export interface EngineObserver {
  called(account: Account, kind: RecordedKind, verdict: Verdict, durationMs: number): void;
  settled(payment: PaymentRecord, operation: OperationRecord): void;
  /** An authorization goes on to another account; `reason` is the fault, or `declined`. */
  failedOver(operation: OperationRecord, to: Account, reason: string): void;
  /** A connector that threw something other than a Fault: a bug to be mended. */
  connectorBroke(account: Account, error: unknown): void;
}

export interface EngineDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly keyring: Keyring;
  readonly accounts: Accounts;
  readonly idempotency: Idempotency;
  readonly mode: 'sandbox' | 'live';
  readonly observer: EngineObserver;
  returnUrlOf(payment: PaymentRecord): string;
  readonly customers: Customers;
  readonly routing: Pick<RoutingDesk, 'book' | 'health'>;
}
