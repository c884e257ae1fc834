/** A backtest in a process of its own: told what to do by its parent, and gone after the answer. */
import { constants, setPriority } from 'node:os';
import { openReading, type Place } from '../../storage/index.ts';
import { runBacktest, type BacktestReport, type BacktestRequest } from './run.ts';

export interface Errand {
  readonly place: Place;
  readonly request: BacktestRequest;
}

export type Reply = { readonly report: BacktestReport } | { readonly error: string };

async function answerTo({ place, request }: Errand): Promise<Reply> {
  try {
    const reading = await openReading(place);
    try {
      return { report: await runBacktest(reading, request) };
    } finally {
      await reading.close();
    }
  } catch (error) {
    return { error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
}

// Payments go first where there are more of us than processors.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
process.once('message', (errand: Errand) => {
  void answerTo(errand).then((reply) => process.send?.(reply, () => process.disconnect()));
});
// The switch is gone, or does not want the answer any more.
process.once('disconnect', () => process.exit());
