/** Fields of dialects: every complaint at once, and how far leniency goes. */
import { expect } from 'chai';
import { Type } from 'typebox';
import { fieldsCheck, FieldsRefused } from './dialect-fields.ts';

const schema = Type.Object({
  amount: Type.Number({ minimum: 1 }),
  note: Type.Optional(Type.String()),
  express: Type.Optional(Type.Boolean()),
  items: Type.Optional(Type.Array(Type.Object({ count: Type.Integer() }))),
  more: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});

function told(lenient: boolean, value: unknown): unknown {
  try {
    return fieldsCheck(schema, 'body', lenient)(value);
  } catch (error) {
    if (!(error instanceof FieldsRefused)) throw error;
    return error.fields.map(({ field, rule }) => `${field} ${rule}`);
  }
}

describe('fields of a dialect', () => {
  it('are taken at their word', () => {
    expect(told(false, { amount: 1, express: true })).to.deep.equal({ amount: 1, express: true });
    expect(told(false, { amount: '1', note: 2 })).to.deep.equal(['amount type', 'note type']);
    expect(told(false, {})).to.deep.equal(['amount required']);
  });

  it('are read leniently where that is the custom: text as numbers, null as nothing', () => {
    const given = { amount: '2.5', note: 7, express: 'true', items: [{ count: '3' }] };
    const read = { amount: 2.5, note: '7', express: true, items: [{ count: 3 }] };
    expect(told(true, given)).to.deep.equal(read);
    expect(told(true, { amount: 1, note: null })).to.deep.equal({ amount: 1 });
    expect(told(true, { amount: null })).to.deep.equal(['amount required']);
  });

  it('never take true for one', () => {
    expect(told(true, { amount: true })).to.deep.equal(['amount type']);
    const both = { amount: true, items: [{ count: 1 }, { count: true }], express: false };
    expect(told(true, both)).to.deep.equal(['amount type', 'items.1.count type']);
    const free = { amount: 1, express: true, more: { gift: true } };
    expect(told(true, structuredClone(free))).to.deep.equal(free);
  });
});
