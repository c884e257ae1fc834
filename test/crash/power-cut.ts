/**
 * Power cuts without a machine to unplug: the switch runs under strace while payments are made;
 * then its disk is rebuilt as it was at each answer, without the bytes that no sync had covered,
 * and every payment that had been answered by then must be in it. kill -9 cannot show this: the
 * kernel keeps what a dead process wrote.
 *
 *   tsx test/crash/power-cut.ts [--cuts 200] [--seed 1]
 */
import Sqlite from 'better-sqlite3';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startSimulator } from '../../core/wiring/simulator.ts';
import { request, type Door } from '../chaos/books.ts';
import { randomOf } from '../chaos/random.ts';
import { chargeBody } from '../support/app.ts';
import { Disk } from './disk.ts';
import { startSwitchProcess } from './switch-process.ts';
import { readTrace, tracedCalls } from './trace.ts';

export interface PowerCutOptions {
  /** At so many answers the power is cut. */
  readonly cuts: number;
  readonly seed: number;
  /** The control: commits are not synced. */
  readonly forgetful?: boolean;
}

export interface PowerCutReport {
  readonly cuts: number;
  readonly answers: number;
  /** Cuts after which an answered payment was gone, or behind what had been answered. */
  readonly lossy: number;
  /** Cuts after which the database was damaged. */
  readonly damaged: number;
  /** The first losses, in words. */
  readonly losses: readonly string[];
}

/** Why it cannot run here; undefined when it can. */
export function whyNoPowerCut(): string | undefined {
  const { status, error } = spawnSync('strace', ['-f', '-o', '/dev/null', 'true']);
  if (status === 0) return undefined;
  return error ? 'strace is not installed' : 'strace may not trace here';
}

const clients = 4;

export async function powerCut(options: PowerCutOptions): Promise<PowerCutReport> {
  const directory = mkdtempSync(join(tmpdir(), 'pointsman-power-'));
  const simulator = await startSimulator({ port: 0, dataDir: directory });
  try {
    const dataDir = join(directory, 'data');
    const database = join(dataDir, 'pointsman.db');
    const place = { dataDir, simulatorUrl: simulator.url };
    // The first start makes the file. The second one is traced: SQLite's driver is built to sync
    // less from the second open on.
    const first = await startSwitchProcess(place);
    first.child.kill('SIGTERM');
    await first.ended;
    const disk = new Disk();
    disk.load(database);
    const trace = join(directory, 'trace');
    await record(place, trace, options);
    return await replay({ disk, trace, database, directory, options });
  } finally {
    await simulator.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function record(
  place: { dataDir: string; simulatorUrl: string },
  trace: string,
  { cuts, forgetful = false }: PowerCutOptions,
): Promise<void> {
  const calls = `trace=${tracedCalls}`;
  const strace = [
    'strace',
    '-f',
    '--seccomp-bpf',
    '-y',
    '-xx',
    '-s',
    '200000',
    '-e',
    'signal=none',
  ];
  const preload = new URL('forgetful-disk.ts', import.meta.url).href;
  const running = await startSwitchProcess({
    ...place,
    wrapper: [...strace, '-e', calls, '-o', trace],
    ...(forgetful ? { preload: [preload] } : {}),
  });
  try {
    let left = cuts;
    const client = async () => {
      while (left > 0) {
        left -= 2;
        await authorizeAndCapture(running);
      }
    };
    await Promise.all(Array.from({ length: clients }, client));
  } finally {
    await running.drop();
  }
}

/** Two answers about one payment. */
async function authorizeAndCapture(door: Door): Promise<void> {
  const body = chargeBody({ capture_method: 'manual' });
  const { id } = await request<{ id: string }>(door, '/v1/payments', { method: 'POST', body });
  await request(door, `/v1/payments/${id}/capture`, { method: 'POST', body: {} });
}

/** An answer about a payment, as it left by the socket. */
const answered =
  /^HTTP\/1\.1 20\d[^]*"id":"(pay_[0-9a-z]{26})","object":"payment","status":"(\w+)"/;

interface Replay {
  readonly disk: Disk;
  readonly trace: string;
  readonly database: string;
  readonly directory: string;
  readonly options: PowerCutOptions;
}

async function replay({ disk, trace, database, directory, options }: Replay) {
  const { cuts, seed } = options;
  const random = randomOf(seed, 'power cut');
  const told = new Map<string, string>();
  const losses: string[] = [];
  const image = join(directory, 'image.db');
  const report = { cuts: 0, answers: 0, lossy: 0, damaged: 0, losses };
  for await (const event of readTrace(trace)) {
    if (event.kind !== 'sent') {
      disk.apply(event);
      continue;
    }
    const [, id, status] = answered.exec(event.text) ?? [];
    if (id === undefined || status === undefined) continue;
    told.set(id, status);
    report.answers += 1;
    if (report.cuts >= cuts) continue;
    report.cuts += 1;
    // The worst case, and one of the many between: some of what was not synced is there all the
    // same.
    const images = [() => false, () => random.chance(0.5)].map((survives) => {
      restore(disk, database, image, survives);
      return inspect(image, told);
    });
    const missing = images.flatMap((found) => found.missing);
    report.damaged += images.some(({ damaged }) => damaged) ? 1 : 0;
    report.lossy += missing.length > 0 ? 1 : 0;
    losses.push(...missing.slice(0, 10 - losses.length));
  }
  return report;
}

function restore(disk: Disk, database: string, image: string, survives: () => boolean): void {
  for (const suffix of ['', '-wal', '-journal']) {
    rmSync(image + suffix, { force: true });
    disk.restore(database + suffix, image + suffix, survives);
  }
}

/** What is wrong with the database that a start after the cut would find. */
function inspect(
  file: string,
  told: ReadonlyMap<string, string>,
): { damaged: boolean; missing: string[] } {
  const db = new Sqlite(file);
  try {
    const damaged = db.pragma('integrity_check', { simple: true }) !== 'ok';
    const select = db.prepare('select status from payments where id = ?').pluck();
    const missing = [...told].flatMap(([id, status]) => {
      const found = select.get(id) as string | undefined;
      // Its capture may have become durable before that was answered.
      const further = status === 'authorized' && found === 'captured';
      return found === status || further
        ? []
        : [`${id}: told ${status}, found ${found ?? 'nothing'}`];
    });
    return { damaged, missing };
  } catch (error) {
    return { damaged: true, missing: [String(error)] };
  } finally {
    db.close();
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { cuts: { type: 'string', default: '200' }, seed: { type: 'string', default: '1' } },
  });
  const reason = whyNoPowerCut();
  if (reason !== undefined) throw new Error(reason);
  const options = { cuts: Number(values.cuts), seed: Number(values.seed) };
  const full = await powerCut(options);
  const control = await powerCut({ ...options, cuts: Math.min(40, options.cuts), forgetful: true });
  console.log(`${full.cuts} cuts: ${full.lossy} lost something, ${full.damaged} damaged`);
  console.log(`control (NORMAL), ${control.cuts} cuts: ${control.lossy} lost something`);
  for (const loss of full.losses) console.log(loss);
  const good = full.cuts >= options.cuts && full.lossy + full.damaged === 0 && control.lossy > 0;
  process.exitCode = good ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
