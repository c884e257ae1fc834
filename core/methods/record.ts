/** What is kept of methods at a processor, as stored: customers there, methods, set-ups. */
import type { Clock } from '../base/clock.ts';
import type { Keyring } from '../base/keyring.ts';
import type { Account, Accounts } from '../accounts/account.ts';
import type { Customers } from '../customers/customer.ts';
import type { Idempotency } from '../idempotency/idempotency.ts';
import type { Fault } from '../sdk/fault.ts';
import type { ConfirmInBrowser, Instrument, NextAction, Refusal } from '../sdk/outcome.ts';
import type { Database } from '../storage/index.ts';
import type { CvcMemory } from './cvc-memory.ts';
import type { SetupStatus } from './machine.ts';

/** What operators want to hear. */
export interface MethodsObserver {
  /** A processor did not answer about a set-up or a method (`subject`: the id of either). */
  methodFault(account: Account, subject: string, fault: Fault): void;
  /** The recovery of one set-up failed on our side; it is tried again. */
  setupRecoveryFailed(setupId: string, error: unknown): void;
}

/** What the verbs of this folder stand on; the desk of the payments has it all. */
export interface MethodsDeps {
  readonly mode: 'sandbox' | 'live';
  readonly db: Database;
  readonly clock: Clock;
  readonly keyring: Keyring;
  readonly accounts: Accounts;
  readonly customers: Customers;
  readonly idempotency: Idempotency;
  readonly observer: MethodsObserver;
  /** How long the processor must have said "not found" before that counts as proof. */
  readonly absenceGraceMs: number;
  readonly cvcs: CvcMemory;
}

export const usages = ['on_session', 'off_session'] as const;
export type Usage = (typeof usages)[number];

/** Who a customer is at one processor account. */
export interface ProcessorCustomerRecord {
  readonly merchant_id: string;
  readonly customer_id: string;
  readonly account_id: string;
  /** The processor's own id: `cus_…` there is another than ours. */
  readonly reference: string;
  readonly created_at: string;
}

export interface PaymentMethodRecord {
  readonly id: string;
  readonly merchant_id: string;
  /** Null for a token of the browser, which is for one payment. */
  readonly customer_id: string | null;
  /** Who keeps the data: the processor of one account, or the switch's own vault. */
  readonly kind: 'processor' | 'vault';
  /** The account that can charge it; null for the vault's, which any account may be given. */
  readonly account_id: string | null;
  /** Sealed: a processor's token, or the JSON of a card. Null once the method was deleted. */
  readonly token: string | null;
  /** Keyed: finds the same token again without opening any. */
  readonly token_digest: string;
  /** The processor's id of the customer it belongs to, where the processor said so. */
  readonly customer_reference: string | null;
  /** JSON of {@link StoredInstrument}: what may be shown. */
  readonly summary: string;
  /** Same card, same word; where the number is known. */
  readonly fingerprint: string | null;
  /** JSON of a party. */
  readonly billing: string | null;
  readonly usage: Usage;
  readonly single_use: 0 | 1;
  /** When a token of the browser, or a held card, is erased by itself. */
  readonly expires_at: string | null;
  /** When the token's one payment took it. */
  readonly used_at: string | null;
  /** The authorization that has to succeed before the card is kept; it is nobody's until then. */
  readonly held_for: string | null;
  /** Its customer was deleted: when the processor is asked next to forget it. */
  readonly forget_at: string | null;
  readonly forget_tries: number;
  readonly created_at: string;
  readonly updated_at: string;
  readonly deleted_at: string | null;
  readonly version: number;
}

/** Never the number, never the token. */
export type StoredInstrument = Instrument;

export interface SetupRecord {
  readonly id: string;
  readonly merchant_id: string;
  readonly customer_id: string;
  readonly account_id: string;
  readonly status: SetupStatus;
  readonly method: 'hosted' | 'token';
  readonly usage: Usage;
  readonly return_url: string;
  /** Canonical JSON of the connector's ref. */
  readonly ref: string | null;
  /** JSON of {@link StoredAction}: the secret for the processor's script is sealed. */
  readonly next_action: string | null;
  /** JSON of {@link SetupError}. */
  readonly last_error: string | null;
  readonly payment_method_id: string | null;
  readonly checks: number;
  readonly next_check_at: string | null;
  readonly absent_since: string | null;
  readonly created_at: string;
  readonly updated_at: string;
  readonly version: number;
}

export type StoredAction =
  Exclude<NextAction, { readonly type: 'confirm_in_browser' }> | ConfirmInBrowser<string>;

/** Why a set-up failed, or what the customer's last try came to. */
export interface SetupError {
  /** declined: the processor's "no"; not_sent, refused: it never began there. */
  readonly code: 'declined' | 'not_sent' | 'refused';
  readonly decline_code?: Refusal['code'];
  readonly advice?: Refusal['advice'];
  readonly processor_code?: string;
  readonly message: string;
}
