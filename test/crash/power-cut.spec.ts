/** Power cuts at answers (power-cut.ts): forty here, as many as wanted by the script. */
import { expect } from 'chai';
import { skipped } from '../support/skipped.ts';
import { powerCut, whyNoPowerCut } from './power-cut.ts';

describe('a power cut at any answer (SQLite)', function () {
  this.timeout(120_000);

  before(function () {
    const reason = whyNoPowerCut();
    if (reason === undefined) return;
    skipped.set('Power cuts', reason);
    this.skip();
  });

  it('loses nothing that was answered, and damages nothing', async () => {
    const report = await powerCut({ cuts: 40, seed: 1 });
    expect(report.losses).to.deep.equal([]);
    expect(report).to.include({ cuts: 40, lossy: 0, damaged: 0 });
  });

  it('would be seen to lose, were commits not synced', async () => {
    const report = await powerCut({ cuts: 6, seed: 1, forgetful: true });
    expect(report.cuts).to.equal(6);
    expect(report.lossy).to.be.greaterThan(0);
  });
});
