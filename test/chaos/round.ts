/** One round: a place, a crowd, a storm, kills; then quiet, and the verdict. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabase, startPostgres } from '../support/postgres.ts';
import { settle, type Aftermath } from './aftermath.ts';
import type { Counter } from './buyer.ts';
import { Crowd } from './crowd.ts';
import { fillingDisk, mountDisk } from './disk.ts';
import { disturb, freezing, restarting, type Disturbance } from './disturber.ts';
import type { Options } from './options.ts';
import { openPlace, type Place } from './place.ts';
import { ProcessorDesk } from './processor-desk.ts';
import { breachesOf, type Verdict } from './sheet.ts';
import { endStorm, startStorm } from './storm.ts';

/** Progress, for whoever watches. */
export type Say = (what: string) => void;

/** What the round stands on, and what had to be left out. */
interface Ground {
  readonly databaseUrl: string | undefined;
  readonly restartDatabase: (() => Promise<void>) | undefined;
  /** A small disk for the SQLite file. */
  readonly diskPath: string | undefined;
  readonly notRun: readonly string[];
  close(): Promise<void>;
}

/** Runs a round; throws only when it could not be run, for a breach is a verdict. */
export async function runRound(options: Options, say: Say = () => undefined): Promise<Verdict> {
  const ground = await prepare(options);
  try {
    const { databaseUrl, diskPath: dataDir } = ground;
    const { nodes, control, seed } = options;
    const place = await openPlace({ seed, nodes, control, databaseUrl, dataDir });
    let keep = false;
    try {
      const verdict = await play(options, place, ground, say);
      keep = options.control === undefined && breachesOf(verdict) > 0;
      return keep ? { ...verdict, evidence: place.directory } : verdict;
    } finally {
      await place.close(keep);
    }
  } finally {
    await ground.close();
  }
}

async function prepare({ seed, database, control }: Options): Promise<Ground> {
  const notRun: string[] = [];
  const nothing = { databaseUrl: undefined, restartDatabase: undefined, diskPath: undefined };
  if (control) return { ...nothing, notRun: [], close: () => Promise.resolve() };
  if (database === 'sqlite') {
    const diskPath = join(tmpdir(), `pointsman-chaos-disk-${process.pid}-${seed}`);
    const disk = mountDisk(diskPath);
    if (!disk) notRun.push('full disk: to mount a small one needs root on Linux');
    return {
      ...nothing,
      diskPath: disk && diskPath,
      notRun,
      close: async () => disk?.unmount(),
    };
  }
  notRun.push('full disk: that of a Postgres server is not ours to fill');
  const server = await startPostgres();
  if ('skipped' in server) throw new Error(server.skipped);
  const { url, drop } = await createDatabase(server.url);
  if (!server.restart) {
    notRun.push('database restarts: the server of TEST_DATABASE_URL is not ours');
  }
  return {
    ...nothing,
    databaseUrl: url,
    restartDatabase: server.restart,
    notRun,
    close: async () => {
      await drop();
      await server.stop();
    },
  };
}

async function play(options: Options, place: Place, ground: Ground, say: Say): Promise<Verdict> {
  const startedMs = performance.now();
  const { seed, clients } = options;
  const { nodes, simulatorUrl, credentials } = place;
  const counter: Counter = {
    secretKey: credentials.secret_key,
    urls: nodes.map(({ url }) => url),
    log: [],
    requests: 0,
    statuses: new Map(),
    over: false,
  };
  const crowd = new Crowd(counter, seed);
  const desk = new ProcessorDesk(simulatorUrl, seed);
  try {
    await startStorm(simulatorUrl, seed);
    const buying = crowd.run(clients);
    const acting = options.control ? undefined : desk.run();
    const disturbed = await disturb(
      nodes,
      options,
      disturbancesOf(seed, place, ground),
      (kills) => {
        if (kills % 10 === 0) say(`${kills} kills, ${crowd.orders.length} orders`);
      },
    );
    crowd.close();
    desk.close();
    await Promise.all([buying, acting]);
    const faults = await endStorm(simulatorUrl);
    const aftermath = await settle({ options, place, counter, crowd, desk, say });
    return {
      options,
      seconds: (performance.now() - startedMs) / 1000,
      kills: disturbed.kills,
      disturbances: disturbed.others,
      ...factsOf(place, counter, crowd),
      faults,
      ...aftermath,
      notRun: ground.notRun,
      evidence: undefined,
    };
  } finally {
    // However it ended: nobody asks a switch that is about to go.
    counter.over = true;
    crowd.close();
    desk.close();
  }
}

function disturbancesOf(seed: number, { nodes }: Place, ground: Ground): Disturbance[] {
  const { diskPath, restartDatabase } = ground;
  return [
    ...(diskPath === undefined ? [] : [fillingDisk(diskPath, seed)]),
    ...(nodes.length > 1 ? [freezing(nodes, seed)] : []),
    ...(restartDatabase ? [restarting(restartDatabase)] : []),
  ];
}

function factsOf(
  { nodes }: Place,
  counter: Counter,
  { orders }: Crowd,
): Omit<
  Verdict,
  | keyof Aftermath
  | 'options'
  | 'seconds'
  | 'kills'
  | 'disturbances'
  | 'faults'
  | 'notRun'
  | 'evidence'
> {
  const boots = nodes.flatMap(({ bootsMs }) => bootsMs).toSorted((one, other) => one - other);
  const falls: Record<string, number> = {};
  for (const code of nodes.flatMap((node) => node.falls)) falls[code] = (falls[code] ?? 0) + 1;
  return {
    falls,
    boots: {
      count: boots.length,
      p50Ms: boots[Math.floor(boots.length / 2)] ?? 0,
      maxMs: boots.at(-1) ?? 0,
    },
    requests: counter.requests,
    statuses: Object.fromEntries([...counter.statuses].toSorted(([a], [b]) => a - b)),
    payments: orders.length,
    acknowledged: orders.reduce((sum, { answers }) => sum + answers.length, 0),
  };
}
