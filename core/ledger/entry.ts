/**
 * The ledger. One row is one whole double entry: `amount` leaves `debit` and enters `credit`, so
 * the books sum to zero by construction and a row cannot be half written.
 *
 * The chart has three accounts a payment; money walks round:
 *   issuer → hold       authorize        hold → merchant   capture
 *   hold   → issuer     void, release    merchant → issuer refund
 * The four counters of a payment are the sums of these four moves, nothing else.
 */
import { insert, type Change } from '../storage/index.ts';

export type LedgerAccount = 'issuer' | 'hold' | 'merchant';

export interface Entry {
  readonly debit: LedgerAccount;
  readonly credit: LedgerAccount;
  readonly amount: number;
}

export interface EntryRecord extends Entry {
  readonly operation_id: string;
  readonly line: number;
  readonly currency: string;
  readonly created_at: string;
}

export const moves = {
  authorize: (amount: number): Entry => ({ debit: 'issuer', credit: 'hold', amount }),
  capture: (amount: number): Entry => ({ debit: 'hold', credit: 'merchant', amount }),
  release: (amount: number): Entry => ({ debit: 'hold', credit: 'issuer', amount }),
  refund: (amount: number): Entry => ({ debit: 'merchant', credit: 'issuer', amount }),
};

/** The rows of one operation. Entries of nothing are left out: zero is not a movement. */
export function entryChanges(
  operation: { id: string; currency: string },
  entries: readonly Entry[],
  createdAt: string,
): Change[] {
  return entries
    .filter(({ amount }) => amount > 0)
    .map((entry, line) =>
      insert('ledger_entries', {
        operation_id: operation.id,
        line,
        debit: entry.debit,
        credit: entry.credit,
        amount: entry.amount,
        currency: operation.currency,
        created_at: createdAt,
      }),
    );
}
