/**
 * A small disk of its own for the SQLite file, so that it can be full without hurting the machine.
 * Needs root and a kernel that mounts tmpfs; where it cannot be had, the round says so.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, openSync, closeSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Disturbance } from './disturber.ts';
import { randomOf } from './random.ts';

const sizeMb = 512;
/**
 * Long enough for SQLite to use up what its files had reserved, and for buyers to be turned away.
 */
const fullMs: readonly [number, number] = [1_500, 4_000];

/** Mounts a tmpfs at `path`; undefined when this machine does not let us. */
export function mountDisk(path: string): { unmount(): void } | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined;
  mkdirSync(path, { recursive: true });
  const options = ['-t', 'tmpfs', '-o', `size=${sizeMb}m`, 'tmpfs', path];
  if (!run('mount', options)) return undefined;
  const unmount = () => {
    process.off('exit', unmount);
    // Lazy: a process that is just ending may still stand in it.
    run('umount', ['-l', path]);
    rmSync(path, { recursive: true, force: true });
  };
  // Memory that is mounted outlives us: also when somebody loses patience.
  process.on('exit', unmount);
  return { unmount };
}

function run(program: string, args: readonly string[]): boolean {
  return spawnSync(program, args).status === 0;
}

/** Fills the disk to the last byte, and frees it again. */
export function fillingDisk(path: string, seed: number): Disturbance {
  const random = randomOf(seed, 'disk');
  const ballast = join(path, 'ballast');
  return {
    name: 'full disks',
    everyKills: 15,
    strike: async () => {
      fill(ballast);
      await delay(random.between(...fullMs));
      rmSync(ballast, { force: true });
    },
  };
}

function fill(file: string): void {
  const block = Buffer.alloc(1024 * 1024);
  const descriptor = openSync(file, 'w');
  try {
    for (let size = block.length; size >= 1; size = size === 1 ? 0 : Math.ceil(size / 16)) {
      while (tryWrite(descriptor, block.subarray(0, size)));
    }
  } finally {
    closeSync(descriptor);
  }
}

/** False when nothing more fits. */
function tryWrite(descriptor: number, bytes: Buffer): boolean {
  try {
    return writeSync(descriptor, bytes) === bytes.length;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return false;
    throw error;
  }
}
