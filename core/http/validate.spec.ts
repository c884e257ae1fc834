/** What a refusal says: which field, which rule, and what was found; one sentence a keyword. */
import { expect } from 'chai';
import { Type } from 'typebox';
import { Problem } from '../sdk/problem.ts';
import { nullable, oneOf, strict } from '../sdk/vocabulary.ts';
import { bodyCheck, replyFault, textCheck } from './validate.ts';

const Body = strict({
  amount: Type.Integer({ minimum: 1, maximum: 1000 }),
  currency: Type.Optional(oneOf(['USD', 'EUR'])),
  country: Type.Optional(oneOf(Array.from({ length: 21 }, (_none, at) => `C${at}`))),
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 5 })),
  email: Type.Optional(Type.String({ format: 'email' })),
  code: Type.Optional(Type.String({ pattern: '^[a-z]+$' })),
  note: Type.Optional(nullable(Type.String())),
  lines: Type.Optional(
    Type.Array(strict({ quantity: Type.Integer({ minimum: 1 }) }), { maxItems: 2 }),
  ),
  metadata: Type.Optional(Type.Record(Type.String(), Type.String(), { maxProperties: 1 })),
});
const check = bodyCheck<{ amount: number }>(Body);

function refusal(value: unknown, checking: (value: unknown) => unknown = check): string {
  try {
    checking(value);
  } catch (error) {
    if (error instanceof Problem) return `${error.code} [${error.options.param}] ${error.message}`;
    throw error;
  }
  return 'taken';
}

describe('checking a body', () => {
  it('hands on what is right, as it is', () => {
    const body = { amount: 1000, currency: 'USD', note: null, lines: [{ quantity: 1 }] };
    expect(check(body)).to.equal(body);
  });

  const cases: readonly [unknown, string][] = [
    [{}, 'invalid_request [amount] amount is required'],
    [{ lines: [{}], amount: 1 }, 'invalid_request [lines.0.quantity] lines.0.quantity is required'],
    [{ amount: '100' }, 'invalid_request [amount] amount must be integer, found a string'],
    [{ amount: 1.5 }, 'invalid_request [amount] amount must be integer, found a fraction'],
    [{ amount: null }, 'invalid_request [amount] amount must be integer, found null'],
    [{ amount: [1] }, 'invalid_request [amount] amount must be integer, found an array'],
    [{ amount: {} }, 'invalid_request [amount] amount must be integer, found an object'],
    [{ amount: true }, 'invalid_request [amount] amount must be integer, found a boolean'],
    [{ amount: 0 }, 'invalid_request [amount] amount must be >= 1'],
    [{ amount: -5 }, 'invalid_request [amount] amount must be >= 1'],
    [{ amount: 1001 }, 'invalid_request [amount] amount must be <= 1000'],
    [{ amount: 1, tip: 1 }, 'unknown_field [tip] tip is not a field of this request'],
    [
      { amount: 1, lines: [{ quantity: 1, price: 1 }] },
      'unknown_field [lines.0.price] lines.0.price is not a field of this request',
    ],
    [{ amount: 1, currency: 'usd' }, 'invalid_request [currency] currency must be one of USD, EUR'],
    [
      { amount: 1, country: 'X' },
      'invalid_request [country] country must be a value of the documented list',
    ],
    [{ amount: 1, name: '' }, 'invalid_request [name] name must NOT have fewer than 1 characters'],
    [
      { amount: 1, name: 'x'.repeat(6) },
      'invalid_request [name] name must NOT have more than 5 characters',
    ],
    [{ amount: 1, email: 'jane' }, 'invalid_request [email] email must match format "email"'],
    [{ amount: 1, code: 'A' }, 'invalid_request [code] code must match pattern "^[a-z]+$"'],
    [{ amount: 1, note: 5 }, 'invalid_request [note] note must match a schema in anyOf'],
    [
      { amount: 1, lines: [1, 2, 3].map((quantity) => ({ quantity })) },
      'invalid_request [lines] lines must NOT have more than 2 items',
    ],
    [
      { amount: 1, metadata: { a: 'a', b: 'b' } },
      'invalid_request [metadata] metadata must NOT have more than 1 properties',
    ],
    [[], 'invalid_request [undefined] the body must be object, found an array'],
    ['text', 'invalid_request [undefined] the body must be object, found a string'],
    [null, 'invalid_request [undefined] the body must be object, found null'],
  ];
  for (const [value, said] of cases) {
    it(`says of ${JSON.stringify(value)}: ${said}`, () => {
      expect(refusal(value)).to.equal(said);
    });
  }

  it('takes numbers that JSON cannot hold for what they are not', () => {
    for (const amount of [Number.NaN, Infinity, -Infinity, 2 ** 60]) {
      expect(refusal({ amount })).to.match(/^invalid_request \[amount\]/);
    }
  });

  it('is not led astray by a field that every object inherits', () => {
    const own = JSON.parse('{"amount":1,"__proto__":{"amount":2}}') as unknown;
    expect(refusal(own)).to.match(/^unknown_field/);
    expect(refusal({ amount: 1, toString: 1 })).to.match(/^unknown_field \[toString\]/);
  });
});

describe('checking a query or a path', () => {
  const Query = strict({
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
    has_refund: Type.Optional(Type.Boolean()),
  });
  const query = textCheck(Query, 'the query');

  it('reads text as what the schema wants', () => {
    expect(query({ limit: '10', has_refund: 'true' })).to.deep.equal({
      limit: 10,
      has_refund: true,
    });
  });

  it('refuses text that is not that', () => {
    for (const limit of ['ten', '1.5', '0', '101', '1e9']) {
      expect(refusal({ limit }, query)).to.match(/^invalid_request \[limit\]/);
    }
    expect(refusal({ has_refund: 'yes' }, query)).to.match(/^invalid_request \[has_refund\]/);
    expect(refusal({ offset: '1' }, query)).to.match(/^unknown_field \[offset\]/);
  });
});

describe('checking an answer of ours', () => {
  it('tells what is wrong with it, or nothing', () => {
    const fault = replyFault(strict({ id: Type.String() }));
    expect(fault({ id: 'pay_1' })).to.equal(undefined);
    expect(fault({ id: 1 })).to.equal('reply/id must be string');
    expect(fault({ id: 'pay_1', secret: 'x' })).to.contain('must NOT have additional');
  });
});
