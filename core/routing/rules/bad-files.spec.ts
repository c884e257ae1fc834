/** Rules files that are wrong elsewhere than in a condition: each is told at its place. */
import { expect } from 'chai';
import { lint } from './lint.ts';
import { parseRules } from './parse.ts';

const accounts = [
  { id: 'acct_1', name: 'main', tags: ['eu'], weight: 1 },
  { id: 'acct_2', name: 'second', tags: ['eu', 'asia'], weight: 1 },
];

/** What is said of a file: place, key and message. */
function said(text: string): string[] {
  const parsed = parseRules(text, 'rules.yaml', { accounts });
  const findings = parsed.rules ? lint(parsed.rules, { accounts }) : parsed.findings;
  return findings.map(({ place, key, message }) => {
    const where = 'line' in place ? `${place.line}:${place.column}` : 'nowhere';
    return `${where} ${key === '' ? '' : `${key}: `}${message}`;
  });
}

type Case = readonly [title: string, text: string, place: string, message: string];

const last = 'default: { strategy: failover, accounts: all }\n';
const rule = (name: string, when: string, more = '') =>
  `  - name: ${name}\n    when: ${when}\n    use: { strategy: failover, accounts: main }\n${more}`;
const useOf = (use: string) =>
  `version: 1\nrules:\n  - name: one\n    when: { currency: USD }\n    use: ${use}\n${last}`;

