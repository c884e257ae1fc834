/** The command line of `npm run chaos`. */
import { parseArgs } from 'node:util';

export interface Options {
  readonly seed: number;
  /** SIGKILLs of a switch node. */
  readonly kills: number;
  readonly database: 'sqlite' | 'postgres';
  readonly nodes: number;
  /** `naive`: the deliberately wrong handler in the switch's place; the harness must notice. */
  readonly control: 'naive' | undefined;
  /** Buyers at a time. */
  readonly clients: number;
  readonly json: boolean;
}

export class WrongUsage extends Error {
  override name = 'WrongUsage';
}

export const usage = `npm run chaos -- [options]
  --seed N            the storm to repeat (default: a new one, printed)
  --kills N           how often a node is killed with SIGKILL (default 100)
  --database NAME     sqlite (default) or postgres
  --nodes N           switch processes; more than one needs postgres (default 1)
  --clients N         buyers at a time (default 16)
  --control naive     the same storm against a handler that is wrong on purpose
  --json              the verdict as JSON`;

const known = {
  seed: { type: 'string' },
  kills: { type: 'string', default: '100' },
  database: { type: 'string', default: 'sqlite' },
  nodes: { type: 'string', default: '1' },
  clients: { type: 'string', default: '16' },
  control: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

/** Throws WrongUsage with what is allowed. */
export function readOptions(argv: readonly string[]): Options {
  const values = parse(argv);
  const { database, control } = values;
  if (database !== 'sqlite' && database !== 'postgres') {
    throw new WrongUsage(`--database is sqlite or postgres, not ${database}`);
  }
  if (control !== undefined && control !== 'naive') {
    throw new WrongUsage(`--control is naive, not ${control}`);
  }
  const nodes = whole('nodes', values.nodes, 1, 8);
  if (nodes > 1 && (database === 'sqlite' || control)) {
    throw new WrongUsage('more than one node needs --database postgres, and no --control');
  }
  const seed = values.seed ?? String(Date.now() % 1_000_000);
  return {
    seed: whole('seed', seed, 0, 0xffff_ffff),
    kills: whole('kills', values.kills, 0, 100_000),
    database,
    nodes,
    control,
    clients: whole('clients', values.clients, 1, 256),
    json: values.json,
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
