/**
 * What a connector may not use while it works: the machine's clock, chance, timers, the network
 * beside its port, the console. Whoever uses one is named.
 */

const names = ['fetch', 'setTimeout', 'setInterval'] as const;
const printers = ['log', 'info', 'warn', 'error', 'debug'] as const;

let depth = 0;
let offences: string[] = [];
let restore: () => void = () => undefined;

/** Runs the work with the traps set; throws when one was sprung, whatever else happened. */
export async function trapped<T>(work: () => Promise<T>): Promise<T> {
  if (depth === 0) {
    offences = [];
    restore = install();
  }
  depth += 1;
  let settled: PromiseSettledResult<T> | undefined;
  try {
    [settled] = await Promise.allSettled([work()]);
  } finally {
    depth -= 1;
    if (depth === 0) restore();
  }
  if (offences.length > 0) {
    throw new Error(
      `the connector used ${[...new Set(offences)].join(', ')}: it gets the time from ` +
        'context.now(), the network from context.http, and says nothing by itself',
    );
  }
  if (settled?.status === 'fulfilled') return settled.value;
  throw settled?.reason;
}

function install(): () => void {
  const globals = globalThis as unknown as Record<string, unknown>;
  const known = new Set(Object.keys(globals));
  const { Date: realDate, console: realConsole } = globalThis;
  const realRandom = Math.random;
  const real = Object.fromEntries(names.map((name) => [name, globals[name]]));
  globalThis.Date = trappedDate(realDate);
  Math.random = () => {
    offences.push('Math.random');
    return realRandom();
  };
  for (const name of names) {
    globals[name] = (...given: unknown[]) => {
      offences.push(name);
      return (real[name] as (...all: unknown[]) => unknown)(...given);
    };
  }
  const silent = Object.create(realConsole) as Record<string, unknown>;
  for (const name of printers) silent[name] = () => offences.push(`console.${name}`);
  globalThis.console = silent as unknown as Console;
  return () => {
    globalThis.Date = realDate;
    globalThis.console = realConsole;
    Math.random = realRandom;
    Object.assign(globals, real);
    const added = Object.keys(globals).filter((name) => !known.has(name));
    if (added.length > 0) offences.push(`globalThis.${added.join(', globalThis.')}`);
    for (const name of added) Reflect.deleteProperty(globals, name);
  };
}

function trappedDate(real: DateConstructor): DateConstructor {
  return new Proxy(real, {
    construct(target, given, newTarget) {
      if (given.length === 0) offences.push('new Date()');
      return Reflect.construct(target, given, newTarget) as object;
    },
    apply(target) {
      offences.push('Date()');
      return target();
    },
    get(target, name, receiver) {
      if (name !== 'now') return Reflect.get(target, name, receiver) as unknown;
      return () => {
        offences.push('Date.now');
        return target.now();
      };
    },
  });
}
