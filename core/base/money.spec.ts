/** Money is whole minor units: decimals come in and go out exactly, or not at all. */
import { expect } from 'chai';
import fc from 'fast-check';
import { InvariantBroken } from './assert.ts';
import { currencies, exponentOf, isCurrency } from './currency.ts';
import { amountMax, fromDecimal, money, sameMoney, toDecimal } from './money.ts';

const anyAmount = fc.integer({ min: 0, max: amountMax });

describe('money', () => {
  it('comes back unchanged from its decimal, in every currency', () => {
    fc.assert(
      fc.property(anyAmount, fc.constantFrom(...currencies), (amount, currency) => {
        const text = toDecimal({ amount, currency });
        expect(fromDecimal(text, currency)).to.deep.equal({ amount, currency });
        const decimals = text.split('.')[1]?.length ?? 0;
        expect(decimals).to.equal(exponentOf(currency));
      }),
      { numRuns: 2000 },
    );
  });

  it('takes a decimal whose zeros at the end are missing or too many', () => {
    fc.assert(
      fc.property(anyAmount, fc.constantFrom('USD', 'BHD'), fc.nat(6), (amount, currency, more) => {
        const text = toDecimal({ amount, currency });
        expect(fromDecimal(text + '0'.repeat(more), currency).amount).to.equal(amount);
        const shortest = text.replace(/\.?0+$/, '');
        if (text.includes('.') && shortest !== '') {
          expect(fromDecimal(shortest, currency).amount).to.equal(amount);
        }
      }),
    );
  });

  const spelled: readonly [number, string, string][] = [
    [1050, 'USD', '10.50'],
    [5, 'USD', '0.05'],
    [0, 'USD', '0.00'],
    [1050, 'JPY', '1050'],
    [1050, 'BHD', '1.050'],
    [1, 'BHD', '0.001'],
    [250_000, 'IDR', '2500.00'],
  ];
  for (const [amount, currency, text] of spelled) {
    it(`spells ${amount} ${currency} as ${text}`, () => {
      expect(toDecimal({ amount, currency })).to.equal(text);
      expect(fromDecimal(text, currency).amount).to.equal(amount);
    });
  }

  it('reads what multiplication with floats gets wrong', () => {
    // 19.99 * 100 is 1998.9999999999998, 1.005 * 1000 is 1004.9999999999999.
    expect(fromDecimal('19.99', 'USD').amount).to.equal(1999);
    expect(fromDecimal('1.005', 'BHD').amount).to.equal(1005);
  });

  const refused: readonly [string, string][] = [
    ['10.505', 'USD'],
    ['10.5', 'JPY'],
    ['1.0005', 'BHD'],
    ['-1', 'USD'],
    ['+1', 'USD'],
    ['1e3', 'USD'],
    ['1,000.00', 'USD'],
    [' 1', 'USD'],
    ['1.', 'USD'],
    ['.5', 'USD'],
    ['', 'USD'],
    ['NaN', 'USD'],
    ['Infinity', 'USD'],
    ['0x10', 'USD'],
    ['１０', 'USD'],
    ['1\n', 'USD'],
    ['1', 'XXX'],
    ['9999999999999999', 'USD'],
  ];
  for (const [text, currency] of refused) {
    it(`refuses "${text}" ${currency} instead of rounding or guessing`, () => {
      expect(() => fromDecimal(text, currency)).to.throw(RangeError);
    });
  }

  it('never holds a number that JavaScript cannot count with', () => {
    for (const amount of [-1, 0.5, Number.NaN, Infinity, 2 ** 53]) {
      expect(() => money(amount, 'USD')).to.throw(InvariantBroken);
    }
    expect(() => fromDecimal('999999999999999.99', 'USD')).to.throw();
  });

  it('is the same only when amount and currency are', () => {
    expect(sameMoney(money(1, 'USD'), money(1, 'USD'))).to.equal(true);
    expect(sameMoney(money(1, 'USD'), money(1, 'EUR'))).to.equal(false);
    expect(sameMoney(money(1, 'USD'), money(2, 'USD'))).to.equal(false);
  });
});

describe('currencies', () => {
  it('are ISO codes in order, each once', () => {
    expect(currencies).to.deep.equal([...new Set(currencies)].toSorted());
    for (const code of currencies) expect(code).to.match(/^[A-Z]{3}$/);
    expect(currencies.length).to.be.within(150, 165);
  });

  it('have the decimals that the runtime knows, or more where coins went out of use', () => {
    for (const currency of currencies) {
      const format = new Intl.NumberFormat('en', { style: 'currency', currency });
      const decimals = format.resolvedOptions().maximumFractionDigits ?? 0;
      // CLDR writes the rupiah, the forint and a dozen others without the decimals of ISO 4217.
      if (decimals !== 0) expect(exponentOf(currency), currency).to.equal(decimals);
    }
  });

  it('refuse what is none', () => {
    for (const code of ['usd', 'XXX', 'BTC', '', '__proto__']) {
      expect(isCurrency(code)).to.equal(false);
      expect(() => exponentOf(code)).to.throw(RangeError);
    }
    expect(isCurrency('USD')).to.equal(true);
  });
});
