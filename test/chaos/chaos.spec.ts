/**
 * A small storm at every test run, and the proof that the harness can see: the naive handler is
 * caught (the made-up crimes are in judge.spec.ts). The large rounds are `npm run chaos`.
 */
import { expect } from 'chai';
import { skipped } from '../support/skipped.ts';
import { readOptions, WrongUsage } from './options.ts';
import { build } from './place.ts';
import { randomOf } from './random.ts';
import { runRound } from './round.ts';
import { breachesOf, textOf } from './sheet.ts';

describe('chaos, a small round', function () {
  // A boot takes 0.3 s on an idle machine and ten times that on a crowded one.
  this.timeout(180_000);

  before(() => build());

  it('loses and doubles nothing on SQLite, killed and out of disk', async () => {
    const verdict = await runRound(readOptions(['--seed', '5', '--kills', '5', '--clients', '8']));
    for (const what of verdict.notRun) {
      const [part = '', ...reason] = what.split(': ');
      skipped.set(`chaos, ${part}`, reason.join(': '));
    }
    expect(breachesOf(verdict), textOf(verdict)).to.equal(0);
    expect(verdict.kills).to.equal(5);
    expect(verdict.payments).to.be.greaterThan(20);
    expect(verdict.integrity).to.equal('ok');
    expect(verdict.news?.filed).to.be.greaterThan(20);
    expect(verdict.news?.desk.refunds).to.be.greaterThan(0);
    expect(verdict.news?.desk.disputes).to.be.greaterThan(0);
  });

  it('loses and doubles nothing on Postgres with two nodes, frozen, killed and cut off', async function () {
    if (process.env['POINTSMAN_TEST_POSTGRES'] === undefined) this.skip();
    const line = '--seed 6 --kills 2 --clients 6 --database postgres --nodes 2';
    const verdict = await runRound(readOptions(line.split(' ')));
    expect(breachesOf(verdict), textOf(verdict)).to.equal(0);
    expect(verdict.disturbances).to.have.property('freezes');
    expect(verdict.payments).to.be.greaterThan(10);
  });

  it('catches the naive handler', async () => {
    const line = '--seed 5 --kills 4 --clients 8 --control naive';
    const verdict = await runRound(readOptions(line.split(' ')));
    expect(verdict.findings.doubled).to.not.have.length(0);
  });
});

describe('the chaos command', () => {
  it('says what is allowed', () => {
    for (const line of ['--kills x', '--nodes 2', '--database mysql', '--control sly', '--what']) {
      expect(() => readOptions(line.split(' ')), line).to.throw(WrongUsage);
    }
  });

  it('draws the same storm from the same seed', () => {
    const drawn = (seed: number) => Array.from({ length: 5 }, randomOf(seed, 'storm').next);
    expect(drawn(3)).to.deep.equal(drawn(3));
    expect(drawn(3)).to.not.deep.equal(drawn(4));
  });
});
