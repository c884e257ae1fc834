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
  /** The hold ran out by itself. */
  readonly expired?: boolean;
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
  /**
   * Of an authorization, see the charge: it goes on changing. `failed`: a refund that succeeded at
   * first and could not be paid out.
   */
  readonly status: 'succeeded' | 'declined' | 'failed';
  readonly decline?: Decline;
  readonly reason?: string;
  /** Done by the merchant in the processor's own pages, without the switch. */
  readonly origin?: 'dashboard';
  readonly created_at: string;
  readonly failed_at?: string;
}

export const disputeReasons = [
  'fraudulent',
  'product_not_received',
  'product_unacceptable',
  'duplicate',
  'general',
] as const;

/** The cardholder's bank took the money back. It is gone from the balance until it is won. */
export interface Dispute {
  readonly id: string;
  readonly merchant: string;
  readonly charge: string;
  readonly amount: number;
  readonly currency: string;
  readonly reason: (typeof disputeReasons)[number];
  readonly status: 'open' | 'under_review' | 'won' | 'lost';
  readonly evidence: Readonly<Record<string, string>>;
  /** The submissions and the acceptance that were taken, by the merchant's reference. */
  readonly references: readonly string[];
  readonly evidence_due_at: string;
  readonly created_at: string;
  readonly closed_at?: string;
}

export const payoutStatuses = ['pending', 'in_transit', 'paid', 'failed', 'cancelled'] as const;

/** Money on its way from the balance to the merchant's bank. */
export interface Payout {
  readonly id: string;
  readonly merchant: string;
  readonly amount: number;
  readonly currency: string;
  readonly status: (typeof payoutStatuses)[number];
  readonly created_at: string;
  readonly arrival_at: string;
}

export interface WebhookEndpoint {
  readonly id: string;
  readonly merchant: string;
  readonly url: string;
  readonly secret: string;
  /** The merchant's own word, by which it is found again. */
  readonly description?: string;
  readonly created_at: string;
}

/** One line of the ledger file: the new state of whatever one request changed, all or nothing. */
export interface LedgerRecord {
  readonly operation?: Operation;
  readonly charge?: Charge;
  readonly endpoint?: WebhookEndpoint;
  readonly endpoint_deleted?: string;
  readonly dispute?: Dispute;
  readonly payout?: Payout;
}
