/** What the command line says without any server. */
import type { Command } from 'commander';
import { expect } from 'chai';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../config/load.ts';
import { namedCards } from '../../core/wiring/test-cards.ts';
import { refusedBoot } from './boot-refusal.ts';
import { nodeCheck } from './doctor-machine.ts';
import { createProgram } from './program.ts';
import { clean, table } from './render.ts';
import { runCli } from './spec-terminal.ts';

describe('the command line', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pointsman-cli-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const cli = (line: string, env: Record<string, string> = {}) =>
    runCli(line.split(' '), { cwd: folder, env: { POINTSMAN_DATA: join(folder, 'data'), ...env } });

  it('shows an example in the help of every command', async () => {
    const terminal = {
      out: () => undefined,
      err: () => undefined,
      env: {},
      cwd: folder,
      interactive: false,
      ask: async () => '',
      read: async () => '',
    };
    const program = createProgram(terminal, { exitCode: 0 }, false);
    const pathsOf = (command: Command, above: string[]): string[][] =>
      command.commands.flatMap((child) => {
        const path = [...above, child.name()];
        return [path, ...pathsOf(child, path)];
      });
    const paths = pathsOf(program, []);
    expect(paths.length).to.be.greaterThan(40);
    for (const path of [[], ...paths]) {
      const { exitCode, out } = await runCli([...path, '--help']);
      expect(exitCode, path.join(' ')).to.equal(0);
      expect(out, path.join(' ')).to.match(/Examples:\n {2}\$ pointsman /);
    }
  });

  it('suggests what was meant, and ends with 2', async () => {
    const ran = await cli('captrue pay_1');
    expect(ran).to.include({ exitCode: 2, out: '' });
    expect(ran.err).to.include('Did you mean capture?');
    const option = await cli('pay --amuont 5');
    expect(option.exitCode).to.equal(2);
    expect(option.err).to.include('Did you mean --amount?');
    expect((await cli('keys')).exitCode).to.equal(2);
    expect((await cli('keys lst')).err).to.include('Did you mean list?');
    expect((await cli('capture')).exitCode).to.equal(2);
    expect((await runCli([])).exitCode).to.equal(2);
  });

  it('puts usage errors into the one document with --json', async () => {
    const ran = await cli('pay --amount 19.99 --json');
    expect(ran).to.include({ exitCode: 2, err: '' });
    expect(ran.document['code']).to.equal('usage');
    expect(ran.document['detail']).to.include('minor units');
    expect((await cli('keys --json')).document['detail']).to.equal('a subcommand is missing');
  });

  it('prints the version', async () => {
    const { out } = await cli('--version');
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(out).to.equal(`${version}\n`);
  });

  it('says where the keys would be when there are none', async () => {
    const ran = await cli('pay');
    expect(ran.exitCode).to.equal(2);
    expect(ran.err)
      .to.include(join(folder, 'data', 'credentials.json'))
      .and.include('--key');
  });

  it('charges nothing by default with a live key', async () => {
    const env = { POINTSMAN_KEY: 'sk_live_something' };
    expect((await cli('pay --card visa', env)).err).to.include('needs --amount');
    expect((await cli('pay --amount 100', env)).err).to.include('needs --card');
  });

  it('lists the test cards, each under a name of its own', async () => {
    const { out } = await cli('cards');
    expect(out).to.include('4242424242424242').and.include('insufficient-funds');
    expect(new Set(namedCards.map(({ name }) => name)).size).to.equal(namedCards.length);
    expect((await cli('cards --json')).document['data']).to.have.length(namedCards.length);
  });

  it('writes the API description to a file or to standard output', async () => {
    expect((await cli('openapi')).document['openapi']).to.equal('3.1.0');
    expect((await cli('openapi --output api.json')).exitCode).to.equal(0);
    expect(JSON.parse(readFileSync(join(folder, 'api.json'), 'utf8'))).to.have.property('paths');
  });

  it('writes a configuration that loads, and does not overwrite one', async () => {
    expect((await cli('init')).exitCode).to.equal(0);
    expect(loadConfig({ env: {}, cwd: folder }).server.port).to.equal(8080);
    writeFileSync(join(folder, 'pointsman.yaml'), 'mode: sandbox\n');
    const again = await cli('init');
    expect(again.exitCode).to.equal(2);
    expect(again.err).to.include('--force');
    expect(readFileSync(join(folder, 'pointsman.yaml'), 'utf8')).to.equal('mode: sandbox\n');
    expect((await cli('init --force')).exitCode).to.equal(0);
    expect(readFileSync(join(folder, 'pointsman.yaml'), 'utf8')).to.include('data_dir');
  });

  it('tells what is pending without making a database, then brings it up', async () => {
    const before = await cli('migrate --status --json');
    expect(before.document['pending']).to.include('0001_access');
    expect(existsSync(join(folder, 'data'))).to.equal(false);
    expect((await cli('migrate')).out).to.include('0001_access');
    expect((await cli('migrate --status')).out).to.match(/^Up to date/);
    expect((await cli('migrate --json')).document['applied']).to.deep.equal([]);
  });

  it('makes an admin key in a closed database, for whoever may write it', async () => {
    const { exitCode, document } = await cli('keys create Owner --admin --json');
    expect(exitCode).to.equal(0);
    expect(document['key']).to.match(/^ak_sandbox_/);
    expect((await cli('keys create Owner --admin --public')).exitCode).to.equal(2);
  });

  it('tells a broken configuration with its place, and exits with 2', async () => {
    writeFileSync(join(folder, 'pointsman.yaml'), 'server:\n  prot: 80\n');
    const ran = await cli('serve');
    expect(ran.exitCode).to.equal(2);
    expect(ran.err).to.include('pointsman.yaml:2:3').and.include('did you mean "port"?');
    const doctor = await cli('doctor');
    expect(doctor.exitCode).to.equal(1);
    expect(doctor.out).to.match(/^fail {2}configuration: .*\n.*pointsman\.yaml:2:3/m);
  });

  it('examines a machine on which nothing runs', async () => {
    const env = { POINTSMAN_PORT: '0', POINTSMAN_URL: 'http://127.0.0.1:1' };
    const fresh = await cli('doctor', env);
    expect(fresh.exitCode, fresh.out).to.equal(0);
    expect(fresh.out).to.include('will be made by the first start');
    await cli('migrate');
    expect((await cli('doctor', env)).out).to.include('synchronous=FULL');
    const credentials = join(folder, 'data', 'credentials.json');
    writeFileSync(credentials, '{}');
    chmodSync(credentials, 0o644);
    const open = await cli('doctor', env);
    expect(open.exitCode).to.equal(1);
    expect(open.out).to.include(`chmod 600 ${credentials}`);
    expect(nodeCheck('18.20.1').status).to.equal('fail');
    expect(nodeCheck('20.18.9').status).to.equal('fail');
    expect(nodeCheck('22.0.0').status).to.equal('ok');
  });

  it('turns every refusal to start into one line, without the database password', () => {
    const url = 'postgres://user:hunter2@db/pay';
    const config = loadConfig({ env: { DATABASE_URL: url }, cwd: folder });
    const errors = [
      Object.assign(new Error('listen EADDRINUSE'), { syscall: 'listen', code: 'EADDRINUSE' }),
      Object.assign(new Error('mkdir'), { code: 'EACCES', path: '/somewhere' }),
      Object.assign(new Error('password authentication failed'), { code: '28P01' }),
      Object.assign(new Error('not a database'), { code: 'SQLITE_NOTADB' }),
      new Error(`two\n  lines about ${url} and hunter2`),
    ];
    for (const error of errors) {
      const { message, exitCode } = refusedBoot(error, config);
      expect(message).to.match(/^Pointsman did not start: .+$/);
      expect(message).not.to.include('hunter2').and.not.include('\n');
      expect(exitCode).to.equal(3);
    }
  });

  it('lets no text move the cursor', () => {
    expect(clean('a\u001b[2Jb\u202ec\n')).to.equal('a?[2Jb?c?');
    const text = table(
      [{ title: 'A' }, { title: 'N', right: true }],
      [
        ['x', '1'],
        ['yy', '22'],
      ],
    );
    expect(text).to.equal('A    N\nx    1\nyy  22\n');
  });
});
