/** A start with five hundred unresolved operations (backlog.ts); ten thousand by the script. */
import { expect } from 'chai';
import { describeOnEachDatabase } from '../support/databases.ts';
import { bootWithBacklog, inWords, lostOneIn } from './backlog.ts';

const operations = 500;

/** core/payments/recovery.ts promises it: questions under way at a time. */
const lookupsAtOnceMax = 16;

describeOnEachDatabase('a start after a crash with much unresolved', (database) => {
  it('serves at once, finds out about all of it and does not storm the processor', async function () {
    this.timeout(120_000);
    const report = await bootWithBacklog(await database.open(), operations);
    console.log(`      ${inWords(operations, report)}`);
    expect(report.unresolved).to.equal(0);
    // One more: the charge that the others were copied from.
    expect(report.captured).to.equal(operations - operations / lostOneIn + 1);
    expect(report.failed).to.equal(operations / lostOneIn);
    expect(report.verification.checks.flatMap(({ breaches }) => breaches)).to.deep.equal([]);
    expect(report.lookupsAtOnce).to.be.within(2, lookupsAtOnceMax);
    // Found ones are asked about once; the absent ones again until absence is proof.
    expect(report.lookups).to.be.at.most(operations + 6 * (operations / lostOneIn));
  });
});
