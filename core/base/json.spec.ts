/** One canonical spelling: bodies that mean the same have the same fingerprint, others do not. */
import { expect } from 'chai';
import fc from 'fast-check';
import { canonicalJson, type Json } from './json.ts';

function shuffled(value: Json): Json {
  if (Array.isArray(value)) return value.map((item: Json) => shuffled(item));
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).toReversed() as [string, Json][];
  return Object.fromEntries(entries.map(([key, item]) => [key, shuffled(item)]));
}

describe('canonical JSON', () => {
  it('means what it was made from', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const text = canonicalJson(value);
        expect(JSON.parse(text)).to.deep.equal(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('does not depend on the order of keys, at any depth', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(shuffled(value))).to.equal(canonicalJson(value));
      }),
    );
  });

  it('sorts keys, leaves the order of lists, drops what is undefined', () => {
    const value = { b: [2, 1], a: { d: undefined, c: null }, '': true };
    expect(canonicalJson(value)).to.equal('{"":true,"a":{"c":null},"b":[2,1]}');
  });

  it('tells apart what differs by type alone', () => {
    const spellings = [1, '1', true, 'true', null, 'null', [], {}, [1], { 0: 1 }];
    expect(new Set(spellings.map((value) => canonicalJson(value))).size).to.equal(10);
  });
});
