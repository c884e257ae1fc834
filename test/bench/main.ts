/**
 * npm run bench: payments beside what they are to be compared with, on one machine, in one run, in
 * turns. Prints ratios and goals; asserts nothing. docs/performance.md tells how to read it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulator } from '../../core/wiring/simulator.ts';
import { createDatabase, startPostgres } from '../support/postgres.ts';
import { chooseCores, machineFacts, pinLoad } from './machine.ts';
import { HelpAsked, readOptions, WrongUsage, type Options } from './options.ts';
import { goalsOf, goalsText, tableOf, type Results } from './report.ts';
import { openTarget, type Measurement, type Places, type TargetName } from './targets.ts';

const say = (text: string) => process.stderr.write(`${text}\n`);

type Closing = (() => Promise<void> | void)[];

async function run(options: Options, closing: Closing): Promise<Results> {
  const directory = mkdtempSync(join(tmpdir(), 'pointsman-bench-'));
  // On exit and not with the rest: a failed measurement ends the process from inside a callback.
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
  const names = [...options.only];
  const database = names.some((name) => name.startsWith('postgres'))
    ? await openPostgres(closing) // before pinning: it may run on any core
    : undefined;
  const cores = chooseCores();
  const machine = machineFacts(cores);
  pinLoad(cores);
  const simulator = names.some((name) => name.endsWith('loopback'))
    ? await startSimulator({ port: 0, dataDir: directory })
    : undefined;
  if (simulator) closing.push(() => simulator.stop());
  const places: Places = {
    directory,
    core: cores.server,
    profileDir: options.profileDir,
    stored: options.stored,
    simulatorUrl: simulator?.url,
    createDatabase: database,
  };
  const measured = names.filter((name) => database || !name.startsWith('postgres'));
  return { machine, ...(await measureAll(measured, places, options, closing)) };
}

async function measureAll(
  names: readonly TargetName[],
  places: Places,
  { rounds, seconds }: Options,
  closing: Closing,
): Promise<Omit<Results, 'machine'>> {
  const targets = [];
  for (const name of names) {
    say(name === 'stored' ? `filling a database with ${places.stored} payments …` : `${name} …`);
    const target = await openTarget(name, places);
    closing.push(() => target.close());
    targets.push(target);
    await target.measure(seconds / 2); // warms up V8, caches and pools; not counted
  }
  const results = new Map<TargetName, Measurement[]>(names.map((name) => [name, []]));
  for (let round = 1; round <= rounds; round += 1) {
    for (const target of targets) {
      const measurement = await target.measure(seconds);
      results.get(target.name)?.push(measurement);
      const { perSecond, cpuUs } = measurement;
      say(`round ${round}: ${target.name} ${perSecond.toFixed(0)}/s, ${cpuUs.toFixed(0)} µs CPU`);
    }
  }
  const bytes = new Map<TargetName, number>();
  for (const target of targets) {
    const size = await target.bytesPerPayment();
    if (size !== undefined) bytes.set(target.name, size);
  }
  return { rounds: results, bytes };
}

/** A Postgres that syncs to disk, unlike the tests' own; undefined, and said so, without one. */
async function openPostgres(closing: Closing): Promise<(() => Promise<string>) | undefined> {
  const server = await startPostgres({ durable: true });
  if ('skipped' in server) {
    say(`SKIPPED Postgres: ${server.skipped}`);
    return undefined;
  }
  closing.push(() => server.stop());
  return async () => {
    const database = await createDatabase(server.url);
    closing.push(() => database.drop());
    return database.url;
  };
}

function print(results: Results, { json, rounds, seconds }: Options): void {
  const { machine } = results;
  const goals = goalsOf(results);
  if (json) {
    const measurements = Object.fromEntries(results.rounds);
    const bytes = Object.fromEntries(results.bytes);
    console.log(JSON.stringify({ machine, measurements, bytes, goals }, null, 2));
    return;
  }
  console.log(
    `\nNode ${machine.node}, ${machine.cores} × ${machine.cpu}, ${machine.kernel}\n` +
      `${machine.pinning}\n${rounds} rounds of ${seconds} s, medians; log lines to /dev/null\n`,
  );
  console.log(tableOf(results));
  console.log(goalsText(goals));
}

const closing: Closing = [];
try {
  const options = readOptions(process.argv.slice(2));
  print(await run(options, closing), options);
} catch (error) {
  process.exitCode = error instanceof HelpAsked ? 0 : 1;
  console.error(error instanceof WrongUsage ? error.message : error);
} finally {
  for (const close of closing.reverse()) await close();
}
