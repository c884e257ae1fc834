/** The command line of the bench. */
import { parseArgs } from 'node:util';
import { targetNames, type TargetName } from './targets.ts';

export interface Options {
  readonly rounds: number;
  readonly seconds: number;
  readonly only: ReadonlySet<TargetName>;
  /** Payments in the database that has a past. */
  readonly stored: number;
  readonly json: boolean;
  readonly profileDir: string | undefined;
}

export class WrongUsage extends Error {
  override name = 'WrongUsage';
}

/** `--help`: the same text, and nothing went wrong. */
export class HelpAsked extends WrongUsage {
  override name = 'HelpAsked';
}

const usage = `npm run bench -- [options]
  --quick              about a minute: fewer and shorter rounds, SQLite, nothing stored before
  --rounds N           rounds over all targets (5)
  --seconds N          seconds of each measurement in a round (4)
  --only a,b           these targets alone: ${targetNames.join(', ')}
  --database NAME      sqlite or postgres alone
  --stored N           payments in the filled database (1000000); 0 leaves it out
  --profile DIR        V8 CPU profiles of the measured processes (distorts the figures)
  --json               everything measured, as JSON on standard output`;

/** Throws WrongUsage with the help text, HelpAsked for `--help`. */
export function readOptions(argv: readonly string[]): Options {
  const { values } = parse(argv);
  if (values.help) throw new HelpAsked(usage);
  const { quick } = values;
  const stored = whole(values.stored ?? (quick ? '0' : '1000000'));
  const database = values.database ?? (quick ? 'sqlite' : 'both');
  if (!['sqlite', 'postgres', 'both'].includes(database)) throw new WrongUsage(usage);
  const names = values.only?.split(',') ?? targetNames;
  const unknown = names.find((name) => !(targetNames as readonly string[]).includes(name));
  if (unknown !== undefined) throw new WrongUsage(`no target "${unknown}"\n${usage}`);
  const wanted = (names as readonly TargetName[]).filter((name) => {
    if (name === 'stored') return stored > 0 && database !== 'postgres';
    if (name.startsWith('postgres')) return database !== 'sqlite' || values.only !== undefined;
    return database !== 'postgres' || name === 'echo';
  });
  return {
    rounds: Math.max(1, whole(values.rounds ?? (quick ? '2' : '5'))),
    seconds: Math.max(1, whole(values.seconds ?? (quick ? '2' : '4'))),
    only: new Set(wanted),
    stored,
    json: values.json,
    profileDir: values.profile,
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        quick: { type: 'boolean', default: false },
        rounds: { type: 'string' },
        seconds: { type: 'string' },
        only: { type: 'string' },
        database: { type: 'string' },
        stored: { type: 'string' },
        profile: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new WrongUsage(`${(error as Error).message}\n${usage}`);
  }
}

function whole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new WrongUsage(`"${text}" is not a whole number\n${usage}`);
  return Number(text);
}
