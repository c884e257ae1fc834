/** The storm test at a size for every day, and its judge, who must find what is wrong. */
import { expect } from 'chai';
import { build } from '../chaos/place.ts';
import { describeOnEachDatabase } from '../support/databases.ts';
import { delaysMs, judge, quantile, type Happened, type Receipt } from './judge.ts';
import { readOptions, WrongUsage } from './options.ts';
import { badKinds, type BadKind } from './receivers.ts';
import { runStorm } from './run.ts';
import { breachesOf, lineOf } from './sheet.ts';

// Some five seconds on an idle machine, of which two are boots; ten times that on a crowded one.
const limitMs = 120_000;

describeOnEachDatabase('webhooks in a storm', (database) => {
  before(function () {
    this.timeout(limitMs);
    build();
  });

  it('reach every endpoint that answers, past five that misbehave and a kill -9', async () => {
    const { url: databaseUrl } = await database.open();
    const bad = Object.keys(badKinds) as BadKind[];
    const outcome = await runStorm({
      events: 60,
      healthy: 12 - bad.length,
      bad,
      kills: 1,
      rate: 30,
      databaseUrl,
      timeoutMs: 1_000,
      hurry: true,
    });
    expect(breachesOf(outcome), lineOf('storm', outcome)).to.deep.equal([]);
    expect(outcome.events).to.equal(60);
    // The healthy, the flooding and the redirecting ones have all heard of everything.
    expect(outcome.received).to.be.at.least(60 * 9);
    expect(outcome.floodedBytes).to.be.greaterThan(0);
  }).timeout(limitMs);
});

const event: Happened = { id: 'evt_1', createdMs: 1_000, digest: 'aa' };
const receipt: Receipt = {
  endpoint: 'shop',
  id: 'evt_1',
  atMs: 1_040,
  digest: 'aa',
  isVerified: true,
};

describe('the judge of webhooks in a storm', () => {
  const clean = { miscounted: 0, missing: [], invented: [], unverified: [], altered: [] };
  const found = (receipts: readonly Receipt[], acknowledged = 1) =>
    judge(acknowledged, [event], receipts, ['shop']);

  it('has nothing to say about what came as it should, once or twice', () => {
    expect(found([receipt])).to.deep.equal({ ...clean, received: 1, repeats: 0 });
    expect(found([receipt, receipt])).to.deep.equal({ ...clean, received: 2, repeats: 1 });
  });

  it('finds what never came, also when others heard of it', () => {
    expect(found([{ ...receipt, endpoint: 'other' }]).missing).to.deep.equal(['shop evt_1']);
  });

  it('finds what never happened, what is forged, and what has other bytes', () => {
    expect(found([receipt, { ...receipt, id: 'evt_2' }]).invented).to.deep.equal(['shop evt_2']);
    const forged = { ...receipt, isVerified: false };
    expect(found([receipt, forged]).unverified).to.deep.equal(['shop evt_1']);
    const altered = { ...receipt, digest: 'ab' };
    expect(found([receipt, altered]).altered).to.deep.equal(['shop evt_1']);
  });

  it('finds events that were acknowledged and are not in the books', () => {
    expect(found([receipt], 2).miscounted).to.equal(1);
  });

  it('counts the delay to the first receipt, at the endpoints that are counted', () => {
    const later = { ...receipt, atMs: 9_000 };
    const other = { ...receipt, endpoint: 'other', atMs: 1_010 };
    expect(delaysMs([event], [later, receipt, other], ['shop'])).to.deep.equal([40]);
    expect([0.5, 0.99, 1].map((share) => quantile([1, 2, 3, 4], share))).to.deep.equal([2, 4, 4]);
    expect(quantile([], 0.5)).to.equal(0);
  });
});

describe('the command line of a storm', () => {
  it('is a hundred endpoints and a thousand events unless told', () => {
    const usual = { events: 1_000, endpoints: 100, kills: 3, database: 'sqlite' };
    expect(readOptions([])).to.include(usual);
  });

  for (const wrong of ['--events 0', '--endpoints 5', '--kills x', '--database oracle', '--evil']) {
    it(`refuses ${wrong}`, () => {
      expect(() => readOptions(wrong.split(' '))).to.throw(WrongUsage);
    });
  }
});
