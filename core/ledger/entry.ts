/**
 * The ledger. One row is one whole double entry: `amount` leaves `debit` and enters `credit`, so
 * the books sum to zero by construction and a row cannot be half written.
 *
 * The chart has four accounts a payment; money walks round:
 *   issuer   → hold      authorize        hold    → merchant  capture
 *   hold     → issuer    void, release    merchant → issuer   refund
 *   merchant → dispute   dispute          dispute → merchant  reinstatement
 *   issuer   → merchant  a refund that came back
 * The counters of a payment are the sums of these moves, nothing else.
 */
import { insert, type Change } from '../storage/index.ts';

export type LedgerAccount = 'issuer' | 'hold' | 'merchant' | 'dispute';

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
  returnRefund: (amount: number): Entry => ({ debit: 'issuer', credit: 'merchant', amount }),
  dispute: (amount: number): Entry => ({ debit: 'merchant', credit: 'dispute', amount }),
  reinstate: (amount: number): Entry => ({ debit: 'dispute', credit: 'merchant', amount }),
};

/**
 * The rows of one operation. Entries of nothing are left out: zero is not a movement. `firstLine`
 * is for what is added later: a refund that came back.
 */
export function entryChanges(
  operation: { id: string; currency: string },
  entries: readonly Entry[],
  createdAt: string,
  firstLine = 0,
): Change[] {
  return entries
    .filter(({ amount }) => amount > 0)
    .map((entry, line) =>
      insert('ledger_entries', {
        operation_id: operation.id,
        line: firstLine + line,
        debit: entry.debit,
        credit: entry.credit,
        amount: entry.amount,
        currency: operation.currency,
        created_at: createdAt,
      }),
    );
}
