/** What a processor reports of its own books, for reconciliation: read, never stored. */
export interface ReportQuery {
  /** Milliseconds, inclusive. */
  readonly fromMs?: number;
  readonly toMs?: number;
  /** Where the last page ended. */
  readonly cursor?: string;
  /** 1 to 100. */
  readonly limit: number;
}

export interface ReportPage<T> {
  readonly entries: readonly T[];
  /** Absent on the last page. */
  readonly nextCursor?: string;
}

/** One movement of the account's balance. */
export interface BalanceTransaction {
  readonly reference: string;
  readonly type:
    | 'charge'
    | 'refund'
    | 'refund_failure'
    | 'dispute'
    | 'dispute_reversal'
    | 'fee'
    | 'payout'
    | 'payout_failure'
    | 'transfer'
    | 'adjustment';
  /** The processor's own word. */
  readonly processorType: string;
  /** What it is about: a charge, a refund, a payout … */
  readonly source: string | undefined;
  /** Minor units, signed: money that leaves the balance is negative. `net = amount - fee`. */
  readonly amount: Signed;
  readonly fee: Signed;
  readonly net: Signed;
  readonly available: boolean;
  /** ISO 8601. */
  readonly availableAt: string;
  readonly createdAt: string;
}

/** Money with a sign. */
export interface Signed {
  readonly amount: number;
  readonly currency: string;
}

export interface Payout {
  readonly reference: string;
  /** Negative when the processor debits the bank account. */
  readonly amount: Signed;
  readonly status: 'pending' | 'in_transit' | 'paid' | 'failed' | 'cancelled';
  readonly failureCode?: string;
  readonly createdAt: string;
  readonly arrivalAt: string;
}

export interface PayoutQuery extends ReportQuery {
  readonly status?: Payout['status'];
}

export interface BalanceQuery extends ReportQuery {
  /** Only what this payout carried. */
  readonly payout?: string;
}
