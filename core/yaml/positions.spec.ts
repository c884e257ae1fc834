/** The reusable half: any YAML text against any schema. */
import { expect } from 'chai';
import { Type } from 'typebox';
import { checkAgainst, readYaml } from './positions.ts';

const Rules = Type.Object(
  {
    rules: Type.Array(
      Type.Object(
        {
          to: Type.String({ minLength: 1, maxLength: 20 }),
          when: Type.Union([
            Type.Object({ currency: Type.Enum(['USD', 'EUR']) }, { additionalProperties: false }),
            Type.Literal('always'),
          ]),
        },
        { additionalProperties: false },
      ),
      { minItems: 1 },
    ),
  },
  { additionalProperties: false },
);

function check(yaml: string): string[] {
  return checkAgainst(Rules, readYaml(yaml, 'rules.yaml')).map(({ place, key, message }) => {
    const { line, column } = place as { line: number; column: number };
    return `${line}:${column} ${key}: ${message}`;
  });
}

describe('checkAgainst', () => {
  it('finds nothing wrong with what is right', () => {
    expect(
      check('rules:\n  - { to: a, when: always }\n  - { to: b, when: { currency: USD } }'),
    ).to.deep.equal([]);
  });

  it('points to a missing key by what it is missing from', () => {
    expect(check('rules:\n  - to: a\n    when: always\n  - when: always')).to.deep.equal([
      '4:5 rules[1].to: this key is missing, allowed: text of 1 to 20 characters',
    ]);
  });

  it('says of a choice that fits nowhere what would fit', () => {
    expect(check('rules:\n  - to: a\n    when: sometimes')).to.deep.equal([
      '3:11 rules[0].when: found "sometimes", allowed: a mapping with the keys currency or "always"',
    ]);
  });

  it('says of a choice that nearly fits what is wrong inside', () => {
    expect(check('rules:\n  - to: a\n    when:\n      currency: UDS')).to.deep.equal([
      '4:17 rules[0].when.currency: found "UDS", allowed: USD or EUR (did you mean "USD"?)',
    ]);
  });

  it('counts the entries of a list', () => {
    expect(check('rules: []')).to.deep.equal([
      '1:8 rules: found a list, allowed: a list (entries: of at least 1), each a mapping with the keys to, when',
    ]);
  });
});

describe('readYaml', () => {
  const document = readYaml('# head\na:\n  - b: "x ${Y}"\n    c: 1\n', 'some.yaml');

  it('remembers where keys and values stand', () => {
    expect(document.at(['a', 0, 'b'])).to.deep.equal({ file: 'some.yaml', line: 3, column: 8 });
    expect(document.at(['a', 0, 'b'], 'key')).to.include({ line: 3, column: 5 });
    expect(document.at(['a', 0, 'b'], 'value', '${Y}')).to.include({ line: 3, column: 11 });
    expect(document.at(['a'], 'key')).to.include({ line: 2, column: 1 });
  });

  it('points to the nearest thing above a key that is not there', () => {
    expect(document.at(['a', 0, 'z', 'y'])).to.include({ line: 3, column: 5 });
    expect(document.at(['z'])).to.include({ line: 2, column: 1 });
  });

  it('answers line 1 of an empty file', () => {
    expect(readYaml('', 'some.yaml').at(['a'])).to.include({ line: 1, column: 1 });
  });
});
