/**
 * Lives that once went wrong, or that a reader would want to see: each counterexample that the
 * model test finds is kept here, shrunk.
 */
import { describeOnEachDatabase } from '../support/databases.ts';
import type { Step } from './commands.ts';
import { playSteps, startReal } from './real.ts';

const held = {
  do: 'create',
  amount: 1000,
  capture: 'manual',
  card: 'held',
  fault: 'none',
} as const;
const hold = { ...held, card: 'good' } as const;

const lives: Readonly<Record<string, readonly Step[]>> = {
  'an approval whose answer was lost is booked once': [
    held,
    { do: 'approve', on: 0, fault: 'silent' },
    { do: 'sync', on: 0 },
  ],
  'an approval that never arrived is sent again': [
    held,
    { do: 'approve', on: 0, fault: 'unsent' },
    { do: 'advance', by: '1m' },
    { do: 'capture', on: 0, share: 100, final: false, fault: 'none' },
  ],
  'a rejection whose answer was lost ends as cancelled': [
    held,
    { do: 'reject', on: 0, fault: 'silent' },
    { do: 'advance', by: '1m' },
  ],
  'a rejection that never arrived is sent again': [
    held,
    { do: 'reject', on: 0, fault: 'unsent' },
    { do: 'advance', by: '1m' },
  ],
  'a withdrawal whose answer was lost ends as cancelled': [
    { ...hold, card: 'challenge' },
    { do: 'cancel', on: 0, fault: 'silent' },
    { do: 'sync', on: 0 },
  ],
  'a withdrawal that never arrived is sent again': [
    { ...hold, card: 'challenge' },
    { do: 'cancel', on: 0, fault: 'unsent' },
    { do: 'advance', by: '1m' },
  ],
  'a withdrawal with a lying answer waits, and is then believed': [
    { ...hold, card: 'challenge' },
    { do: 'cancel', on: 0, fault: 'lie' },
    { do: 'sync', on: 0 },
  ],
  'a part captured twice, once in silence, and the rest lapses': [
    hold,
    { do: 'capture', on: 0, share: 30, final: false, fault: 'silent' },
    { do: 'capture', on: 0, share: 30, final: false, fault: 'none' },
    { do: 'refund', on: 0, share: 50, fault: 'unsent' },
    { do: 'advance', by: '7d' },
  ],
  'a refund beside a capture that nobody knows of': [
    hold,
    { do: 'capture', on: 0, share: 30, final: false, fault: 'none' },
    { do: 'capture', on: 0, share: 30, final: true, fault: 'unsent' },
    { do: 'refund', on: 0, share: 1, fault: 'silent' },
    { do: 'advance', by: '1m' },
  ],
  'lies about a hold, a capture and a refund, over a restart': [
    { ...hold, fault: 'lie' },
    { do: 'restart' },
    { do: 'sync', on: 0 },
    { do: 'capture', on: 0, share: 50, final: false, fault: 'lie' },
    { do: 'restart' },
    { do: 'advance', by: '7d' },
    { do: 'refund', on: 0, share: 1, fault: 'lie' },
    { do: 'sync', on: 0 },
  ],
  'five cards, of which the fourth was in doubt': [
    { ...hold, card: 'declined' },
    { do: 'confirm', on: 0, card: 'declined', fault: 'silent' },
    { do: 'confirm', on: 0, card: 'good', fault: 'unsent' },
    { do: 'advance', by: '1m' },
    { do: 'confirm', on: 0, card: 'good', fault: 'throttled' },
  ],
};

describeOnEachDatabase('lives worth keeping', (database) => {
  let real: Awaited<ReturnType<typeof startReal>>;

  before(async () => {
    real = await startReal(await database.open());
  });
  after(() => real?.stop());

  for (const [title, steps] of Object.entries(lives)) {
    it(title, () => playSteps(real, steps));
  }
});
