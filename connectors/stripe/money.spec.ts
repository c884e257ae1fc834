/** Amounts there and back: exact, or refused. */
import { expect } from 'chai';
import { Fault } from '#sdk';
import { amounts, fromStripe, signedFromStripe, toStripe } from './money.ts';

describe('stripe: amounts', () => {
  const cases: [currency: string, ours: number, theirs: number][] = [
    ['USD', 1099, 1099],
    ['IDR', 25_000_000, 25_000_000],
    ['JPY', 500, 500],
    ['VND', 27_000, 27_000],
    ['HUF', 17_500, 17_500],
    ['KWD', 1230, 1230],
    ['BHD', 10, 10],
    ['ISK', 1500, 150_000],
    ['UGX', 5000, 500_000],
    ['MGA', 150_000, 1500],
  ];
  for (const [currency, ours, theirs] of cases) {
    it(`hold ${ours} minor units of ${currency} as ${theirs}`, () => {
      const wire = { amount: theirs, currency: currency.toLowerCase() };
      expect(toStripe({ amount: ours, currency })).to.deep.equal(wire);
      expect(fromStripe(wire.amount, wire.currency)).to.deep.equal({ amount: ours, currency });
      const step = amounts[currency]?.step ?? 1;
      expect(ours % step, 'the facts allow it').to.equal(0);
    });
  }

  const outwards: [string, number][] = [
    ['KWD', 1235],
    ['TND', 1],
    ['MGA', 150_050],
    ['LYD', 1000],
    ['IQD', 1000],
    ['UYI', 10],
  ];
  for (const [currency, amount] of outwards) {
    it(`refuse ${amount} minor units of ${currency} before anything is sent`, () => {
      expect(() => toStripe({ amount, currency }))
        .to.throw(Fault)
        .with.property('kind', 'rejected');
    });
  }

  const inwards: [unknown, unknown][] = [
    [150_050, 'isk'],
    [1.5, 'usd'],
    ['1000', 'usd'],
    [-1, 'usd'],
    [2 ** 53, 'jpy'],
    [2 ** 50, 'mga'],
    [100, 'zzz'],
    [100, 'USD'],
    [100, 'lyd'],
    [100, undefined],
  ];
  for (const [amount, currency] of inwards) {
    it(`cannot read ${String(amount)} of ${String(currency)}`, () => {
      expect(() => fromStripe(amount, currency))
        .to.throw(Fault)
        .with.property('kind', 'unintelligible');
    });
  }

  it('keep their sign where money may leave', () => {
    expect(signedFromStripe(-150_000, 'isk')).to.deep.equal({ amount: -1500, currency: 'ISK' });
  });
});
