/** What no schema says: depth, size, text that is no text, and card numbers out of their place. */
import { expect } from 'chai';
import type { Json } from '../base/json.ts';
import { Problem } from '../sdk/problem.ts';
import { inspect, refuseCardNumber } from './inspect.ts';

const cardField = ['payment_method', 'card', 'number'] as const;
const number = '4242424242424242';

function refusal(body: Json, field: readonly string[] = cardField): string {
  try {
    inspect(body, field.length === 0 ? undefined : field);
  } catch (error) {
    if (error instanceof Problem) return `${error.code} [${error.options.param}]`;
    throw error;
  }
  return 'taken';
}

function nested(depth: number): Json {
  let value: Json = 'deep';
  for (let level = 0; level < depth; level += 1) value = { a: value };
  return value;
}

describe('inspecting a body', () => {
  it('takes an ordinary one', () => {
    const text = 'Zażółć gęślą jaźń — 東京 🎉\n\ttab';
    expect(refusal({ text, list: [1, null, true], amount: 999_999_999_999 })).to.equal('taken');
  });

  it('takes a card number in the card’s own field, and nowhere else', () => {
    expect(refusal({ payment_method: { card: { number } } })).to.equal('taken');
    expect(refusal({ payment_method: { card: { holder_name: number } } })).to.equal(
      'card_data_misplaced [payment_method.card.holder_name]',
    );
    expect(refusal({ description: `paid with ${number}` })).to.contain('[description]');
    expect(refusal({ metadata: { list: ['a', number] } })).to.contain('[metadata.list.1]');
    expect(refusal({ payment_method: { card: { number } } }, [])).to.contain('card_data');
  });

  it('finds a card number that stands as a field’s name, or as a number', () => {
    expect(refusal({ metadata: { [number]: 'x' } })).to.equal('card_data_misplaced [metadata]');
    expect(refusal({ [number]: 'x' })).to.equal('card_data_misplaced [a field name]');
    expect(refusal({ metadata: { a: 4242424242424242 } })).to.contain('card_data_misplaced');
  });

  it('is not fooled by a field name with dots in it', () => {
    const body = { 'payment_method.card': { number } };
    expect(refusal(body)).to.contain('card_data_misplaced');
  });

  it('takes sixteen levels and a thousand members, and not one more', () => {
    expect(refusal(nested(16))).to.equal('taken');
    expect(refusal(nested(17))).to.equal('invalid_json [undefined]');
    const members = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_none, at) => [`k${at}`, at]));
    expect(refusal(members(1000))).to.equal('taken');
    expect(refusal(members(1001))).to.equal('invalid_json [undefined]');
    expect(refusal(Array(1001).fill(0) as Json)).to.equal('invalid_json [undefined]');
  });

  it('refuses names that JavaScript gives a meaning to, at any depth', () => {
    for (const name of ['__proto__', 'constructor', 'prototype']) {
      const body = JSON.parse(`{"metadata":{"${name}":{"admin":true}}}`) as Json;
      expect(refusal(body)).to.equal(`unknown_field [metadata.${name}]`);
    }
    expect({}).not.to.have.property('admin');
  });

  const bad: readonly [string, string][] = [
    ['a null character', 'a\u0000b'],
    ['an escape sequence', '\u001b[31m'],
    ['a delete', '\u007f'],
    ['a C1 control', '\u0085'],
    ['a half of a surrogate pair', 'a\ud800'],
    ['text that turns direction', 'user\u202egpj.exe'],
    ['an isolate', '\u2066'],
  ];
  for (const [what, text] of bad) {
    it(`refuses ${what}, in a value and in a name`, () => {
      expect(refusal({ description: text })).to.equal('invalid_request [description]');
      expect(refusal({ metadata: { [text]: 1 } })).to.equal('invalid_request [metadata]');
    });
  }

  it('refuses numbers that JSON wrote too large for a number', () => {
    const body = JSON.parse('{"amount":1e400}') as Json;
    expect(refusal(body)).to.equal('invalid_request [amount]');
  });
});

describe('a token of somebody else’s', () => {
  it('may have digits that pass for a card number, where tokens stand and nowhere else', () => {
    const body = { payment_method: { token: `${number}-4d3e` } };
    expect(() => inspect(body, cardField, ['payment_method.token'])).not.to.throw();
    const elsewhere = { description: `${number}-4d3e` };
    expect(refusal(elsewhere)).to.contain('card_data_misplaced');
  });

  it('is refused when it is nothing but a card number', () => {
    const body = { payment_method: { token: number } };
    expect(() => inspect(body, cardField, ['payment_method.token'])).to.throw(Problem);
  });
});

describe('a header or a query', () => {
  it('holds no card number either', () => {
    expect(() => refuseCardNumber(`key-${number}`, 'Idempotency-Key')).to.throw(Problem);
    expect(() => refuseCardNumber('order-2026-000017', 'Idempotency-Key')).not.to.throw();
  });
});
