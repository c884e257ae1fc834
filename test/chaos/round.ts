/** One round: a place, a crowd, a storm, kills; then quiet, and the verdict. */
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import SqliteHandle from 'better-sqlite3';
import {
  advanceClock,
  listPayments,
  readBooks,
  readSimulator,
  request,
  verifyLedger,
  type Books,
  type Door,
} from './books.ts';
import type { Counter } from './buyer.ts';
import { Crowd } from './crowd.ts';
import { openDatabaseFor, type TestPostgres } from './database.ts';
import { fillingDisk, mountDisk } from './disk.ts';
import { disturb, freezing, type Disturbance, type Disturbed } from './disturber.ts';
import { judge } from './judge.ts';
import type { Options } from './options.ts';
import { openPlace, type Place } from './place.ts';
import { breachesOf, type Verdict } from './sheet.ts';
import { endStorm, lagMs, startStorm } from './storm.ts';

/** Progress, for whoever watches. */
export type Say = (what: string) => void;

/** How long the aftermath may take before what is left counts as unresolved. */
const settleLimitMs = 120_000;
/** Steps of the sandbox's clock: the schedule asks at 5 s, 30 s, 2 m, 5 m, 15 m. */
const clockStep = '40s';

interface Scene {
  readonly options: Options;
  readonly place: Place;
  readonly counter: Counter;
  readonly crowd: Crowd;
  readonly say: Say;
}

/** Runs a round; throws only when it could not be run, for a breach is a verdict. */
export async function runRound(
  options: Options,
  say: Say,
  postgres?: TestPostgres,
): Promise<Verdict> {
  const startedMs = performance.now();
  const notRun = ['inbound webhooks of the processor: no route takes them yet'];
  const isFile = options.database === 'sqlite' && !options.control;
  const diskPath = join(tmpdir(), `pointsman-chaos-disk-${process.pid}-${options.seed}`);
  const disk = isFile ? mountDisk(diskPath) : undefined;
  if (isFile && !disk) notRun.push('full disk: mounting a small tmpfs needs root on Linux');
  const database = options.control ? undefined : await openDatabaseFor(options, postgres);
  try {
    const place = await openPlace({
      nodes: options.nodes,
      control: options.control,
      databaseUrl: database?.url,
      dataDir: disk && diskPath,
    });
    let keep = false;
    try {
      const scene = sceneOf(options, place, say);
      const disturbances: Disturbance[] = [
        ...(disk ? [fillingDisk(diskPath, options.seed)] : []),
        ...(options.nodes > 1 ? [freezing(place.nodes, options.seed)] : []),
        ...(database?.restart ? [restarting(database.restart)] : []),
      ];
      if (database && !database.restart) notRun.push('database restarts: the server is not ours');
      const disturbed = await storm(scene, disturbances);
      const rest = await aftermath(scene);
      const seconds = (performance.now() - startedMs) / 1000;
      const verdict = { ...rest, ...disturbed, seconds, notRun, evidence: place.directory };
      keep = !options.control && breachesOf(verdict) > 0;
      if (keep) keepEvidence(scene, verdict);
      return keep ? verdict : { ...verdict, evidence: undefined };
    } finally {
      scene0(place).counterOver();
      await place.close(keep);
    }
  } finally {
    disk?.unmount();
    await database?.drop();
  }
}
