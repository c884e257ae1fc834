/** The mask over card numbers, and what it must leave alone. */
import { expect } from 'chai';
import { maskCards } from './card-mask.ts';

const cases: readonly [title: string, text: string, masked: string][] = [
  ['a plain number', 'card 4242424242424242 failed', 'card 424242******4242 failed'],
  ['spaces', '4242 4242 4242 4242', '424242******4242'],
  ['dashes', 'pan=4000-0000-0000-9995.', 'pan=400000******9995.'],
  ['dots', '4000.0000.0000.9995', '400000******9995'],
  ['spaced dashes', '4242 - 4242 - 4242 - 4242', '424242******4242'],
  ['no-break spaces', '4242\u00a04242\u00a04242\u00a04242', '424242******4242'],
  ['13 digits', '4222222222222', '422222***2222'],
  ['15 digits', '378282246310005', '378282*****0005'],
  ['the 4-6-5 spelling', '3782 822463 10005', '378282*****0005'],
  ['19 digits', '6011000990139424009', '601100*********4009'],
  ['a JSON number', '{"number":4242424242424242}', '{"number":424242******4242}'],
  ['letters on both sides', 'x4242424242424242y', 'x424242******4242y'],
  ['two cards', '4242424242424242,5555555555554444', '424242******4242,555555******4444'],
  ['an amount in front', 'paid 12 4242 4242 4242 4242', 'paid 12 424242******4242'],
  ['an expiry behind', '4242 4242 4242 4242 12/34', '424242******4242 12/34'],
];

describe('maskCards', () => {
  for (const [title, text, masked] of cases) {
    it(`masks a card number written with: ${title}`, () => {
      expect(maskCards(text)).to.equal(masked);
    });
  }

  const innocent = [
    'order 4242424242424241 is not a card',
    '424242424242',
    '2026-11-21T10:00:00.000Z',
    'a run of 24 digits 424242424242424242424242 is an id',
    'pay_01jd0000000000000000000000'.replaceAll('0', 'a'),
    '',
  ];
  for (const text of innocent) {
    it(`leaves "${text}" alone`, () => {
      expect(maskCards(text)).to.equal(text);
    });
  }

  it('never shows more than ten digits of a card, whatever groups stand around it', () => {
    for (let amount = 0; amount < 1000; amount += 1) {
      const masked = maskCards(`${amount} 4242 4242 4242 4242 ${amount}`);
      expect(masked).not.to.match(/4242\D?4242\D?4242/);
      expect(masked).to.contain('*');
    }
  });

  it('masks what it has masked only once', () => {
    const once = maskCards('4242424242424242 and 378282246310005');
    expect(maskCards(once)).to.equal(once);
  });
});
