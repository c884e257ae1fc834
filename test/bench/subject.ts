/**
 * The measured side, a process of its own on a core of its own: `subject.js ROLE OPTIONS` opens one
 * of the roles below, reports what the load has to know, and then answers over the IPC channel.
 */
import { openCommits } from './commits.ts';
import { openEcho } from './echo.ts';
import { fill } from './fill.ts';
import { openHistory } from './history.ts';
import { openRouting } from './routing.ts';
import { openSwitch } from './switch.ts';

/** What a role offers: facts for the load, and verbs that the driver calls by name. */
export interface Subject {
  readonly facts: object;
  readonly verbs: Readonly<Record<string, (argument: never) => unknown>>;
  stop(): Promise<void>;
}

/** Role → how it is opened; the options travel as JSON. */
const roles = {
  echo: openEcho,
  commits: openCommits,
  switch: openSwitch,
  fill,
  history: openHistory,
  routing: openRouting,
};

export type Role = keyof typeof roles;
export type OptionsOf<R extends Role> = Parameters<(typeof roles)[R]>[0];

interface Question {
  readonly id: number;
  readonly verb: string;
  readonly argument: unknown;
}

/** Microseconds of processor time that this process has used, all threads. */
function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

async function main(role: Role, options: unknown): Promise<void> {
  process.setSourceMapsEnabled(true); // as bin/launch.mjs does
  const open = roles[role] as (options: unknown) => Promise<Subject>;
  const subject = await open(options);
  const verbs: Record<string, (argument: never) => unknown> = {
    ...subject.verbs,
    cpuUs,
    stop: () => subject.stop(),
  };
  process.on('message', ({ id, verb, argument }: Question) => {
    Promise.resolve(verbs[verb]?.(argument as never)).then(
      (result) => {
        process.send?.({ id, result }, () => {
          if (verb === 'stop') process.exit(0);
        });
      },
      (error: unknown) => process.send?.({ id, error: String(error) }),
    );
  });
  process.on('disconnect', () => process.exit(1));
  process.send?.({ id: 0, result: subject.facts });
}

const [, , role, options] = process.argv;
await main(role as Role, JSON.parse(options ?? '{}'));
