/** `serve` as a process of its own: what it prints, what it refuses, how it ends. */
import { expect } from 'chai';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expectNoCards, scanFiles } from '../test/support/leftovers.ts';

const loader = import.meta.resolve('tsx'); // the working directory of the child has no packages
const program = fileURLToPath(new URL('./pointsman.ts', import.meta.url));

interface Served {
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  out(): string;
  err(): string;
  /** Resolves with the output as soon as it matches; rejects when the process ends before. */
  until(pattern: RegExp): Promise<string>;
}

interface Credentials {
  readonly merchant_id: string;
  readonly secret_key: string;
  readonly admin_key: string;
  readonly base_url: string;
  readonly simulator_url: string;
}

describe('pointsman serve', function () {
  this.timeout(60_000);
  let folder = '';
  const children: ChildProcess[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pointsman-serve-'));
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    expectNoCards(scanFiles(folder));
    rmSync(folder, { recursive: true, force: true });
  });

  function launch(args: readonly string[], more: Record<string, string> = {}): Served {
    const env = { ...process.env, POINTSMAN_PORT: '0', POINTSMAN_DATA: 'state', ...more };
    const child = spawn(
      process.execPath,
      ['--conditions=source', '--import', loader, program, ...args],
      // A process group of its own, as a shell makes it: Ctrl-C reaches all of it.
      { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true },
    );
    children.push(child);
    let out = '';
    let err = '';
    const exited = once(child, 'close').then(([code]) => code as number | null);
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    const until = (pattern: RegExp): Promise<string> =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (pattern.test(out + err)) resolve(out + err);
        };
        child.stdout.on('data', look);
        child.stderr.on('data', look);
        void exited.then((code) => reject(new Error(`ended with ${code}: ${out}${err}`)));
        look();
      });
    return { child, exited, out: () => out, err: () => err, until };
  }

  const serve = async (more?: Record<string, string>): Promise<Served> => {
    const served = launch(['serve'], more);
    await served.until(/Stop with/);
    return served;
  };

  const stop = (served: Served) => {
    served.child.kill('SIGTERM');
    return served.exited;
  };

  const credentials = () =>
    JSON.parse(readFileSync(join(folder, 'state/credentials.json'), 'utf8')) as Credentials;

  const shell = async (command: string) => {
    const { stdout } = await promisify(execFile)('sh', ['-c', command]);
    return JSON.parse(stdout) as Record<string, unknown>;
  };

  it('refuses wrong routing rules with their place, and reads them again on SIGHUP', async () => {
    const rules = join(folder, 'routing.yaml');
    const text = (strategy: string) =>
      `version: 1\nrules: []\ndefault: { strategy: ${strategy}, accounts: all }\n`;
    writeFileSync(rules, text('anything'));
    const refused = launch(['serve']);
    expect(await refused.exited).to.equal(2);
    expect(refused.err()).to.match(/routing\.yaml:3:22: default\.strategy: found "anything"/);
    writeFileSync(rules, text('failover'));
    const served = await serve();
    const inUse = async () => {
      const { base_url: url, secret_key: key } = credentials();
      const headers = { authorization: `Bearer ${key}` };
      const answer = await fetch(`${url}/v1/routing`, { headers });
      return ((await answer.json()) as { text: string }).text;
    };
    expect(await inUse()).to.equal(text('failover'));
    writeFileSync(rules, text('random'));
    served.child.kill('SIGHUP');
    await served.until(/(?:routing rules in use[^]*){2}/);
    expect(await inUse()).to.equal(text('random'));
    expect(await stop(served)).to.equal(0);
  });

  it('prints one curl that pays, and finds everything again on the second start', async () => {
    const first = await serve();
    const [line, ...others] = first.out().match(/^curl .*$/gm) ?? [];
    expect(others).to.deep.equal([]);
    const paid = await shell(String(line));
    expect(paid).to.include({ status: 'captured', amount: 10_000, currency: 'USD' });
    expect((await shell(String(line)))['id']).not.to.equal(paid['id']);
    const known = credentials();
    expect(first.out()).to.include(`${known.base_url}/docs`);
    expect(first.out()).to.include(join(folder, 'state/credentials.json'));
    expect(first.out()).not.to.include(known.admin_key);
    if (process.platform !== 'win32') {
      expect(statSync(join(folder, 'state/credentials.json')).mode & 0o777).to.equal(0o600);
    }
    expect(await stop(first), first.err()).to.equal(0);

    const second = await serve();
    const { merchant_id: merchant, secret_key: key } = credentials();
    expect({ merchant, key }).to.deep.equal({
      merchant: known.merchant_id,
      key: known.secret_key,
    });
    const [again] = second.out().match(/^curl .*$/gm) ?? [];
    expect((await shell(String(again)))['merchant_id']).to.equal(merchant);
    expect(await stop(second)).to.equal(0);
  });

  it('refuses a second process on the same data, in one line', async () => {
    const first = await serve();
    const second = launch(['serve']);
    expect(await second.exited).to.equal(3);
    expect(second.out()).to.equal('');
    expect(second.err()).to.match(
      /^Pointsman did not start: another pointsman process .*\n {2}.*\n$/,
    );
    const taken = new URL(credentials().base_url).port;
    const third = launch(['serve'], {
      POINTSMAN_DATA: 'elsewhere',
      POINTSMAN_PORT: taken,
      POINTSMAN_SIMULATOR_PORT: '0',
    });
    expect(await third.exited).to.equal(3);
    expect(third.err()).to.include(`127.0.0.1:${taken} is in use by another program`);
    expect(third.err()).not.to.match(/^\s+at /m);
    expect(await stop(first)).to.equal(0);
  });

  it('refuses what it cannot serve, without a stack', async () => {
    const refusals: [env: Record<string, string>, words: string][] = [
      [{ POINTSMAN_MODE: 'live' }, 'master_key'],
      [{ DATABASE_URL: 'postgres://me:hunter2@127.0.0.1:1/x' }, 'Postgres cannot be reached'],
      [{ POINTSMAN_DATA: 'file/below' }, 'ENOTDIR'],
    ];
    writeFileSync(join(folder, 'file'), '');
    for (const [env, words] of refusals) {
      const { exited, err, out } = launch(['serve'], env);
      expect(await exited, words).to.equal(3);
      expect(err()).to.include(words).and.not.include('hunter2');
      expect(err()).not.to.match(/^\s+at /m);
      expect(out()).to.equal('');
    }
  });

  it('tells a broken configuration by file and line, and exits with 2', async () => {
    writeFileSync(join(folder, 'mine.yaml'), 'server:\n  port: eighty\n');
    const { exited, err } = launch(['serve', '--config', 'mine.yaml'], { POINTSMAN_PORT: '' });
    expect(await exited).to.equal(2);
    expect(err()).to.include('mine.yaml:2:9').and.include('server.port');
    expect(err()).not.to.match(/^\s+at /m);
  });

  it('answers the payment that is under way when it is told to stop', () =>
    answersWhenEnded((pid) => process.kill(pid, 'SIGTERM')));

  it('answers it on Ctrl-C too, which the simulator must not hear', () =>
    answersWhenEnded((pid) => process.kill(-pid, 'SIGINT')));

  async function answersWhenEnded(end: (pid: number) => void): Promise<void> {
    const served = await serve();
    const { base_url: url, simulator_url: simulator, secret_key: key } = credentials();
    const rule = { kind: 'authorize', fault: 'latency', latency_ms: 1500 };
    await fetch(`${simulator}/control/faults`, { method: 'POST', body: JSON.stringify(rule) });
    const card = { number: '4242424242424242', exp_month: 12, exp_year: 2034, cvc: '123' };
    const answer = fetch(`${url}/v1/payments`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        amount: 100,
        currency: 'USD',
        confirm: true,
        payment_method: { type: 'card', card },
      }),
    });
    await inFlight(url);
    end(Number(served.child.pid));
    const response = await answer;
    expect(response.status, served.out()).to.equal(201);
    expect(((await response.json()) as { status: string }).status).to.equal('captured');
    expect(await served.exited, served.err()).to.equal(0);
    expect(served.err()).to.include('answering what is in flight');
  }

  it('stops at once when it is told twice', async () => {
    const served = await serve();
    const { base_url: url, simulator_url: simulator } = credentials();
    const rule = { fault: 'latency', latency_ms: 60_000 };
    await fetch(`${simulator}/control/faults`, { method: 'POST', body: JSON.stringify(rule) });
    const [line] = served.out().match(/^curl .*$/gm) ?? [];
    const cut = shell(String(line)).catch((error: unknown) => error);
    await inFlight(url);
    served.child.kill('SIGINT');
    await served.until(/SIGINT: answering/);
    served.child.kill('SIGINT');
    expect(await served.exited).to.equal(130);
    expect(await cut).to.be.an('error');
  });

  /** Until a call to a processor is under way, by the switch's own count. */
  async function inFlight(url: string): Promise<void> {
    for (;;) {
      const text = await (await fetch(`${url}/metrics`)).text();
      if (/^pointsman_operations_in_flight 1$/m.test(text)) return;
    }
  }
});
