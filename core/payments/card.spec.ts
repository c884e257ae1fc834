/** Reading a payment method: what is sent on, what is kept, what is refused and why. */
import { expect } from 'chai';
import { Keyring } from '../base/keyring.ts';
import { Problem } from '../sdk/problem.ts';
import { assertFields, readMethod, type Unsaved } from './method.ts';
import type { MethodBody } from './schema.ts';
import { nowMs } from './spec-world.ts';

const keyring = new Keyring(Buffer.alloc(32, 7));

function card(more: Partial<NonNullable<MethodBody['card']>> = {}): MethodBody {
  const plain = { number: '4242424242424242', exp_month: 12, exp_year: 2034, cvc: '123' };
  return { type: 'card', card: { ...plain, holder_name: 'Jane Doe', ...more } };
}

function read(body: MethodBody, merchantId = 'mer_1') {
  assertFields(body);
  return readMethod(body as MethodBody & { type: Unsaved }, merchantId, keyring, nowMs);
}

function refusal(body: MethodBody): string {
  try {
    read(body);
  } catch (error) {
    if (error instanceof Problem) return `${error.code} ${error.options.param}`;
    throw error;
  }
  return 'taken';
}

describe('reading a card', () => {
  it('keeps brand, first six, last four and expiry, and neither number nor CVC', () => {
    const { summary } = read(card());
    expect(summary).to.deep.include({
      type: 'card',
      brand: 'visa',
      bin: '424242',
      last4: '4242',
      exp_month: 12,
      exp_year: 2034,
      holder_name: 'Jane Doe',
    });
    expect(JSON.stringify(summary)).not.to.contain('4242424242424242').and.not.to.contain('123"');
  });

  it('hands number and CVC on as secrets, the spaces and dashes taken out', () => {
    const { input } = read(card({ number: '4242 4242-4242 4242' }));
    if (input.type !== 'card') throw new Error('a card was given');
    expect(input.number.reveal()).to.equal('4242424242424242');
    expect(input.cvc?.reveal()).to.equal('123');
    expect(JSON.stringify(input)).not.to.contain('4242');
  });

  it('gives the same card the same fingerprint with one merchant, and another with another', () => {
    const one = read(card()).summary.fingerprint;
    expect(read(card({ number: '4242-4242-4242-4242' })).summary.fingerprint).to.equal(one);
    expect(read(card(), 'mer_2').summary.fingerprint).not.to.equal(one);
    expect(read(card({ number: '4111111111111111' })).summary.fingerprint).not.to.equal(one);
    expect(one).to.match(/^[0-9a-f]{16}$/);
  });

  const cases: readonly [string, Parameters<typeof card>[0], string][] = [
    ['a wrong check digit', { number: '4242424242424241' }, 'number'],
    ['a length that the brand does not issue', { number: '42424242424242' }, 'number'],
    ['three CVC digits on an Amex', { number: '378282246310005', cvc: '123' }, 'cvc'],
    ['four CVC digits on a Visa', { cvc: '1234' }, 'cvc'],
    ['last month', { exp_month: 10, exp_year: 2026 }, 'exp_year'],
    ['an expiry in 51 years', { exp_month: 12, exp_year: 2077 }, 'exp_year'],
  ];
  for (const [what, more, field] of cases) {
    it(`refuses ${what}`, () => {
      expect(refusal(card(more))).to.equal(`invalid_card payment_method.card.${field}`);
    });
  }

  const fine: readonly [string, Parameters<typeof card>[0]][] = [
    ['the month that it expires in', { exp_month: 11, exp_year: 2026 }],
    ['an Amex with four CVC digits', { number: '378282246310005', cvc: '1234' }],
    ['a Visa of 13 digits', { number: '4222222222222' }],
    ['a brand that nobody knows', { number: '9999999999999995' }],
  ];
  for (const [what, more] of fine) {
    it(`takes ${what}`, () => {
      expect(refusal(card(more))).to.equal('taken');
    });
  }

  it('takes a card without CVC and holder, and says nothing of them', () => {
    const { number, exp_month, exp_year } = card().card ?? expect.fail('a card was made');
    const { input, summary } = read({ type: 'card', card: { number, exp_month, exp_year } });
    expect(input).to.include({ cvc: undefined, holder_name: undefined });
    expect(summary).not.to.have.property('holder_name');
  });
});

describe('reading a token', () => {
  it('keeps nothing but that it was one', () => {
    const { input, summary } = read({ type: 'token', token: 'tok_1' });
    expect(summary).to.deep.equal({ type: 'token' });
    expect(input.type === 'token' && input.token.reveal()).to.equal('tok_1');
  });

  it('refuses a type that does not fit what was given', () => {
    expect(refusal({ type: 'token' })).to.equal('invalid_request payment_method.token');
    expect(refusal({ ...card(), type: 'token', token: 't' })).to.contain('payment_method.card');
    expect(refusal({ type: 'card' })).to.equal('invalid_request payment_method.card');
    expect(refusal({ ...card(), token: 't' })).to.contain('payment_method.token');
    expect(refusal({ type: 'qris', bank: 'bca' })).to.contain('payment_method.bank');
    expect(refusal({ type: 'bank_transfer' })).to.contain('payment_method.bank');
    expect(refusal({ type: 'saved' })).to.contain('payment_method.id');
  });
});
