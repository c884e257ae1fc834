/** Which payments a condition holds for; boundaries, unknown facts, zones. */
import { expect } from 'chai';
import { ruleFor } from './decide.ts';
import type { PaymentFacts } from './facts.ts';
import { named, payment } from './spec-world.ts';

/** Whether a condition holds for a payment. */
function holds(when: string, facts: Partial<PaymentFacts>): boolean {
  return ruleFor(named({ one: when }), payment(facts))?.name === 'one';
}

const at = (text: string) => ({ at_ms: Date.parse(text) });

describe('a condition', () => {
  const cases: readonly [
    when: string,
    yes: Partial<PaymentFacts>[],
    no: Partial<PaymentFacts>[],
  ][] = [
    [
      '{ amount: { currency: USD, gte: 100, lt: 200 } }',
      [{ amount: 100 }, { amount: 199 }],
      [{ amount: 99 }, { amount: 200 }, { amount: 100, currency: 'EUR' }],
    ],
    [
      '{ amount: { currency: USD, from: 100, to: 200 } }',
      [{ amount: 100 }, { amount: 200 }],
      [{ amount: 201 }],
    ],
    [
      '{ amount: { currency: USD, gt: 100, lte: 200 } }',
      [{ amount: 101 }, { amount: 200 }],
      [{ amount: 100 }],
    ],
    [
      '{ amount: [{ currency: USD, equal: 5 }, { currency: JPY, equal: 7 }] }',
      [{ amount: 5 }, { amount: 7, currency: 'JPY' }],
      [{ amount: 7 }],
    ],
    ['{ currency: { not: [USD, EUR] } }', [{ currency: 'IDR' }], [{}, { currency: 'EUR' }]],
    ['{ card_brand: visa }', [{ card_brand: 'visa' }], [{}, { card_brand: 'amex' }]],
    ['{ card_brand: { not: visa } }', [{}, { card_brand: 'amex' }], [{ card_brand: 'visa' }]],
    [
      '{ card_brand: { not: visa, exists: true } }',
      [{ card_brand: 'amex' }],
      [{}, { card_brand: 'visa' }],
    ],
    ['{ customer: { exists: false } }', [{}], [{ customer: 'cus_1' }]],
    [
      '{ returning_customer: false }',
      [{ returning_customer: false }],
      [{}, { returning_customer: true }],
    ],
    [
      '{ card_bin: 4111 }',
      [{ card_bin: '411199' }, { card_bin: '41110000' }],
      [{}, { card_bin: '411200' }],
    ],
    [
      '{ card_bin: { from: 400000, to: 400001 } }',
      [{ card_bin: '400001' }, { card_bin: '40000199' }],
      [{ card_bin: '400002' }],
    ],
    // Six digits do not tell which of the hundred it is.
    [
      '{ card_bin: "41111100" }',
      [{ card_bin: '41111100' }],
      [{ card_bin: '411111' }, { card_bin: '41111101' }],
    ],
    [
      '{ card_bin: { from: "41111150", to: "41111299" } }',
      [{ card_bin: '411112' }, { card_bin: '41111150' }],
      [{ card_bin: '411111' }, { card_bin: '411113' }],
    ],
    [
      '{ not: { currency: USD, card_brand: visa } }',
      [{ card_brand: 'amex' }, { currency: 'EUR', card_brand: 'visa' }],
      [{ card_brand: 'visa' }],
    ],
    [
      '{ metadata: { plan: 5 } }',
      [{ metadata: { plan: 5 } }, { metadata: { plan: '5' } }],
      [{}, { metadata: { plan: null } }],
    ],
    [
      '{ metadata: { score: { gt: 0.5 } } }',
      [{ metadata: { score: 0.51 } }, { metadata: { score: '3' } }],
      [{ metadata: { score: 0.5 } }, { metadata: { score: 'high' } }],
    ],
    [
      '{ metadata: { toString: { exists: true } } }',
      [{ metadata: { toString: 'x' } }],
      [{ metadata: {} }],
    ],
    [
      '{ attempt: { gte: 2 }, off_session: true }',
      [{ attempt: 2, off_session: true }],
      [{ attempt: 2 }, { off_session: true }],
    ],
    [
      '{ any: [{ attempt: 2 }, { not: { currency: USD } }] }',
      [{ attempt: 2 }, { currency: 'EUR' }],
      [{}],
    ],
    [
      '{ time: { zone: Asia/Jakarta, days: [mon], from: "09:00", to: "17:00" } }',
      [at('2026-01-05T02:00:00Z'), at('2026-01-05T09:59:59Z')],
      [at('2026-01-05T01:59:59Z'), at('2026-01-05T10:00:00Z'), at('2026-01-06T03:00:00Z')],
    ],
    [
      '{ time: { zone: UTC, days: [sun], from: "22:00", to: "06:00" } }',
      [at('2026-01-04T23:00:00Z'), at('2026-01-05T05:59:00Z')],
      [at('2026-01-04T05:00:00Z'), at('2026-01-05T22:00:00Z')],
    ],
    // Summer time began on 29 March 2026 at 02:00 in Berlin.
    [
      '{ time: { zone: Europe/Berlin, from: "08:00", to: "09:00" } }',
      [at('2026-03-28T07:30:00Z'), at('2026-03-29T06:30:00Z')],
      [at('2026-03-29T07:30:00Z')],
    ],
  ];
  for (const [when, yes, no] of cases) {
    it(`holds when it should, and only then: ${when}`, () => {
      for (const facts of yes) expect(holds(when, facts), JSON.stringify(facts)).to.equal(true);
      for (const facts of no) expect(holds(when, facts), JSON.stringify(facts)).to.equal(false);
    });
  }
});