const cases: readonly Case[] = [
  [
    'an unknown strategy',
    useOf('{ strategy: round-robin, accounts: all }'),
    '5:22',
    'rules[0].use.strategy: found "round-robin", allowed: weighted_round_robin, round_robin, weighted, least_used, failover or random (did you mean "round_robin"?)',
  ],
  [
    'no accounts',
    useOf('{ strategy: failover }'),
    '5:5',
    'rules[0].use.accounts: this key is missing, allowed: an account (name or id), a group, tag:<tag>, or all',
  ],
  [
    'an empty list of accounts',
    useOf('{ strategy: failover, accounts: [] }'),
    '5:42',
    'rules[0].use.accounts: found an empty list, allowed: a list of at least one: an account (name or id), a group, tag:<tag>, or all',
  ],
  [
    'an unknown account',
    useOf('{ strategy: failover, accounts: [main, secnd] }'),
    '5:49',
    'rules[0].use.accounts[1]: found "secnd", but there is no account or group of that name (did you mean "second"?)',
  ],
  [
    'an unknown tag',
    useOf('{ strategy: failover, accounts: "tag:ue" }'),
    '5:42',
    'rules[0].use.accounts: found "tag:ue", but there is no account with that tag (did you mean "tag:eu"?)',
  ],
  [
    'weights where none belong',
    useOf('{ strategy: failover, accounts: [main], weights: { main: 1 } }'),
    '5:50',
    'rules[0].use.weights: belongs to the strategy weighted_round_robin only',
  ],
  [
    'a weight for another',
    useOf('{ strategy: weighted_round_robin, accounts: [main], weights: { mian: 1 } }'),
    '5:73',
    'rules[0].use.weights.mian: found a weight for an account not used here, allowed: main (did you mean "main"?)',
  ],
  [
    'a weight below zero',
    useOf('{ strategy: weighted_round_robin, accounts: [main], weights: { main: -1 } }'),
    '5:79',
    'rules[0].use.weights.main: found -1, allowed: an integer from 0 to 10000',
  ],
  [
    'weights of zero',
    useOf('{ strategy: weighted_round_robin, accounts: [main], weights: { main: 0 } }'),
    '5:71',
    'rules[0].use.weights: every weight is 0, allowed: at least one account with a weight',
  ],
  [
    'an account twice',
    useOf('{ strategy: failover, accounts: [main, second, main] }'),
    '5:42',
    'rules[0].use.accounts: "main" stands twice in the list of accounts',
  ],
  [
    'nothing at all',
    `# only a comment\n`,
    '1:1',
    'the file holds nothing, allowed: a mapping with the keys version, groups, rules, default, tests',
  ],
  ['no version', `rules: []\n${last}`, '1:1', 'version: this key is missing, allowed: 1'],
  ['another version', `version: 2\nrules: []\n${last}`, '1:10', 'version: found 2, allowed: 1'],
  [
    'no rules',
    `version: 1\n${last}`,
    '1:1',
    'rules: this key is missing, allowed: a list of rules (it may be empty: [])',
  ],
  [
    'a tab',
    `version: 1\nrules:\n\t- name: x\n`,
    '3:1',
    'a tab is used to indent; YAML allows spaces only',
  ],
  [
    'a key twice',
    `version: 1\nrules: []\n${last}${last}`,
    '4:1',
    'default: this key is there twice in one mapping; keep one of them',
  ],
  [
    'a misspelt section',
    `version: 1\nrules: []\ndefalt: { strategy: failover, accounts: all }\n`,
    '3:1',
    'defalt: found an unknown key, allowed: version, groups, rules, default, tests (did you mean "default"?)',
  ],
  [
    'rules as a mapping',
    `version: 1\nrules: { one: 1 }\n${last}`,
    '2:8',
    'rules: found a mapping, allowed: a list of rules',
  ],
  [
    'a name twice',
    `version: 1\nrules:\n${rule('one', '{ currency: USD }')}${rule('one', '{ currency: EUR }')}${last}`,
    '6:11',
    'rules[1].name: rules[0] has this name already; names are unique',
  ],
  [
    'a rule called default',
    `version: 1\nrules:\n${rule('default', '{ currency: USD }')}${last}`,
    '3:11',
    'rules[0].name: found "default", which is what the default is called',
  ],
  [
    'a rule without a name',
    `version: 1\nrules:\n  - when: { currency: USD }\n    use: { strategy: failover, accounts: main }\n${last}`,
    '3:5',
    'rules[0].name: this key is missing, allowed: what the rule is called in decisions',
  ],
  [
    'a rule without when',
    `version: 1\nrules:\n  - name: one\n    use: { strategy: failover, accounts: main }\n${last}`,
    '3:5',
    'rules[0].when: this key is missing, allowed: a mapping of conditions',
  ],
  [
    'a condition in the default',
    `version: 1\nrules: []\ndefault: { when: { currency: USD }, strategy: failover, accounts: all }\n`,
    '3:12',
    'default.when: found an unknown key, allowed: description, strategy, accounts, weights, catch_up, failover, retry_later',
  ],
  [
    'a group in a group',
    `version: 1\ngroups:\n  a: [main]\n  b: [a]\nrules: []\ndefault: { strategy: failover, accounts: b }\n`,
    '4:7',
    'groups.b[0]: a group cannot hold another group',
  ],
  [
    'a group called all',
    `version: 1\ngroups:\n  all: [main]\nrules: []\n${last}`,
    '3:3',
    'groups.all: found an unfit group name, allowed: a name of letters, digits, - and _ (not "all")',
  ],
  [
    'a group named like an account',
    `version: 1\ngroups:\n  main: [second]\nrules: []\ndefault: { strategy: failover, accounts: main }\n`,
    '3:3',
    'groups.main: an account has this name too; call the group something else',
  ],
  [
    'a misspelt group',
    `version: 1\ngroups:\n  europe: [main]\nrules: []\ndefault: { strategy: failover, accounts: eurpe }\n`,
    '5:42',
    'default.accounts: found "eurpe", but there is no account or group of that name (did you mean "europe"?)',
  ],
  [
    'too many attempts',
    `version: 1\nrules:\n${rule('one', '{ currency: USD }', '    failover: { max_attempts: 11 }\n')}${last}`,
    '6:31',
    'rules[0].failover.max_attempts: found 11, allowed: an integer from 1 to 10',
  ],
  [
    'a boundless retry',
    `version: 1\nrules:\n${rule('one', '{ currency: USD }', '    retry_later: { max_attempts: 3 }\n')}${last}`,
    '6:5',
    'rules[0].retry_later.within_hours: this key is missing, allowed: an integer from 1 to 720',
  ],
  [
    'a retry for ever',
    `version: 1\nrules:\n${rule('one', '{ currency: USD }', '    retry_later: { max_attempts: 3, within_hours: 10000 }\n')}${last}`,
    '6:51',
    'rules[0].retry_later.within_hours: found 10000, allowed: an integer from 1 to 720',
  ],
  [
    'no default',
    `version: 1\nrules:\n${rule('one', '{ currency: USD }')}`,
    '3:3',
    'rules: no default: a payment that no rule matches is refused',
  ],
  [
    'a rule below its like',
    `version: 1\nrules:\n${rule('wide', '{ currency: [USD, EUR] }')}${rule('narrow', '{ amount: { currency: EUR, gte: 100 } }')}${last}`,
    '6:5',
    'rules[1]: never reached: "wide" above matches all that it matches',
  ],
  [
    'a rule below two that cover it',
    `version: 1\nrules:\n${rule('low', '{ amount: { currency: EUR, lt: 100 } }')}${rule('high', '{ amount: { currency: EUR, gte: 100 } }')}${rule('euro', '{ currency: EUR }')}${last}`,
    '9:5',
    'rules[2]: never reached: the rules above match together all that it matches',
  ],
  [
    'a group nobody uses',
    `version: 1\ngroups:\n  spare: [second]\nrules: []\ndefault: { strategy: failover, accounts: main }\n`,
    '3:10',
    'groups.spare: the group "spare" is used by no rule',
  ],
  [
    'weighted without weights',
    `version: 1\nrules: []\ndefault: { strategy: weighted_round_robin, accounts: all }\n`,
    '3:54',
    'default.accounts: no weights: all accounts have the same, so they simply take turns',
  ],
  [
    'a weight left out',
    `version: 1\nrules: []\ndefault: { strategy: weighted_round_robin, accounts: all, weights: { main: 3 } }\n`,
    '3:54',
    'default.accounts: "second" has no weight here, so it is the last resort',
  ],
  [
    'a test of no rule',
    `version: 1\nrules: []\n${last}tests:\n  - name: t\n    payment: { amount: 1, currency: USD }\n    expect: { rule: defualt }\n`,
    '7:21',
    'tests[0].expect.rule: there is no rule of that name, allowed: a rule or default (did you mean "default"?)',
  ],
  [
    'a test that expects nothing',
    `version: 1\nrules: []\n${last}tests:\n  - name: t\n    payment: { amount: 1, currency: USD }\n    expect: {}\n`,
    '7:13',
    'tests[0].expect: nothing is expected, allowed: rule, strategy, account, accounts or order',
  ],
  [
    'a test without a currency',
    `version: 1\nrules: []\n${last}tests:\n  - name: t\n    payment: { amount: 1 }\n    expect: { rule: default }\n`,
    '6:5',
    'tests[0].payment.currency: this key is missing, allowed: an ISO 4217 code',
  ],
  [
    'a test at no moment',
    `version: 1\nrules: []\n${last}tests:\n  - name: t\n    payment: { amount: 1, currency: USD, at: yesterday }\n    expect: { rule: default }\n`,
    '6:46',
    'tests[0].payment.at: found "yesterday", allowed: a moment such as 2026-11-21T10:00:00Z',
  ],
];

describe('a bad rules file', () => {
  for (const [title, text, place, message] of cases) {
    it(`is told: ${title}`, () => {
      expect(said(text)).to.deep.equal([`${place} ${message}`]);
    });
  }

  it('tells everything at once, in the order of the file', () => {
    const text = `version: 2\nrules:\n  - name: one\n    when: { curency: USD }\n`;
    expect(said(text).map((line) => line.split(' ')[0])).to.deep.equal(['1:10', '3:5', '4:13']);
  });

  it('is never taken for a good one when it is too large', () => {
    expect(said(`version: 1\n# ${'x'.repeat(1_048_576)}`)).to.deep.equal([
      'nowhere the file is larger than 1048576 bytes',
    ]);
  });
});
