/**
 * npm run chaos: kills, lies and outages by seed, and a verdict sheet. Exit codes: 0 nothing was
 * lost or doubled (with --control naive: the naive handler was caught), 1 the contrary, 2 wrong
 * arguments, 3 the round could not be run.
 */
import { readOptions, usage, WrongUsage, type Options } from './options.ts';
import { build } from './place.ts';
import { runRound } from './round.ts';
import { breachesOf, jsonOf, textOf } from './sheet.ts';

const say = (what: string) => process.stderr.write(`${what}\n`);

async function main(options: Options): Promise<number> {
  if (!options.control) build();
  say(`seed ${options.seed}`);
  const verdict = await runRound(options, say);
  console.log(options.json ? jsonOf(verdict) : textOf(verdict));
  if (options.control) return verdict.findings.doubled.length > 0 ? 0 : 1;
  return breachesOf(verdict) === 0 ? 0 : 1;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));
try {
  process.exitCode = await main(readOptions(process.argv.slice(2)));
} catch (error) {
  const wrong = error instanceof WrongUsage;
  console.error(wrong ? `${error.message}\n\n${usage}` : error);
  process.exitCode = wrong ? 2 : 3;
}
