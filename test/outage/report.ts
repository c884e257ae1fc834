/** An outage in a few lines for people. */
import { minute } from '../../core/base/clock.ts';
import type { Shares } from './count.ts';
import type { Played } from './outage.ts';

export interface Absence {
  /** From the beginning of the outage until it got no more payments; undefined: it always did. */
  readonly leftAfterMs: number | undefined;
  /** From the end of the outage to the breaker's closing for good. */
  readonly backAfterMs: number | undefined;
}

export function absenceOf({ plan, outToMs, turns }: Played): Absence {
  const gone = (state: string) => state === 'open' || state === 'silent';
  const left = turns.find(({ state, atMs }) => gone(state) && atMs >= plan.outFromMs);
  const last = turns.at(-1);
  return {
    leftAfterMs: left && left.atMs - plan.outFromMs,
    backAfterMs: last?.state === 'closed' ? last.atMs - outToMs : undefined,
  };
}

export function reportOf(played: Played): string {
  const { plan, counted, sent } = played;
  const { leftAfterMs, backAfterMs } = absenceOf(played);
  const troubles = plan.troubles.map(
    ({ trouble, lastsMs }) => `${trouble} ${lastsMs / minute} min`,
  );
  const { unknown, unknownPaid, unknownFailed } = counted;
  return [
    `${plan.strategy}, ${plan.perSecond} payments/s for ${plan.lastsMs / minute} min; ` +
      `from minute ${plan.outFromMs / minute} "first" is ${troubles.join(', ')}`,
    `  payments       ${counted.payments}: ${counted.paid} paid, ${counted.failed} failed, ` +
      `${unknown} unknown at first (later ${unknownPaid} paid, ${unknownFailed} failed)`,
    `  moved          ${counted.moved} to another account`,
    `  doubled        ${counted.doubled}; wrongly booked ${counted.wrong}; ` +
      `without an end ${counted.open}`,
    `  account        left after ${seconds(leftAfterMs)}, back ${seconds(backAfterMs)} ` +
      `after the outage; ${played.turns.length} turns`,
    `  sent to first  ${Object.entries(sent)
      .filter(([name]) => name.startsWith('first'))
      .map(([name, count]) => `${count} while ${name.slice('first '.length)}`)
      .join(', ')}`,
    `  shares         before ${shares(counted.before)}; during ${shares(counted.during)}; ` +
      `after ${shares(counted.after)}`,
    `  all known      ${seconds(played.knownAfterMs)} after the last payment`,
    `  it took        ${seconds(played.tookMs)}`,
  ].join('\n');
}

function seconds(ms: number | undefined): string {
  return ms === undefined ? 'never' : `${(ms / 1_000).toFixed(1)} s`;
}

function shares(each: Shares): string {
  const total = Object.values(each).reduce((sum, count) => sum + count, 0);
  return ['first', 'second', 'third']
    .map((name) => `${((100 * (each[name] ?? 0)) / Math.max(total, 1)).toFixed(2)} %`)
    .join(' / ');
}
