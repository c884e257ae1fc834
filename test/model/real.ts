/** The switch that the model is held against: its simulator outlives it, so that it can restart. */
import { startProcessor } from '../../connectors/card-simulator/processor/server.ts';
import { ManualClock } from '../../core/base/clock.ts';
import { recoverDue } from '../../core/payments/recovery.ts';
import { testNowMs } from '../support/app.ts';
import { simulatorFault } from '../support/books.ts';
import type { DatabasePlace } from '../support/databases.ts';
import { breaches, expectHonestBooks, startStill } from '../recovery/world.ts';
import { perform, type Book, type Real, type Step } from './commands.ts';
import { expect } from 'chai';

export async function startReal(place: DatabasePlace): Promise<Real & { stop(): Promise<void> }> {
  const clock = new ManualClock(testNowMs);
  const now = () => clock.now();
  const simulator = await startProcessor({ port: 0, host: '127.0.0.1', now });
  const options = { clock, simulatorUrl: simulator.url };
  const real = {
    app: await startStill(place, options),
    restart: async () => {
      await real.app.running.stop();
      real.app = await startStill(place, options);
      await recoverDue(real.app.running.desk, true);
    },
    stop: async () => {
      try {
        await expectHonestBooks(real.app);
      } finally {
        await real.app.stop();
        await simulator.close();
      }
    },
  };
  return real;
}

/** Plays steps, lets time settle what is open, and looks at all the books. */
export async function playOut(real: Real, play: (book: Book) => Promise<void>): Promise<void> {
  const book: Book = { payments: [], taken: 0 };
  await simulatorFault(real.app);
  await play(book);
  await perform(book, real, { do: 'advance', by: '1m' });
  for (const on of book.payments.keys()) await perform(book, real, { do: 'sync', on });
  expect(await breaches(real.app)).to.deep.equal([]);
}

export function playSteps(real: Real, steps: readonly Step[]): Promise<void> {
  return playOut(real, async (book) => {
    for (const step of steps) await perform(book, real, step);
  });
}
