/**
 * One Postgres server from a folder of binaries: initdb, start, wait until it answers, stop. What
 * makes it longer than three commands: Postgres refuses to run as root, its user must be able to
 * reach the binaries, and no server or directory may outlive a test run that is killed.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { createServer, Socket, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

interface User {
  readonly uid: number;
  readonly gid: number;
}

interface Home {
  readonly directory: string;
  readonly binaries: string;
  /** Spawn options: the user, the working directory and an environment without surprises. */
  readonly as: { uid?: number; gid?: number; cwd: string; env: NodeJS.ProcessEnv };
}

export interface ServerOptions {
  /** Syncs to disk as in production; the tests' data lives for a minute and need not. */
  readonly durable?: boolean;
}

const startLimitMs = 15_000;

export interface Server {
  readonly url: string;
  stop(): Promise<void>;
  /** Cuts everybody off, as a crash does (Postgres: immediate), and starts at the same address. */
  restart(): Promise<void>;
}

/** Starts a server; throws with Postgres's own words when these binaries do not work here. */
export async function startServer(
  binaries: string,
  { durable = false }: ServerOptions = {},
): Promise<Server> {
  const user = process.getuid?.() === 0 ? unprivilegedUser() : undefined;
  const directory = makeDirectory(user);
  const dismiss = guard(directory);
  try {
    const home = settle(directory, binaries, user);
    initialise(home);
    const port = await freePort();
    let server = await listen(home, port, durable);
    return {
      url: server.url,
      restart: async () => {
        await end(server.child, 'SIGQUIT');
        server = await listen(home, port, durable);
      },
      stop: async () => {
        await end(server.child);
        dismiss();
        fs.rmSync(directory, { recursive: true, force: true });
      },
    };
  } catch (error) {
    dismiss();
    fs.rmSync(directory, { recursive: true, force: true });
    throw error;
  }
}

/** Root may not run Postgres: lend it the user of the Debian package, else nobody. */
function unprivilegedUser(): User {
  const accounts = fs.readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['postgres', 'nobody']) {
    const fields = accounts.find((line) => line.startsWith(`${name}:`))?.split(':');
    if (fields !== undefined) return { uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  throw new Error('started as root, and there is neither a user postgres nor nobody');
}

/** A temporary directory of the user's own; TMPDIR may lie in a home that only root can enter. */
function makeDirectory(user: User | undefined): string {
  const places = [tmpdir(), '/tmp', '/var/tmp'];
  const parent = user === undefined ? tmpdir() : places.find(isReachable);
  if (parent === undefined) throw new Error(`no directory of ${places.join(', ')} is open to all`);
  const directory = fs.mkdtempSync(join(fs.realpathSync(parent), 'pointsman-postgres-'));
  if (user !== undefined) fs.chownSync(directory, user.uid, user.gid);
  return directory;
}

function isReachable(path: string): boolean {
  const open = fs.existsSync(path) && (fs.statSync(path).mode & 0o001) !== 0;
  return open && (path === dirname(path) || isReachable(dirname(path)));
}

/** Copies the binaries next to the data when the user cannot run them where they are. */
function settle(directory: string, binaries: string, user: User | undefined): Home {
  const env = { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' };
  const as = { ...user, cwd: directory, env };
  if (user === undefined || spawnSync(join(binaries, 'initdb'), ['-V'], as).status === 0) {
    return { directory, binaries, as };
  }
  const copy = join(directory, 'native');
  fs.cpSync(dirname(binaries), copy, { recursive: true, verbatimSymlinks: true });
  for (const entry of fs.readdirSync(copy, { recursive: true, encoding: 'utf8' })) {
    fs.lchownSync(join(copy, entry), user.uid, user.gid);
  }
  fs.chownSync(copy, user.uid, user.gid);
  return { directory, binaries: join(copy, 'bin'), as };
}

function initialise({ directory, binaries, as }: Home): void {
  const { status, error, stderr } = spawnSync(
    join(binaries, 'initdb'),
    ['-D', join(directory, 'data'), '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '-N'],
    { ...as, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(error?.message ?? `initdb: ${stderr.trim()}`);
}

async function listen(
  home: Home,
  port: number,
  durable: boolean,
): Promise<{ url: string; child: ChildProcess }> {
  const { directory, binaries, as } = home;
  const log = join(directory, 'log');
  const output = fs.openSync(log, 'a');
  // synchronous_commit stays as in production. UTC, and 300 connections, because suites leave pools
  // behind until their database is dropped.
  const settings = ['listen_addresses=127.0.0.1', 'max_connections=300'].concat(
    durable ? [] : ['fsync=off', 'full_page_writes=off'],
  );
  const child = spawn(
    join(binaries, 'postgres'),
    ['-D', join(directory, 'data'), '-p', String(port), '-k', directory].concat(
      settings.flatMap((setting) => ['-c', setting]),
    ),
    { ...as, detached: true, stdio: ['ignore', output, output] },
  );
  fs.closeSync(output);
  child.once('error', (error) => fs.appendFileSync(log, error.message));
  child.unref();
  const url = `postgres://postgres@127.0.0.1:${String(port)}/postgres`;
  const limit = performance.now() + startLimitMs;
  while (!(await answers(url))) {
    if (child.exitCode !== null || performance.now() > limit) {
      await end(child);
      throw new Error(`postgres did not start: ${fs.readFileSync(log, 'utf8').trim().slice(-500)}`);
    }
    await delay(25);
  }
  return { url, child };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  try {
    await client.connect();
  } catch {
    return false; // refused, or still starting up: asked again until startLimitMs
  }
  await client.end();
  return true;
}

/**
 * SIGINT is Postgres's fast stop: sessions are cut off, nothing is waited for. SIGQUIT is its
 * immediate one, without so much as a checkpoint.
 */
async function end(child: ChildProcess, signal: 'SIGINT' | 'SIGQUIT' = 'SIGINT'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.ref();
  child.kill(signal);
  await gone;
}

/**
 * A shell that waits on a pipe from this process. The pipe breaks however this process ends
 * (crash, SIGKILL), and the shell then ends the server and removes the directory. Returns its
 * dismissal, for the orderly way.
 */
function guard(directory: string): () => void {
  if (process.platform === 'win32') return () => undefined;
  const script = `read -r line && exit 0
    pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null) && kill -QUIT "$pid"
    for i in 1 2 3 4 5 6 7 8 9 10; do rm -rf "$1" 2>/dev/null && exit 0; sleep 0.2; done`;
  const stdio: ['pipe', 'ignore', 'ignore'] = ['pipe', 'ignore', 'ignore'];
  const shell = spawn('/bin/sh', ['-c', script, 'sh', directory], {
    cwd: '/',
    detached: true,
    stdio,
  });
  shell.unref();
  const { stdin } = shell;
  if (stdin instanceof Socket) stdin.unref(); // as every pipe of Node's is
  return () => stdin.end('dismissed\n');
}
