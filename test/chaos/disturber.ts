/** What happens to us: kills, freezes, a database that goes away, a disk that is full. */
import { setTimeout as delay } from 'node:timers/promises';
import type { NodeProcess } from './node-process.ts';
import { randomOf } from './random.ts';

/** Something else than a kill that can be done to this round. */
export interface Disturbance {
  readonly name: string;
  /** Kills between two of them, on average. */
  readonly everyKills: number;
  strike(): Promise<void>;
}

export interface Disturbed {
  kills: number;
  /** How often each of the others struck. */
  readonly others: Record<string, number>;
}

/** Kills until the number is reached, with a disturbance between two kills now and then. */
export async function disturb(
  nodes: readonly NodeProcess[],
  { seed, kills }: { readonly seed: number; readonly kills: number },
  disturbances: readonly Disturbance[],
  onKill: (kills: number) => void,
): Promise<Disturbed> {
  const random = randomOf(seed, 'killer');
  const done: Disturbed = { kills: 0, others: {} };
  while (done.kills < kills) {
    await delay(random.between(100, 500));
    for (const { name, everyKills, strike } of disturbances) {
      // At least once each round, in its first third, however short the round.
      const due = done.others[name] === undefined && done.kills * 3 >= kills;
      if (!random.chance(1 / everyKills) && !due) continue;
      await strike();
      done.others[name] = (done.others[name] ?? 0) + 1;
    }
    await random.pick(nodes).kill();
    done.kills += 1;
    onKill(done.kills);
  }
  return done;
}

/** Freezes one of several nodes: it wakes up believing that no time has passed. */
export function freezing(nodes: readonly NodeProcess[], seed: number): Disturbance {
  const random = randomOf(seed, 'freezer');
  return {
    name: 'freezes',
    everyKills: 4,
    strike: () => random.pick(nodes).freeze(random.between(300, 3_000)),
  };
}

/** The database server dies under everybody and comes back. */
export function restarting(restart: () => Promise<void>): Disturbance {
  return { name: 'database restarts', everyKills: 8, strike: restart };
}
