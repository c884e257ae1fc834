/** `secrets rotate`: a key file grows, a configured key is told to people alone. */
import { expect } from 'chai';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exitCodes } from './exit.ts';
import { runCli, type Surroundings } from './spec-terminal.ts';

const hex = 'ab'.repeat(32);
const base64 = Buffer.from(hex, 'hex').toString('base64');

describe('pointsman secrets rotate', () => {
  let cwd: string;
  const file = () => join(cwd, 'data', 'master.key');
  const env = { POINTSMAN_MASTER_KEY: hex };
  /** With a data directory by its whole path: a relative one is the process's, not the test's. */
  const rotate = (flags: readonly string[] = [], around: Surroundings = {}) =>
    runCli(['secrets', 'rotate', '--data', join(cwd, 'data'), ...flags], { cwd, ...around });

  beforeEach(() => {
    cwd = mkdtempSync(join(tmpdir(), 'pointsman-secrets-'));
  });
  afterEach(() => rmSync(cwd, { recursive: true, force: true }));

  it('adds a version to the key file and says what comes next, without the key', async () => {
    mkdirSync(join(cwd, 'data'));
    writeFileSync(file(), `${hex}\n`);
    const ran = await rotate();
    expect(ran.exitCode).to.equal(exitCodes.done);
    const text = readFileSync(file(), 'utf8');
    expect(text).to.match(new RegExp(`^1:${base64.replaceAll(/[+/]/g, '.')}\n2:\\S{44}\n$`));
    const fresh = text.split(/[:\n]/)[3] ?? '';
    expect(ran.out).to.contain('Version 2');
    expect(ran.out + ran.err)
      .not.to.contain(fresh)
      .and.not.to.contain(base64);
    expect(ran.err).to.contain('secrets reseal');
  });

  it('says that there is no key yet', async () => {
    const ran = await rotate();
    expect(ran.exitCode).to.equal(exitCodes.usage);
    expect(ran.err).to.contain('there is no master key yet');
  });

  it('prints a configured key to a terminal, or when told to, and writes nothing', async () => {
    const hidden = await rotate([], { env });
    expect(hidden.exitCode).to.equal(exitCodes.usage);
    expect(hidden.out).to.equal('');
    for (const around of [{ reply: 'y' }, {}]) {
      const flags = 'reply' in around ? [] : ['--print'];
      const ran = await rotate(flags, { env, ...around });
      expect(ran.exitCode).to.equal(exitCodes.done);
      expect(ran.out).to.match(/^1:\S{44},2:\S{44}\n$/);
      expect(ran.err).to.contain('Nothing was changed');
    }
    expect(() => readFileSync(file())).to.throw();
  });
});
