/** Where a round runs: directories, database, the simulator and the processes under test. */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Credentials } from '../../core/wiring/sandbox.ts';
import { startSimulator } from '../../core/wiring/simulator.ts';
import { freePort, NodeProcess } from './node-process.ts';
import { Post } from './post.ts';
import { absenceGraceMs, callTimeoutMs } from './storm.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

export interface PlaceOptions {
  /** What the webhooks' way draws its mishaps from. */
  readonly seed?: number;
  readonly nodes: number;
  readonly control: 'naive' | undefined;
  /** Postgres; an SQLite file when left out. */
  readonly databaseUrl: string | undefined;
  /** Where the SQLite file lives, when not beside everything else. */
  readonly dataDir: string | undefined;
}

export interface Place {
  readonly directory: string;
  readonly simulatorUrl: string;
  /** Where the processor sends its webhooks; the same through all kills. */
  readonly post: Post;
  readonly nodes: readonly NodeProcess[];
  readonly credentials: Pick<Credentials, 'secret_key' | 'admin_key'>;
  /** The SQLite file, where there is one. */
  readonly databaseFile: string | undefined;
  /** Every line that a switch process has written. */
  output(): string;
  /** SIGTERM to the nodes; the simulator keeps running. */
  stopNodes(): Promise<void>;
  /** Ends everything; removes the directory unless it is to be looked at. */
  close(keep: boolean): Promise<void>;
}

/**
 * The limits out of the way, and time short: a storm must not wait for the real ones. The built
 * program is what is killed: with a loader in front of it a boot takes three times as long.
 */
const configuration = (postUrl: string) => `server: { base_url: '${postUrl}' }
processors:
  timeout_ms: ${callTimeoutMs}
  absence_grace_ms: ${absenceGraceMs}
rate_limits:
  payments: { per_second: 100000 }
  queries: { per_second: 100000 }
  management: { per_second: 100000 }
log: { level: warn }
`;

/** Builds what is out of date; throws with the compiler's words. */
export function build(): void {
  const launcher = join(root, 'bin/launch.mjs');
  const { status, stderr, stdout } = spawnSync(process.execPath, [launcher, '--prepare'], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the switch does not build:\n${stdout}${stderr}`);
}

export async function openPlace(options: PlaceOptions): Promise<Place> {
  const directory = mkdtempSync(join(tmpdir(), 'pointsman-chaos-'));
  const post = await Post.open(options.seed ?? 0);
  const simulator = await startSimulator({ port: 0, dataDir: directory });
  const output = join(directory, 'nodes.log');
  writeFileSync(output, '');
  const nodes: NodeProcess[] = [];
  const close = async (keep: boolean) => {
    await Promise.all(nodes.map((node) => node.stop()));
    await simulator.stop();
    await post.close();
    if (!keep) rmSync(directory, { recursive: true, force: true });
  };
  try {
    const { url: simulatorUrl } = simulator;
    const masterKey = randomBytes(32).toString('hex');
    const dataDirOf = (at: number) => options.dataDir ?? join(directory, `node${at}`);
    for (let at = 0; at < options.nodes; at += 1) {
      const dataDir = dataDirOf(at);
      const shared = { directory, dataDir, output, simulatorUrl, masterKey, postUrl: post.url };
      const node = new NodeProcess(await programOf(options, shared));
      nodes.push(node);
      // One after the other: the first makes the tables and the keys.
      await node.start();
    }
    post.serve(nodes.map(({ url }) => url));
    const credentials = options.control
      ? { secret_key: 'sk_naive', admin_key: 'none' }
      : (JSON.parse(readFileSync(join(dataDirOf(0), 'credentials.json'), 'utf8')) as Credentials);
    const isFile = !options.control && options.databaseUrl === undefined;
    return {
      directory,
      simulatorUrl,
      post,
      nodes,
      credentials,
      databaseFile: isFile ? join(dataDirOf(0), 'pointsman.db') : undefined,
      output: () => readFileSync(output, 'utf8'),
      stopNodes: async () => {
        await Promise.all(nodes.map((node) => node.stop()));
      },
      close,
    };
  } catch (error) {
    const said = readFileSync(output, 'utf8').slice(-2_000);
    await close(false);
    throw new Error(`the round could not begin: ${said}`, { cause: error });
  }
}

interface Shared {
  readonly directory: string;
  readonly dataDir: string;
  readonly output: string;
  readonly simulatorUrl: string;
  readonly masterKey: string;
  readonly postUrl: string;
}

async function programOf({ control, databaseUrl }: PlaceOptions, shared: Shared) {
  const { directory, dataDir, output, simulatorUrl, masterKey, postUrl } = shared;
  const port = await freePort();
  const common = { cwd: directory, port, output };
  if (control) {
    const naive = fileURLToPath(new URL('naive.ts', import.meta.url));
    const file = join(directory, 'naive.jsonl');
    const line = ['--import', 'tsx', naive, String(port), simulatorUrl, file];
    // From the root, where its loader is found.
    return { ...common, cwd: root, env: {}, line };
  }
  mkdirSync(dataDir, { recursive: true });
  const config = join(directory, 'chaos.yaml');
  writeFileSync(config, configuration(postUrl));
  return {
    ...common,
    line: [join(root, 'dist/bin/pointsman.js'), 'serve', '--config', config, '--data', dataDir],
    env: {
      POINTSMAN_PORT: String(port),
      POINTSMAN_MASTER_KEY: masterKey,
      POINTSMAN_SIMULATOR_URL: simulatorUrl,
      ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
    },
  };
}
