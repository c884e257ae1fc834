/** Rupiah both ways: whole, exact, or not at all. */
import { expect } from 'chai';
import { Fault, type Money } from '#sdk';
import { fromRupiah, toRupiah } from './money.ts';

const kindOf = (work: () => unknown): string => {
  try {
    work();
    return 'none';
  } catch (cause) {
    if (cause instanceof Fault) return cause.kind;
    throw cause;
  }
};

describe('Midtrans: rupiah', () => {
  it('25000000 minor units are Rp 250000, and back from every documented spelling', () => {
    expect(toRupiah({ amount: 25_000_000, currency: 'IDR' })).to.equal(250_000);
    for (const text of ['250000.00', '250000', '250000.0']) {
      expect(fromRupiah(text, 'gross_amount')).to.deep.equal({
        amount: 25_000_000,
        currency: 'IDR',
      });
    }
  });

  it('the largest amount the switch knows goes there and back', () => {
    const most = { amount: 999_999_999_900, currency: 'IDR' };
    expect(fromRupiah(`${toRupiah(most)}.00`, 'gross_amount')).to.deep.equal(most);
  });

  it('half a rupiah that Midtrans tells is told on, not rounded', () => {
    expect(fromRupiah('250000.50', 'gross_amount').amount).to.equal(25_000_050);
  });

  const unsendable: readonly Money[] = [
    { amount: 25_000_001, currency: 'IDR' },
    { amount: 50, currency: 'IDR' },
    { amount: 0, currency: 'IDR' },
    { amount: 1.5, currency: 'IDR' },
    { amount: 25_000_000, currency: 'USD' },
  ];
  for (const money of unsendable) {
    it(`${money.amount} ${money.currency} is refused before it is sent`, () => {
      expect(kindOf(() => toRupiah(money))).to.equal('rejected');
    });
  }

  const unreadable = [250_000, '250,000.00', '2.5e5', '', '-1.00', '1.005', '9'.repeat(15), null];
  for (const value of [...unreadable, undefined, ' 1.00']) {
    it(`an answer's ${JSON.stringify(value)} is no amount`, () => {
      expect(kindOf(() => fromRupiah(value, 'gross_amount'))).to.equal('unintelligible');
    });
  }
});
