/** Rates: so many a second, and no more; each merchant for himself, each class for itself. */
import { expect } from 'chai';
import { Problem } from '../sdk/problem.ts';
import { Limits } from './limits.ts';

/** A rate so low that no test run is slow enough to get a second helping by the hour. */
const rates = {
  payments: { perSecond: 100, perHour: 3 },
  queries: { perSecond: 100, perHour: 5 },
  management: { perSecond: 100 },
  public: { perSecond: 100, perHour: 1 },
  webhooks: { perSecond: 1_000 },
};

async function count(limits: Limits, ...args: Parameters<Limits['count']>) {
  try {
    await limits.count(...args);
    return undefined;
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
}

describe('rate limits', () => {
  it('let so many through and refuse the next, with the time to wait', async () => {
    const limits = new Limits(rates);
    for (let turn = 0; turn < 3; turn += 1) {
      expect(await count(limits, 'payments', 'mer_1')).to.equal(undefined);
    }
    const refused = await count(limits, 'payments', 'mer_1');
    expect(refused?.code).to.equal('rate_limited');
    expect(refused?.status).to.equal(429);
    expect(refused?.message).to.equal('at most 3 payments requests per hour per merchant');
    const wait = Number(refused?.options.headers?.['retry-after']);
    expect(wait).to.be.an('number').that.is.within(1, 3600);
    expect(Number.isInteger(wait)).to.equal(true);
  });

  it('hold one merchant back and no other', async () => {
    const limits = new Limits(rates);
    for (let turn = 0; turn < 4; turn += 1) await count(limits, 'payments', 'mer_1');
    expect(await count(limits, 'payments', 'mer_2')).to.equal(undefined);
  });

  it('count every class of requests for itself', async () => {
    const limits = new Limits(rates);
    for (let turn = 0; turn < 4; turn += 1) await count(limits, 'payments', 'mer_1');
    expect(await count(limits, 'queries', 'mer_1')).to.equal(undefined);
    expect(await count(limits, 'management', 'mer_1')).to.equal(undefined);
  });

  it('speak of addresses where there is no merchant', async () => {
    const limits = new Limits(rates);
    await count(limits, 'public', '192.0.2.1');
    const refused = await count(limits, 'public', '192.0.2.1');
    expect(refused?.message).to.contain('per IP address');
    expect(await count(limits, 'public', '192.0.2.2')).to.equal(undefined);
  });

  it('hold by the second as well', async () => {
    const limits = new Limits({ ...rates, management: { perSecond: 2 } });
    const turns = await Promise.all(
      Array.from({ length: 10 }, () => count(limits, 'management', 'mer_1')),
    );
    const refused = turns.filter((problem) => problem !== undefined);
    expect(refused).to.have.length(8);
    expect(refused[0]?.options.headers).to.deep.equal({ 'retry-after': '1' });
  });
});
