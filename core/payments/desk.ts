/** What the payment verbs share: where things are read, decided and carried out. */
import { timingSafeEqual } from 'node:crypto';
import { isoTime, type Clock } from '../base/clock.ts';
import type { Keyring } from '../base/keyring.ts';
import type { Idempotency } from '../idempotency/idempotency.ts';
import type { Merchants } from '../access/merchants.ts';
import type { Account, Accounts } from '../accounts/account.ts';
import type { Customers } from '../customers/customer.ts';
import type { CvcMemory, MethodsObserver } from '../methods/index.ts';
import { limitGuard } from '../routing/board.ts';
import type { RoutingDesk } from '../routing/route.ts';
import type { Fault } from '../sdk/fault.ts';
import { Problem } from '../sdk/problem.ts';
import type { Principal } from '../sdk/route.ts';
import { Conflict, type Database } from '../storage/index.ts';
import type { Engine, Settled } from './engine.ts';
import type { Moment } from './moment.ts';
import { openedAction } from '../methods/next-action.ts';
import type { OperationRecord, PaymentRecord, StoredAction } from './record.ts';
import { presentPayment, presentPublic } from './present.ts';
import { refusalOf } from './refusal.ts';
import { operationGuard, paymentGuard } from './settle.ts';
import { absent, paymentById } from './store.ts';

/** What operators want to hear of look-ups and of what runs by itself. */
export interface DeskObserver extends MethodsObserver {
  recoveryFailed(operation: OperationRecord, error: unknown): void;
  expiryFailed(payment: PaymentRecord, error: unknown): void;
  /** The look at a payment that was to be tried again broke; it is looked at again. */
  retryFailed(paymentId: string, error: unknown): void;
  /** The schedule is exhausted and still nobody knows. */
  needsOperator(operation: OperationRecord): void;
  /** The processor and the books cannot both be right; `reason` is a sentence. */
  contradiction(payment: PaymentRecord, reason: string): void;
  askFailed(account: Account, operation: OperationRecord, fault: Fault): void;
}

export interface Desk {
  readonly mode: 'sandbox' | 'live';
  readonly observer: DeskObserver;
  readonly db: Database;
  readonly clock: Clock;
  readonly keyring: Keyring;
  readonly engine: Engine;
  readonly routing: RoutingDesk;
  readonly accounts: Accounts;
  readonly customers: Customers;
  readonly merchants: Merchants;
  readonly idempotency: Idempotency;
  /** How long the processor must have said "not found" before that counts as proof. */
  readonly absenceGraceMs: number;
  readonly cvcs: CvcMemory;
  /** Whether events may be sent to an address; `rule` is a sentence for who gave it. */
  checkWebhookUrl(
    url: string,
  ): { readonly ok: true } | { readonly ok: false; readonly rule: string };
  /** The formats that events may be sent in, by name. */
  readonly webhookSigners: ReadonlyMap<string, unknown>;
}

/**
 * The guard names under which a payment verb may lose a race and should decide again: the payment
 * changed meanwhile, or somebody else took the last of the account's limit.
 */
const retriable = new Set([paymentGuard, operationGuard, limitGuard]);

/**
 * Reads, decides and acts again when somebody else changed the payment in between. The decision is
 * pure and nothing was sent, so deciding again is safe.
 */
export async function decideAgain<T>(act: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof Conflict) || !retriable.has(error.guard)) throw error;
      if (attempt === 20) {
        throw new Problem('concurrent_change', 'the payment keeps changing; try again', {
          headers: { 'retry-after': '1' },
        });
      }
    }
  }
}

/** The payment, if this caller may see it: a key bound to a profile sees that profile's alone. */
export async function paymentFor(
  desk: Pick<Desk, 'db'>,
  principal: Principal,
  id: string,
): Promise<PaymentRecord> {
  const payment = await paymentById(desk.db, principal.merchantId, id);
  const { profileId } = principal;
  if (profileId === undefined || profileId === payment.profile_id) return payment;
  throw absent();
}

export function now(desk: Desk): Moment {
  const ms = desk.clock.now();
  return { ms, iso: isoTime(ms) };
}

/** Derived, never stored: `pay_…_secret_…`. */
export function clientSecretOf(keyring: Keyring, payment: { id: string }): string {
  return `${payment.id}_secret_${keyring.digest('client-secret', payment.id).slice(0, 32)}`;
}

/** Whether a browser may still confirm the payment, so that its secret is worth showing. */
function confirmable(payment: PaymentRecord): boolean {
  return ['created', 'requires_action', 'failed'].includes(payment.status);
}

/** The payment as this caller may see it. */
export function shown(desk: Desk, payment: PaymentRecord, principal: Principal) {
  const action = (stored: StoredAction) => openedAction(stored, desk.keyring);
  if (principal.kind === 'public') return presentPublic(payment, { action });
  const clientSecret = confirmable(payment) ? clientSecretOf(desk.keyring, payment) : undefined;
  return presentPayment(payment, { clientSecret, action });
}

/**
 * The answer to an operation: the payment when it went well, 202 while nobody knows, a problem with
 * the payment inside when the processor said no or was not there.
 */
export function answerTo(
  desk: Desk,
  principal: Principal,
  requestId: string,
  success: number,
  { payment, operation }: Settled,
): { status: number; body: unknown } {
  const body = shown(desk, payment, principal);
  const problem = refusalOf(operation, body);
  if (problem) return { status: problem.status, body: problem.toJson(requestId) };
  return { status: statusOf(payment, operation, success), body };
}

function statusOf(payment: PaymentRecord, operation: OperationRecord, success: number): number {
  if (operation.state === 'unknown' || payment.status === 'processing') return 202;
  return success;
}

/** A public key opens one payment at a time, with the client secret that came with it. */
export function assertClientSecret(
  desk: Desk,
  principal: Principal,
  paymentId: string,
  given: string | undefined,
): void {
  if (principal.kind !== 'public') return;
  const expected = Buffer.from(clientSecretOf(desk.keyring, { id: paymentId }));
  const claimed = Buffer.from(given ?? '');
  if (claimed.length !== expected.length || !timingSafeEqual(claimed, expected)) {
    throw new Problem('client_secret_invalid', 'the client secret does not open this payment', {
      param: 'client_secret',
    });
  }
}
