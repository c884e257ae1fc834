/** The command line of `npm run storm`. */
import { parseArgs } from 'node:util';

export interface Options {
  readonly events: number;
  /** All of them; the first five misbehave. */
  readonly endpoints: number;
  /** SIGKILLs of the switch while events happen. */
  readonly kills: number;
  /** Events a second. */
  readonly rate: number;
  readonly database: 'sqlite' | 'postgres';
}

export class WrongUsage extends Error {
  override name = 'WrongUsage';
}

export const usage = `npm run storm -- [options]
  --events N          how many happen (default 1000)
  --endpoints N       who hears of each; the first five misbehave (default 100)
  --kills N           how often the switch is killed with SIGKILL meanwhile (default 3)
  --rate N            events a second (default 3); below what the machine can deliver, or the
                      delay is only the length of the queue
  --database NAME     sqlite (default) or postgres`;

const known = {
  events: { type: 'string', default: '1000' },
  endpoints: { type: 'string', default: '100' },
  kills: { type: 'string', default: '3' },
  rate: { type: 'string', default: '3' },
  database: { type: 'string', default: 'sqlite' },
} as const;

/** Throws WrongUsage with what is allowed. */
export function readOptions(argv: readonly string[]): Options {
  const { database, ...numbers } = parse(argv);
  if (database !== 'sqlite' && database !== 'postgres') {
    throw new WrongUsage(`--database is sqlite or postgres, not ${database}`);
  }
  return {
    events: whole('events', numbers.events, 1, 100_000),
    endpoints: whole('endpoints', numbers.endpoints, 6, 1_000),
    kills: whole('kills', numbers.kills, 0, 100),
    rate: whole('rate', numbers.rate, 1, 1_000),
    database,
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: known }).values;
  } catch (error) {
    throw new WrongUsage(error instanceof Error ? error.message : String(error));
  }
}

function whole(name: string, text: string, low: number, high: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= low && value <= high) return value;
  throw new WrongUsage(`--${name} is a whole number from ${low} to ${high}, not ${text}`);
}
