/** Rules as code: tests in the file, differences between versions, "what if". */
import { expect } from 'chai';
import { decide } from './decide.ts';
import { diff } from './diff.ts';
import { explainHypothetical } from './hypothetical.ts';
import { runTests } from './run-tests.ts';
import { account, named, noLot, only, payment, rulesOf } from './spec-world.ts';
import { seededRandom } from '../strategies/random.ts';

const text = (tests: string) => `version: 1
groups: { europe: [berlin, paris] }
rules:
  - name: big
    when: { amount: { currency: EUR, gte: 100000 } }
    use: { strategy: failover, accounts: [paris, berlin] }
default: { strategy: failover, accounts: europe }
tests:
${tests}`;

describe('the tests in a rules file', () => {
  it('pass when the rules do what they expect', () => {
    const results = runTests(
      rulesOf(
        text(`
  - name: big ones go to Paris
    payment: { amount: 100000, currency: EUR }
    expect: { rule: big, strategy: failover, account: paris, order: [paris, berlin] }
  - name: small ones go to Berlin
    payment: { amount: 99999, currency: EUR }
    expect: { rule: default, account: berlin, accounts: [paris, berlin] }
  - name: Berlin’s absence is bridged
    payment: { amount: 1, currency: EUR }
    unavailable: [berlin]
    expect: { order: [paris] }
`),
      ),
    );
    expect(results.map(({ passed }) => passed)).to.deep.equal([true, true, true]);
  });

  it('tell at their own place what is otherwise', () => {
    const [result] = runTests(
      rulesOf(
        text(`
  - name: wrong in every way
    payment: { amount: 1, currency: EUR }
    expect: { rule: big, strategy: random, account: paris, accounts: [berlin], order: [paris] }
`),
      ),
    );
    expect(result?.passed).to.equal(false);
    const said = result?.findings.map(({ place, key, message }) => [
      'line' in place ? place.line : 0,
      key.slice(16),
      message,
    ]);
    expect(said).to.deep.equal([
      [12, 'rule', 'expected big, got default'],
      [12, 'strategy', 'expected random, got failover'],
      [12, 'account', 'expected paris, got berlin'],
      [12, 'accounts', 'expected berlin, got berlin, paris'],
      [12, 'order', 'expected paris, got berlin, paris'],
    ]);
  });

  it('run with the real accounts, where they are given', () => {
    const rules = rulesOf(
      text(
        '  - { name: a, payment: { amount: 1, currency: EUR }, expect: { account: acct_paris } }\n',
      ),
    );
    const [fails] = runTests(rules, [account('berlin'), account('paris')]);
    expect(fails?.findings[0]?.message).to.equal('expected paris, got berlin');
    const [passes] = runTests(rules, [account('berlin', { active: false }), account('paris')]);
    expect(passes?.passed).to.equal(true);
  });
});

describe('the difference between two versions', () => {
  const before = named({
    a: '{ attempt: 1 }',
    b: '{ attempt: 2 }',
    c: '{ attempt: 3 }',
    d: '{ attempt: 4 }',
  });
  const after = named({
    d: '{ attempt: 4 }',
    a: '{ attempt: 1 }',
    c: '{ attempt: 2 }',
    e: '{ attempt: 3 }',
  });
  const attempts = [1, 2, 3, 4, 5].map((attempt) => payment({ attempt }));

  it('names the rules that were added, removed, changed and moved', () => {
    expect(diff(before, after).rules).to.deep.equal([
      { rule: 'd', change: 'changed', parts: ['position'] },
      { rule: 'c', change: 'changed', parts: ['when'] },
      { rule: 'e', change: 'added', parts: [] },
      { rule: 'b', change: 'removed', parts: [] },
    ]);
  });

  it('names the payments that another rule decides', () => {
    expect(diff(before, after, attempts).moves).to.deep.equal([
      { sample: 1, from: 'b', to: 'c', treatedOtherwise: true },
      { sample: 2, from: 'c', to: 'e', treatedOtherwise: true },
    ]);
  });

  it('tells a renamed rule from one that treats payments otherwise', () => {
    const use = '{ strategy: random, accounts: all }';
    const one = (name: string) =>
      rulesOf(`version: 1\nrules:\n  - { name: ${name}, when: { attempt: 1 }, use: ${use} }\n`);
    expect(diff(one('x'), one('y'), attempts).moves).to.deep.equal([
      { sample: 0, from: 'x', to: 'y', treatedOtherwise: false },
    ]);
  });

  it('is nothing between a version and itself', () => {
    expect(diff(before, before, attempts)).to.deep.equal({
      versions: [before.version, before.version],
      rules: [],
      moves: [],
    });
  });
});

