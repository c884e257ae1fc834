/** Rules files that are right: read and linted without a word, and right for the editor too. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import { rulesFileSchema } from './editor-schema.ts';
import { lint } from './lint.ts';
import { parseRules } from './parse.ts';
import { readYaml } from './document.ts';

const accounts = [
  { id: 'acct_1', name: 'main', tags: ['eu'], weight: 3 },
  { id: 'acct_2', name: 'second', tags: ['eu', 'asia'], weight: 1 },
];

const last = 'default: { strategy: failover, accounts: all }';
const file = (when: string, use = '{ strategy: failover, accounts: [main] }') =>
  `version: 1\nrules:\n  - name: one\n    when: ${when}\n    use: ${use}\n${last}\n`;
const used = (use: string) => file('{ currency: USD }', use);
const more = (text: string) =>
  `version: 1\nrules:\n  - name: one\n    when: { currency: USD }\n    use: { strategy: random, accounts: all }\n${text}${last}\n`;
const tested = (test: string) => `${more('')}tests:\n  - ${test}\n`;

const good: readonly string[] = [
  file('{ currency: USD }'),
  file('{ currency: [USD, EUR] }'),
  file('{ currency: { not: USD } }'),
  file('{ currency: { in: [USD, EUR], not: EUR } }'),
  file('{ amount: { currency: USD, gte: 100 } }'),
  file('{ amount: { currency: JPY, from: 100, to: 200 } }'),
  file('{ amount: { currency: BHD, gt: 1, lt: 3 } }'),
  file('{ amount: { currency: USD, equal: 0 } }'),
  file('{ amount: [{ currency: USD, gte: 100 }, { currency: IDR, gte: 1500000 }] }'),
  file('{ payment_method: card }'),
  file('{ payment_method: [card, token] }'),
  file('{ capture_method: manual }'),
  file('{ authentication_type: { exists: false } }'),
  file('{ authentication_type: three_ds, card_brand: visa }'),
  file('{ card_brand: { not: [amex, diners] } }'),
  file('{ card_bin: "411111" }'),
  file('{ card_bin: 411111 }'),
  file('{ card_bin: { from: 400000, to: 499999 } }'),
  file('{ card_bin: [4111, { from: 51, to: 55 }, "62123456"] }'),
  file('{ card_bin: { not: 4 } }'),
  file('{ card_bin: { exists: true } }'),
  file('{ card_country: ID }'),
  file('{ card_country: [NO, "NO", GB] }'),
  file('{ card_funding: prepaid }'),
  file('{ billing_country: { in: [DE, AT, CH] } }'),
  file('{ shipping_country: { not: DE, exists: true } }'),
  file('{ customer: cus_01kb00000000000000000000000 }'),
  file('{ customer: { exists: true } }'),
  file('{ returning_customer: true }'),
  file('{ profile: prof_01kb0000000000000000000000 }'),
  file('{ metadata: { plan: gold } }'),
  file('{ metadata: { plan: [gold, silver], test: false, level: 5 } }'),
  file('{ metadata: { score: { gte: 0.5, lt: 0.75 } } }'),
  file('{ metadata: { plan: { exists: false } } }'),
  file('{ time: { zone: Asia/Jakarta } }'),
  file('{ time: { zone: UTC, days: [sat, sun] } }'),
  file('{ time: { zone: Europe/Berlin, from: "22:00", to: "06:00" } }'),
  file('{ time: [{ zone: UTC, from: "08:00", to: "12:00" }, { zone: UTC, from: "13:00" }] }'),
  file('{ attempt: 1 }'),
  file('{ attempt: { gte: 2 } }'),
  file('{ attempt: [2, { gt: 5 }] }'),
  file('{ off_session: true }'),
  file('{ not: { currency: USD } }'),
  file('{ any: [{ currency: USD }, { currency: EUR, attempt: 1 }] }'),
  file('{ all: [{ not: { any: [{ card_brand: visa }, { off_session: true }] } }] }'),
  used('{ strategy: round_robin, accounts: all }'),
  used('{ strategy: least_used, accounts: "tag:eu" }'),
  used('{ strategy: failover, accounts: [second, acct_1] }'),
  used('{ strategy: weighted, accounts: [main, tag:asia] }'),
  used('{ strategy: weighted_round_robin, accounts: all }'),
  used(
    '{ strategy: weighted_round_robin, accounts: [main, second], weights: { main: 6, second: 4 } }',
  ),
  used('{ strategy: weighted_round_robin, accounts: all, catch_up: 20 }'),
  more('    description: Because of the fees.\n'),
  more('    failover: { max_attempts: 1 }\n'),
  more('    failover: { soft_declines: false }\n'),
  more('    retry_later: { max_attempts: 3, within_hours: 72 }\n'),
  tested('{ name: a, payment: { amount: 1, currency: USD }, expect: { rule: one } }'),
  tested(
    '{ name: b, payment: { amount: 1, currency: EUR, at: "2026-11-21T10:00:00+07:00", card_bin: 411111 }, unavailable: [main], expect: { rule: default, order: [second] } }',
  ),
  `version: 1\ngroups: { europe: [main, tag:eu] }\nrules: []\ndefault: { strategy: failover, accounts: europe }\n`,
  `version: 1\nrules:\n  - name: all of it\n    when: { any: [{ currency: USD }, { currency: { not: USD } }] }\n    use: { strategy: random, accounts: all }\n`,
  `# comment\n---\nversion: 1\nrules: &none []\n${last}\ntests: *none\n`,
];

describe('a good rules file', () => {
  const validate = new Ajv2020({ strictTypes: false }).compile(rulesFileSchema());

  it('there are fifty kinds of', () => {
    expect(new Set(good).size).to.equal(good.length).and.to.be.at.least(50);
  });

  for (const text of good) {
    const title = text.replace(/^version: 1 |\s+/g, ' ');
    it(`passes in silence: ${title.trim().slice(0, 80)}`, () => {
      const parsed = parseRules(text, 'rules.yaml', { accounts });
      expect(parsed.findings).to.equal(undefined);
      expect(parsed.rules && lint(parsed.rules, { accounts })).to.deep.equal([]);
      expect(
        validate(readYaml(text, 'rules.yaml').value),
        JSON.stringify(validate.errors),
      ).to.equal(true);
    });
  }

  it('is told from a bad one by the editor’s schema as well', () => {
    const bad = ['{ curency: USD }', '{ currency: usd }', '{ amount: 5 }', '{ attempt: 0 }', '{}'];
    for (const when of bad) expect(validate(readYaml(file(when), 'x').value), when).to.equal(false);
  });
});

describe('the version of rules', () => {
  const versionOf = (text: string) => parseRules(text, 'rules.yaml').rules?.version;

  it('does not change with comments, layout, tests and the order of a list of values', () => {
    const text = file('{ currency: [USD, EUR], amount: { currency: USD, gte: 100 } }');
    const same = [
      `# hello\n${text}`,
      file('{ amount: { gte: 100, currency: USD }, currency: [EUR, USD] }'),
      file('\n      currency: [USD, EUR]\n      amount:\n        currency: USD\n        gt: 99'),
      `${text}tests:\n  - { name: a, payment: { amount: 1, currency: USD }, expect: { rule: default } }\n`,
    ];
    for (const one of same) expect(versionOf(one), one).to.equal(versionOf(text));
  });

  it('changes with whatever decides', () => {
    const texts = [
      file('{ currency: USD }'),
      file('{ currency: EUR }'),
      file('{ not: { currency: USD } }'),
      file('{ currency: USD }', '{ strategy: failover, accounts: [second] }'),
      file('{ currency: USD }', '{ strategy: failover, accounts: [main, second] }'),
      file('{ currency: USD }', '{ strategy: failover, accounts: [second, main] }'),
      file('{ currency: USD }').replace('name: one', 'name: two'),
      file('{ currency: USD }').replace(last, ''),
      more(''),
      more('    failover: { max_attempts: 1 }\n'),
      more('    retry_later: { max_attempts: 3, within_hours: 72 }\n'),
    ];
    expect(new Set(texts.map(versionOf)).size).to.equal(texts.length);
  });
});
