/** The rule author's guide, held against the rules: its examples run, and it leaves nothing out. */
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { rulesFileSchemaText } from './editor-schema.ts';
import { fieldNames } from './fields.ts';
import { lint } from './lint.ts';
import { parseRules } from './parse.ts';
import { strategyNames } from './rule.ts';
import { runTests } from './run-tests.ts';
import { exclusionReasons } from './why.ts';

const read = (name: string) =>
  readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');
const guide = read('routing.md');
const examples = [...guide.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, code = '']) => code);

/** A condition alone stands in a rule of its own. */
function whole(example: string): string {
  if (example.startsWith('version:')) return example;
  const rule = example.replaceAll(/^(?=.)/gm, '    ');
  return `version: 1\nrules:\n  - name: example\n${rule}    use: { strategy: random, accounts: all }\ndefault: { strategy: random, accounts: all }\n`;
}

describe('the routing guide', () => {
  it('has examples of whole files and of conditions', () => {
    const files = examples.filter((example) => example.startsWith('version:'));
    expect(files.length).to.be.at.least(4);
    expect(examples.length - files.length).to.be.at.least(3);
  });

  for (const [at, example] of examples.entries()) {
    it(`is right in example ${at + 1}`, () => {
      const { rules, findings } = parseRules(whole(example), 'example.yaml');
      expect(findings).to.equal(undefined);
      if (!rules) return;
      expect(lint(rules)).to.deep.equal([]);
      const failed = runTests(rules).flatMap((test) => test.findings);
      expect(failed).to.deep.equal([]);
    });
  }

  it('names every field, strategy and reason', () => {
    for (const name of [...fieldNames, ...strategyNames, ...exclusionReasons]) {
      expect(guide).to.contain(`\`${name}\``);
    }
  });
});

describe('the schema for editors', () => {
  it('is committed as it is made', () => {
    expect(read('routing.schema.json')).to.equal(rulesFileSchemaText());
  });
});
