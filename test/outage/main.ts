/**
 * `npm run outage`: an hour of simulated time at 50 payments a second over three accounts, one of
 * them out for half of it, under two strategies; then each kind of trouble by itself. Prints what
 * became of the payments.
 *
 *   npm run outage -- [payments a second]
 *
 * Every commit reaches the disk; where that is slow, TMPDIR=/dev/shm keeps the database in memory.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { minute } from '../../core/base/clock.ts';
import { play, type Plan, type Played } from './outage.ts';
import { reportOf } from './report.ts';

const perSecond = Number(process.argv[2] ?? 50);

const anHour = {
  perSecond,
  lastsMs: 60 * minute,
  outFromMs: 10 * minute,
  troubles: [
    { trouble: 'unreachable', lastsMs: 10 * minute },
    { trouble: 'silent', lastsMs: 10 * minute },
    { trouble: 'errors', lastsMs: 10 * minute },
  ],
} satisfies Omit<Plan, 'strategy'>;

/** What the outage begins with decides how soon it is noticed. */
const alone = (['unreachable', 'silent', 'errors'] as const).map((trouble): Plan => ({
  strategy: 'weighted_round_robin',
  perSecond,
  lastsMs: 6 * minute,
  outFromMs: 2 * minute,
  troubles: [{ trouble, lastsMs: minute }],
}));

const plans: readonly Plan[] = [
  { ...anHour, strategy: 'weighted_round_robin' },
  { ...anHour, strategy: 'failover' },
  ...alone,
];

for (const plan of plans) {
  const dataDir = mkdtempSync(join(tmpdir(), 'pointsman-outage-'));
  try {
    const played = await play({ dataDir, url: undefined }, plan);
    console.log(reportOf(played));
    assertSound(played);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function assertSound({ counted: { doubled, wrong, open } }: Played): void {
  if (doubled + wrong + open === 0) return;
  process.exitCode = 1;
  console.log('FAILED: a payment was doubled, booked wrongly, or has no end');
}
