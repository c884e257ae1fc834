/** Runs conformance rows one after the other: each holds, is broken, or could not be looked at. */
import type { ConformanceRow } from '../../core/sdk/conformance.ts';
import type { OpenBench } from './bench.ts';

export interface RowResult {
  readonly id: string;
  readonly title: string;
  readonly outcome: 'held' | 'broken' | 'unchecked';
  /** What came instead, or what is missing here. */
  readonly told?: string;
}

export async function checkRow(row: ConformanceRow, bench: OpenBench): Promise<RowResult> {
  const { id, title, needs = [] } = row;
  const missing = needs.filter((need) => !bench.has.has(need));
  if (missing.length > 0) {
    return { id, title, outcome: 'unchecked', told: `needs ${missing.join(' and ')}` };
  }
  try {
    await row.check(bench);
    return { id, title, outcome: 'held' };
  } catch (error) {
    // Whatever went wrong, the promise was not seen to hold.
    return {
      id,
      title,
      outcome: 'broken',
      told: error instanceof Error ? error.message : String(error),
    };
  }
}
