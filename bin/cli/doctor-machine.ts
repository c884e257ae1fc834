/** The doctor's look at the machine: Node, the data directory, the keys in it, the disk. */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Config } from '../../config/load.ts';
import { credentialsFile } from '../../core/wiring/sandbox.ts';
import type { Check } from './doctor.ts';

/** package.json: engines. */
export function nodeCheck(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const fits = major > 20 || (major === 20 && minor >= 19);
  const detail = `${version}${fits ? '' : ', 20.19 or newer is needed'}`;
  return { name: 'node', status: fits ? 'ok' : 'fail', detail };
}

/** The directory itself, or the nearest one above it that is there. */
function nearestFolder(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearestFolder(dirname(folder));
}

function writable(folder: string): string | undefined {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return statSync(folder).isDirectory() ? undefined : 'it is not a directory';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

const posix = process.platform !== 'win32';

export function dataDirCheck({ data_dir: dataDir }: Config): Check {
  const name = 'data directory';
  const folder = resolve(dataDir);
  const nearest = nearestFolder(folder);
  const objection = writable(nearest);
  if (objection !== undefined) {
    const hint = 'Make it writable for this user, or name another: POINTSMAN_DATA.';
    return { name, status: 'fail', detail: `${nearest} is not writable: ${objection}`, hint };
  }
  if (nearest !== folder) {
    return { name, status: 'ok', detail: `${folder} will be made by the first start` };
  }
  const mode = statSync(folder).mode & 0o777;
  if (posix && (mode & 0o022) !== 0) {
    const detail = `${folder} may be written by others (mode ${mode.toString(8)})`;
    return { name, status: 'warn', detail, hint: `chmod go-w ${folder}` };
  }
  return { name, status: 'ok', detail: `${folder} is writable` };
}

export function credentialsCheck({ data_dir: dataDir, mode }: Config): Check {
  const name = 'credentials.json';
  const file = resolve(credentialsFile(dataDir));
  if (!existsSync(file)) {
    const detail = mode === 'live' ? 'none, as it should be in live mode' : 'not there yet';
    return { name, status: 'ok', detail };
  }
  const bits = statSync(file).mode & 0o777;
  if (posix && bits !== 0o600) {
    const detail = `${file} has mode ${bits.toString(8)} and holds keys`;
    return { name, status: 'fail', detail, hint: `chmod 600 ${file}` };
  }
  return { name, status: 'ok', detail: `${file}, mode 600` };
}

const megabyte = 1024 ** 2;

/** Below 100 MB a busy day fills it; below 1 GB somebody should know. */
export async function diskCheck({ data_dir: dataDir }: Config): Promise<Check> {
  const { bavail, bsize } = await statfs(nearestFolder(resolve(dataDir)));
  const freeMegabytes = Math.floor((bavail * bsize) / megabyte);
  const status = freeMegabytes < 100 ? 'fail' : freeMegabytes < 1024 ? 'warn' : 'ok';
  const hint = 'A full disk stops payments: make room.';
  return {
    name: 'disk',
    status,
    detail: `${freeMegabytes} MB free`,
    ...(status === 'ok' ? {} : { hint }),
  };
}
