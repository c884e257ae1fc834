/** What is known of a card number without asking anybody, and where one hides in a text. */
import { expect } from 'chai';
import { createHash, randomUUID } from 'node:crypto';
import { brandOf, cvcLengthOf, holdsCardNumber, lengthFits, luhnHolds } from './card.ts';
import { newId } from './id.ts';

/** Appends the digit that makes Luhn hold. */
function withCheckDigit(digits: string): string {
  for (let digit = 0; digit <= 9; digit += 1) {
    if (luhnHolds(`${digits}${digit}`)) return `${digits}${digit}`;
  }
  throw new Error('one of ten digits fits');
}

/** Digits that look random and are the same in every run. */
function digitsOf(seed: number, length: number): string {
  const hex = createHash('sha512').update(String(seed)).digest('hex');
  return BigInt(`0x${hex}`).toString().slice(-length);
}

describe('a card’s brand', () => {
  const brands: readonly [string, string][] = [
    ['4242424242424242', 'visa'],
    ['5555555555554444', 'mastercard'],
    ['2221000000000009', 'mastercard'],
    ['2720990000000007', 'mastercard'],
    ['378282246310005', 'amex'],
    ['341111111111111', 'amex'],
    ['6011111111111117', 'discover'],
    ['6445644564456445', 'discover'],
    ['3530111333300000', 'jcb'],
    ['3056930009020004', 'diners'],
    ['36227206271667', 'diners'],
    ['6200000000000005', 'unionpay'],
    ['5018000000000009', 'maestro'],
    ['2220999999999999', 'unknown'],
    ['2721000000000000', 'unknown'],
    ['9999999999999995', 'unknown'],
  ];
  for (const [number, brand] of brands) {
    it(`of ${number.slice(0, 6)}… is ${brand}`, () => {
      expect(brandOf(number)).to.equal(brand);
    });
  }

  it('says how long the number is and the CVC', () => {
    expect(lengthFits('4242424242424242')).to.equal(true);
    expect(lengthFits('424242424242424')).to.equal(false);
    expect(lengthFits('378282246310005')).to.equal(true);
    expect(lengthFits('3782822463100050')).to.equal(false);
    expect(lengthFits('9'.repeat(12))).to.equal(true);
    expect(lengthFits('9'.repeat(20))).to.equal(false);
    expect([cvcLengthOf('amex'), cvcLengthOf('visa'), cvcLengthOf('unknown')]).to.deep.equal([
      4, 3, 3,
    ]);
  });
});

describe('the check digit', () => {
  it('holds for one last digit of ten', () => {
    for (let seed = 0; seed < 200; seed += 1) {
      const digits = digitsOf(seed, 15);
      const fitting = Array.from({ length: 10 }, (_none, digit) => `${digits}${digit}`);
      expect(fitting.filter(luhnHolds)).to.have.length(1);
    }
  });

  it('notices every single wrong digit', () => {
    const number = '4242424242424242';
    for (let at = 0; at < number.length; at += 1) {
      const wrong = (Number(number.charAt(at)) + 1) % 10;
      expect(luhnHolds(`${number.slice(0, at)}${wrong}${number.slice(at + 1)}`)).to.equal(false);
    }
  });
});

describe('a text holds a card number', () => {
  const holding = [
    '4242424242424242',
    'card: 4242 4242 4242 4242, thanks',
    '4242-4242-4242-4242',
    '4242.4242.4242.4242',
    '4242/4242/4242/4242',
    '4242_4242_4242_4242',
    '4242  4242  4242  4242',
    '3782 822463 10005',
    '４２４２４２４２４２４２４２４２',
    'order-17:5555555555554444;ok',
    'a4222222222222b',
  ];
  for (const text of holding) {
    it(`when it is "${text}"`, () => {
      expect(holdsCardNumber(text)).to.equal(true);
    });
  }

  const innocent = [
    '',
    'order-2026-11-21-000017',
    '4242424242424241',
    '424242424242',
    '+62 812-3456-7890',
    '+49 (0) 30 901820',
    '2026-11-21T10:00:00.000Z',
    '1763719200000',
    '550e8400-e29b-41d4-a716-446655440000',
    'pay_01jd7v3g0kz8m4x2q9w7c5b1n0',
    '192.168.100.200:8080',
    'DE89 3704 0044 0532 0130 00',
    '0'.repeat(16),
    '9'.repeat(40),
    '4242 of 4242 in 4242 and 4242',
  ];
  for (const text of innocent) {
    it(`not when it is "${text}"`, () => {
      expect(holdsCardNumber(text)).to.equal(false);
    });
  }

  it('in every layout of every length that the big brands issue', () => {
    for (const [prefix, length] of [
      ['4', 16],
      ['51', 16],
      ['34', 15],
      ['36', 14],
      ['6011', 16],
      ['62', 19],
    ] as const) {
      const number = withCheckDigit(`${prefix}${digitsOf(length, length - prefix.length - 1)}`);
      expect(holdsCardNumber(number), number).to.equal(true);
      expect(holdsCardNumber(number.replace(/(\d{4})(?=\d)/g, '$1 ')), number).to.equal(true);
    }
  });

  it('rarely by mistake: in some 2% of random numbers of 16 digits, in no UUID', () => {
    // Luhn alone passes 10%; brand and length leave about a fifth of those.
    const numbers = Array.from({ length: 20_000 }, (_none, seed) => digitsOf(seed, 16));
    const mistaken = numbers.filter(holdsCardNumber).length / numbers.length;
    expect(mistaken).to.be.within(0.01, 0.03);
    const uuids = Array.from({ length: 20_000 }, () => randomUUID());
    expect(uuids.filter(holdsCardNumber)).to.deep.equal([]);
    // The first three groups are a card number by their digits.
    expect(holdsCardNumber('42424242-4242-4242-a242-0e8f1c9a3b7d')).to.equal(false);
    expect(holdsCardNumber('42424242-4242-4242-a242')).to.equal(true);
    expect(holdsCardNumber('42424242-4242-4242-8242-018110930700')).to.equal(true);
    // A letter behind it makes it no id.
    expect(holdsCardNumber('42424242-4242-4242-8242-018110930700 abc')).to.equal(true);
  });

  it('in none of our own ids', () => {
    const ids = Array.from({ length: 20_000 }, () => newId('payment', Date.UTC(2026, 10, 21)));
    expect(ids.filter(holdsCardNumber)).to.deep.equal([]);
  });

  it('hardly ever when the number does not begin as a card does', () => {
    // Order numbers that begin with the year: 20… is nobody's prefix.
    const orders = Array.from({ length: 5000 }, (_none, seed) => `2026${digitsOf(seed, 12)}`);
    expect(orders.filter(holdsCardNumber)).to.deep.equal([]);
  });
});
