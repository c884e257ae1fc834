/** Masking: what a settings schema does not call harmless is not shown. */
import { expect } from 'chai';
import { Type } from 'typebox';
import { secretText } from '../sdk/schema.ts';
import { strict } from '../sdk/vocabulary.ts';
import { mask, masked } from './present.ts';

describe('masked settings', () => {
  const schema = strict({
    merchant: Type.String(),
    key: secretText('API key'),
    keys: Type.Array(strict({ id: Type.String(), private: secretText('Key') })),
    choice: Type.Union([strict({ token: secretText('Token') }), Type.String()]),
    limits: strict({ daily: Type.Integer(), label: Type.String() }),
  });

  it('show what is harmless and mask every secret, however deep', () => {
    const settings = {
      merchant: 'M-1',
      key: 'sk_hidden',
      keys: [{ id: 'a', private: 'hidden-a' }],
      choice: { token: 'hidden-b' },
      limits: { daily: 5, label: 'small' },
    };
    expect(masked(schema, settings)).to.deep.equal({
      merchant: 'M-1',
      key: mask,
      keys: [{ id: 'a', private: mask }],
      choice: mask,
      limits: { daily: 5, label: 'small' },
    });
  });

  it('mask what stands beside a secret and is not in the schema (any more)', () => {
    const settings = { merchant: 'M-1', retired: 'hidden', ['__proto__x']: 'hidden' };
    expect(masked(schema, settings)).to.deep.equal({
      merchant: 'M-1',
      retired: mask,
      ['__proto__x']: mask,
    });
  });

  it('mask a value that has another shape than its schema', () => {
    expect(masked(schema, { keys: 'hidden', key: { a: 'hidden' } })).to.deep.equal({
      keys: mask,
      key: mask,
    });
  });

  it('mask what a reference leads to', () => {
    expect(masked({ properties: { a: { $ref: '#/$defs/a' } } }, { a: 1 })).to.deep.equal({
      a: mask,
    });
  });
});
