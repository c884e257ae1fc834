/** The processor's nouns, as they stand in its ledger file. Amounts are integer minor units. */
import type { Brand, ProcessorDecline } from './cards.ts';

export type ChargeStatus =
  'authorized' | 'captured' | 'declined' | 'requires_action' | 'held' | 'voided';

export type OperationKind = 'authorize' | 'capture' | 'void' | 'refund' | 'approve' | 'reject';

export interface Decline {
  readonly code: ProcessorDecline;
  readonly message: string;
  readonly score?: number;
}

/** What the issuer says once nothing else stands in the way. */
export type Verdict =
  | { readonly kind: 'approve' }
  | { readonly kind: 'hold' }
  | { readonly kind: 'decline'; readonly code: ProcessorDecline };

export interface Charge {
  readonly id: string;
  readonly merchant: string;
  readonly reference: string;
  readonly amount: number;
  readonly currency: string;
  /** Capture as soon as it is authorized. */
  readonly capture: boolean;
  readonly status: ChargeStatus;
  /** Never the number and never the CVC: the ledger file is plain text. */
  readonly card: {
    readonly brand: Brand;
    readonly first6: string;
    readonly last4: string;
    readonly exp_month: number;
    readonly exp_year: number;
  };
  readonly amount_authorized: number;
  readonly amount_captured: number;
  readonly amount_refunded: number;
  readonly amount_voided: number;
  /** A final capture happened: what was left of the hold is released. */
  readonly closed: boolean;
  readonly decline?: Decline;
  readonly auth_code?: string;
  readonly cvc_check: 'M' | 'N' | 'P';
  readonly avs_check: 'Y' | 'U';
  readonly authentication: 'none' | 'frictionless' | 'challenged';
  /** Kept after it was used, so that a second answer to the same page is recognised. */
  readonly challenge?: { readonly token: string; readonly return_url?: string };
  /** The issuer's answer that waits for the cardholder. */
  readonly verdict?: Verdict;
  readonly created_at: string;
}

export interface Operation {
  /** For an authorization the charge's own id. */
  readonly id: string;
  readonly kind: OperationKind;
  readonly reference: string;
  readonly merchant: string;
  readonly charge: string;
  readonly amount: number;
  readonly currency: string;
  /** Of an authorization, see the charge: it goes on changing. */
  readonly status: 'succeeded' | 'declined';
  readonly decline?: Decline;
  readonly reason?: string;
  readonly created_at: string;
}

export interface WebhookEndpoint {
  readonly id: string;
  readonly merchant: string;
  readonly url: string;
  readonly secret: string;
  readonly created_at: string;
}

/** One line of the ledger file: the new state of whatever one request changed, all or nothing. */
export interface LedgerRecord {
  readonly operation?: Operation;
  readonly charge?: Charge;
  readonly endpoint?: WebhookEndpoint;
  readonly endpoint_deleted?: string;
}
