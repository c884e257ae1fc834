/** What every route works with. */
import type { Books } from './books.ts';
import type { Desk } from './desk.ts';
import type { Faults } from './faults.ts';
import type { LedgerFile } from './ledger-file.ts';
import type { Webhooks } from './webhooks.ts';

export interface Simulator {
  readonly books: Books;
  readonly desk: Desk;
  readonly file: LedgerFile;
  readonly faults: Faults;
  readonly webhooks: Webhooks;
  /** Where a customer's browser reaches this processor; no slash at the end. */
  readonly baseUrl: () => string;
  readonly now: () => number;
  /** Operation id → the time in milliseconds from which look-ups find it (not_found_lag). */
  readonly visibleFrom: Map<string, number>;
  /** Added to every answer of the merchants' API. */
  latencyMs: number;
}
