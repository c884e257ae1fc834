/** The machine that is measured on: what it is, and who runs where. */
import { spawnSync } from 'node:child_process';
import { cpus, release } from 'node:os';

export interface Cores {
  readonly server: number | undefined;
  readonly load: number | undefined;
}

export interface Machine {
  readonly node: string;
  readonly kernel: string;
  readonly cpu: string;
  readonly cores: number;
  readonly pinning: string;
}

/** The first and the last core this process may use, where there are two and a way to pin. */
export function chooseCores(): Cores {
  const { status, stdout } = spawnSync('taskset', ['-cp', String(process.pid)], {
    encoding: 'utf8',
  });
  if (status !== 0) return { server: undefined, load: undefined };
  const list = stdout.slice(stdout.lastIndexOf(':') + 1).trim();
  const numbers = list.split(/[,-]/).map(Number);
  const [server, load] = [numbers[0], numbers.at(-1)];
  return server === load ? { server: undefined, load: undefined } : { server, load };
}

/** Moves this process, the load, with all its threads. */
export function pinLoad({ load }: Cores): void {
  if (load !== undefined) spawnSync('taskset', ['-acp', String(load), String(process.pid)]);
}

export function machineFacts({ server, load }: Cores): Machine {
  const all = cpus();
  return {
    node: process.versions.node,
    kernel: `${process.platform} ${release()}`,
    cpu: all[0]?.model ?? 'unknown',
    cores: all.length,
    pinning:
      server === undefined
        ? 'nothing pinned: server and load share what there is, and disturb each other'
        : `server on core ${server}; load (and the simulator) on core ${load}; Postgres anywhere`,
  };
}