describe('a hypothetical payment', () => {
  const rules = named({
    big: '{ amount: { currency: USD, gte: 50000 } }',
    gold: '{ metadata: { plan: gold } }',
    night: '{ time: { zone: UTC, from: "22:00", to: "06:00" } }',
    asia: '{ billing_country: [ID, SG] }',
    local: '{ card_bin: 411111 }',
  });
  const accounts = ['big', 'gold', 'night', 'asia', 'local', 'rest'].map((name) => account(name));
  const explained = explainHypothetical(rules, payment(), accounts, new Map(), noLot);
  const changesOf = (name: string) =>
    explained.alternatives.find((one) => one.account === `acct_${name}`)?.changes;

  it('is decided as a real one would be', () => {
    const { decision } = decide(rules, payment(), accounts, new Map(), noLot);
    expect(explained.decision).to.deep.equal(decision);
    expect(explained.alternatives).to.have.length(5);
  });

  it('tells the nearest single change that would choose another account', () => {
    expect(changesOf('big')).to.deep.equal([
      { fact: 'amount', from: 10_000, to: 50_000, rule: 'big' },
    ]);
    expect(changesOf('gold')).to.deep.equal([
      { fact: 'metadata.plan', from: null, to: 'gold', rule: 'gold' },
    ]);
    expect(changesOf('asia')?.[0]).to.deep.include({
      fact: 'billing_country',
      from: null,
      to: 'ID',
    });
    expect(changesOf('local')?.[0]).to.deep.include({ fact: 'card_bin', to: '41111100' });
    const night = Date.UTC(2026, 0, 5, 22);
    expect(changesOf('night')).to.deep.equal([
      { fact: 'at_ms', from: payment().at_ms, to: night, rule: 'night' },
    ]);
  });

  it('takes the smallest of several steps', () => {
    const steps = named({
      even: '{ amount: [{ currency: USD, equal: 2 }, { currency: USD, equal: 20000 }] }',
    });
    const views = [account('even'), account('rest')];
    const { alternatives } = explainHypothetical(steps, payment(), views, new Map(), noLot);
    expect(alternatives[0]?.changes.map(({ to }) => to)).to.deep.equal([2]);
  });

  it('gives only changes that hold when they are made', () => {
    for (const { account: id, changes } of explained.alternatives) {
      for (const { fact, to } of changes) {
        const changed =
          fact === 'metadata.plan' ? { metadata: { plan: String(to) } } : { [fact]: to };
        const { decision } = decide(rules, payment(changed), accounts, new Map(), noLot);
        expect(decision.order[0], fact).to.equal(id);
      }
    }
  });

  it('tells who would lead if only its obstacle were gone, and who is next in line', () => {
    const views = [
      account('a', { health: 'unhealthy' }),
      account('b'),
      account('c'),
      account('d', { active: false }),
    ];
    const use = only('{ strategy: failover, accounts: [a, b, c] }');
    const { alternatives } = explainHypothetical(use, payment(), views, new Map(), noLot);
    expect(alternatives).to.deep.equal([
      { account: 'acct_a', position: null, excluded: 'unhealthy', onlyExcluded: true, changes: [] },
      { account: 'acct_c', position: 2, excluded: null, onlyExcluded: false, changes: [] },
      { account: 'acct_d', position: null, excluded: 'disabled', onlyExcluded: false, changes: [] },
    ]);
  });

  it('does not take another lot for another decision', () => {
    const lots = rulesOf(
      'version: 1\nrules:\n  - { name: a, when: { attempt: 2 }, use: { strategy: random, accounts: all } }\ndefault: { strategy: random, accounts: all }\n',
    );
    const { alternatives } = explainHypothetical(
      lots,
      payment(),
      accounts,
      new Map(),
      seededRandom('x'),
    );
    expect(alternatives.flatMap(({ changes }) => changes)).to.deep.equal([]);
  });
});
