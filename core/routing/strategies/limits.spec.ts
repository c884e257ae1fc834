/** What an account may take: to the unit, to the minute, in its own time zone. */
import { expect } from 'chai';
import {
  nothingUsed,
  releaseUsage,
  reserveUsage,
  settleUsage,
  verdict,
  windowsAt,
  type Limits,
} from './limits.ts';

const limits: Limits = {
  time_zone: 'Asia/Jakarta',
  daily_count: 10,
  monthly_count: 100,
  amounts: { USD: { payment_min: 50, payment_max: 5_000, daily: 10_000, monthly: 50_000 } },
};
const usd = (amount: number) => ({ amount, currency: 'USD' });
const used = (count: number, amount: number) => ({
  ...nothingUsed,
  settled_count: count,
  settled_amount: amount,
});
const usage = (day = nothingUsed, month = day) => ({ day, month });
const excluded = (day: typeof nothingUsed, amount: number, month = day) =>
  verdict(limits, usage(day, month), usd(amount)).excluded;

describe('an account’s limits', () => {
  it('let a payment through that just reaches them, and not one unit more', () => {
    expect(excluded(used(1, 9_000), 1_000)).to.equal(undefined);
    expect(excluded(used(1, 9_000), 1_001)).to.equal('limit_reached:daily_amount');
    expect(excluded(used(9, 0), 50)).to.equal(undefined);
    expect(excluded(used(10, 0), 50)).to.equal('limit_reached:daily_count');
    expect(excluded(nothingUsed, 1_000, used(1, 49_000))).to.equal(undefined);
    expect(excluded(nothingUsed, 1_001, used(1, 49_000))).to.equal('limit_reached:monthly_amount');
    expect(excluded(nothingUsed, 50, used(100, 0))).to.equal('limit_reached:monthly_count');
    expect([49, 50, 5_000, 5_001].map((amount) => excluded(nothingUsed, amount))).to.deep.equal([
      'amount_out_of_range',
      undefined,
      undefined,
      'amount_out_of_range',
    ]);
  });

  it('count what is on its way as used', () => {
    const reserved = reserveUsage(used(0, 6_000), 3_000);
    expect(excluded(reserved, 1_000)).to.equal(undefined);
    expect(excluded(reserved, 1_001)).to.equal('limit_reached:daily_amount');
    expect(excluded(releaseUsage(reserved, 3_000), 4_000)).to.equal(undefined);
    expect(settleUsage(reserved, 3_000)).to.deep.equal(used(1, 9_000));
    expect(releaseUsage(nothingUsed, 5)).to.deep.equal(nothingUsed);
  });

  it('hold amounts for their own currency, and counts for all', () => {
    const euro = { amount: 900_000, currency: 'EUR' };
    expect(verdict(limits, usage(used(1, 9_000)), euro).excluded).to.equal(undefined);
    expect(verdict(limits, usage(used(10, 0)), euro).excluded).to.equal(
      'limit_reached:daily_count',
    );
  });

  it('tell how full the fullest of them is', () => {
    expect(verdict(limits, usage(used(2, 9_000)), usd(50))).to.deep.equal({
      excluded: undefined,
      usedShare: 0.9,
      dayCount: 2,
    });
    expect(verdict(undefined, usage(used(7, 1)), usd(50))).to.deep.equal({
      excluded: undefined,
      usedShare: 0,
      dayCount: 7,
    });
    const closed = { time_zone: 'UTC', daily_count: 0 };
    expect(verdict(closed, usage(), usd(50)).usedShare).to.equal(1);
  });

  it('begin their days and months at midnight of their zone, summer time or not', () => {
    const keys = (text: string, zone: string) => {
      const ms = Date.parse(text);
      const { day, month } = windowsAt(ms, { time_zone: zone });
      return [day, month];
    };
    expect(keys('2026-11-30T16:59:59Z', 'Asia/Jakarta')).to.deep.equal(['2026-11-30', '2026-11']);
    expect(keys('2026-11-30T17:00:00Z', 'Asia/Jakarta')).to.deep.equal(['2026-12-01', '2026-12']);
    expect(keys('2026-03-28T23:30:00Z', 'Europe/Berlin')[0]).to.equal('2026-03-29');
    expect(keys('2026-03-29T21:30:00Z', 'Europe/Berlin')[0]).to.equal('2026-03-29');
    expect(keys('2026-03-29T22:00:00Z', 'Europe/Berlin')[0]).to.equal('2026-03-30');
    expect(keys('2026-11-21T18:14:59Z', 'Asia/Kathmandu')[0]).to.equal('2026-11-21');
    expect(keys('2026-11-21T18:15:00Z', 'Asia/Kathmandu')[0]).to.equal('2026-11-22');
    expect(windowsAt(0, limits)).to.deep.equal({ day: '1970-01-01', month: '1970-01' });
  });
});
