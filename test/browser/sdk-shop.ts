/** The shop of docs/custom-checkout.md, exactly as it is printed, beside a switch with the SDK. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { browserSdk } from '../../plugins/browser-sdk/index.ts';
import { startTestSwitch, type TestSwitch } from '../support/app.ts';
import { simulatorLedger } from '../support/books.ts';
import type { DatabasePlace } from '../support/databases.ts';

const guide = readFileSync(new URL('../../docs/custom-checkout.md', import.meta.url), 'utf8');

/** `**name**` and the block below it. */
export const printedFiles: ReadonlyMap<string, string> = new Map(
  [...guide.matchAll(/^\*\*`([\w.]+)`\*\*\n\n```\w+\n([\s\S]*?)^```$/gm)].map(
    ([, name = '', text = '']) => [name, text] as const,
  ),
);

export interface SdkShop {
  readonly app: TestSwitch;
  /** `http://localhost:…` */
  readonly url: string;
  /** `http://127.0.0.1:…`: not only another origin, but another site as well. */
  readonly switchUrl: string;
  /** What the shop's server has written. */
  readonly lines: string[];
  /** Authorizations in the simulator's own ledger that were not declined. */
  charges(): Promise<number>;
  close(): Promise<void>;
}

export async function openSdkShop(place: DatabasePlace): Promise<SdkShop> {
  const yaml = 'rate_limits: { public: { per_second: 100000 } }\n';
  const app = await startTestSwitch(place, { plugins: [browserSdk], yaml });
  const folder = join(place.dataDir, 'shop');
  mkdirSync(folder);
  for (const [name, text] of printedFiles) writeFileSync(join(folder, name), text);
  const switchUrl = app.url.replace('localhost', '127.0.0.1');
  const child = spawn(process.execPath, ['server.mjs'], {
    cwd: folder,
    env: {
      BASE_URL: switchUrl,
      SECRET_KEY: app.credentials.secret_key,
      PUBLIC_KEY: app.credentials.public_key,
      PORT: '0',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  child.stderr.on('data', (chunk) => lines.push(String(chunk)));
  const url = await addressOf(child, lines);
  return {
    app,
    url,
    switchUrl,
    lines,
    charges: async () =>
      (await simulatorLedger(app)).operations.filter(
        ({ kind, status }) => kind === 'authorize' && status !== 'declined',
      ).length,
    close: async () => {
      if (child.exitCode !== null) return;
      child.kill();
      await once(child, 'exit');
    },
  };
}

/** The one line that the server prints when it listens. */
function addressOf(child: ChildProcess, lines: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', (chunk) => {
      const [url] = /http:\/\/localhost:\d+/.exec(String(chunk)) ?? [];
      if (url !== undefined) resolve(url);
    });
    child.once('exit', () => reject(new Error(`the shop did not start: ${lines.join('')}`)));
  });
}
