/** `routes`: rules as files without a server, and every verb against a real one. */
import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chargeBody, startTestSwitch, type TestSwitch } from '../../test/support/app.ts';
import { runCli, type Ran } from './spec-terminal.ts';

const rules = (currency: string, more = '') => `version: 1
rules:
  - name: one currency
    when: { currency: ${currency} }
    use: { strategy: failover, accounts: [second, first] }
default: { strategy: failover, accounts: [first, second] }
tests:
  - name: euros
    payment: { amount: 100, currency: EUR }
    expect: { rule: one currency }
${more}`;

describe('routes on the command line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pointsman-routes-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return name;
  };
  const cli = (line: string, stdin = ''): Promise<Ran> =>
    runCli([...line.split(' '), '--data', folder], { cwd: folder, stdin });

  describe('with files alone', () => {
    it('lint says what is wrong, with its place, and ends with 1', async () => {
      const ran = await cli(`routes lint ${file('bad.yaml', rules('eur'))}`);
      expect(ran.exitCode).to.equal(1);
      expect(ran.out).to.match(/^error: bad\.yaml:4:23: rules\[0\]\.when\.currency: found "eur"/);
      expect(ran.out).to.contain('1 error, 0 warnings');
      const document = (await cli('routes lint bad.yaml --json')).document;
      expect(document['version']).to.equal(null);
      expect(document['findings'][0].place).to.include({ line: 4, column: 23 });
    });

    it('lint is content with good rules, and with warnings', async () => {
      const good = await cli(`routes lint ${file('good.yaml', rules('EUR'))}`);
      expect([good.exitCode, good.out]).to.deep.equal([0, 'good.yaml is in order.\n']);
      const text = rules('EUR').replace(/^default.*\n/m, '');
      const warned = await cli(`routes lint ${file('warned.yaml', text)}`);
      expect(warned.exitCode).to.equal(0);
      expect(warned.out).to.match(/^warning: warned\.yaml:\d+:\d+: rules: no default/);
    });

    it('lint takes the file of the configuration, and standard input', async () => {
      file('routing.yaml', rules('EUR'));
      expect((await cli('routes lint')).exitCode).to.equal(0);
      rmSync(join(folder, 'routing.yaml'));
      expect((await cli('routes lint -', rules('eur'))).exitCode).to.equal(1);
      const missing = await cli('routes lint nowhere.yaml');
      expect(missing.exitCode).to.equal(2);
      expect(missing.err).to.contain('nowhere.yaml cannot be read (ENOENT)');
    });

    it('test runs what stands in the file, and ends with 1 when one fails', async () => {
      expect((await cli(`routes test ${file('good.yaml', rules('EUR'))}`)).exitCode).to.equal(0);
      const ran = await cli(`routes test ${file('failing.yaml', rules('USD'))}`);
      expect(ran.exitCode).to.equal(1);
      expect(ran.out).to.contain('FAIL  euros').and.contain('expected one currency, got default');
      expect(ran.out).to.contain('1 test, 1 failed');
      expect((await cli(`routes test ${file('bad.yaml', rules('eur'))}`)).exitCode).to.equal(2);
    });

    it('diff tells the rules that change and the payments that move', async () => {
      file('before.yaml', rules('EUR'));
      file('after.yaml', rules('USD'));
      const ran = await cli('routes diff before.yaml after.yaml');
      expect(ran.out).to.contain('changed  "one currency": when');
      expect(ran.out).to.contain('"euros": one currency → default');
      const same = await cli('routes diff before.yaml before.yaml');
      expect(same.out).to.contain('Both decide the same');
    });
  });

  describe('with a server', () => {
    let app: TestSwitch;

    before(async () => {
      app = await startTestSwitch({ dataDir: folder, url: undefined }, { jobs: false });
      const { data } = (await app.call('/v1/accounts')).body;
      const names = ['second', 'first'];
      for (const [at, { id }] of (data as { id: string }[]).entries()) {
        const body = { name: names[at] };
        await app.call(`/v1/accounts/${id}`, { method: 'PATCH', body });
      }
    });
    after(() => (app as TestSwitch | undefined)?.stop());

    it('set, show, explain, reset', async () => {
      const none = await cli('routes show');
      expect(none.out).to.contain('accounts are tried by priority');
      const set = await cli(`routes set ${file('good.yaml', rules('EUR'))}`);
      expect(set.exitCode, set.err).to.equal(0);
      expect(set.out).to.match(/^[0-9a-f]{16} {2}in use\n$/);
      expect((await cli('routes show')).out).to.contain('when: { currency: EUR }');
      const paid = await app.call('/v1/payments', { body: chargeBody({ currency: 'EUR' }) });
      const why = await cli(`routes explain ${paid.body['id']}`);
      expect(why.out).to.contain('Rule 1 "one currency" matched first');
      expect(why.out).to.contain('"second" is first').and.contain('second: succeeded');
      const soft = {
        type: 'card',
        card: { number: '4000000000000002', exp_month: 12, exp_year: 2034 },
      };
      const body = chargeBody({ currency: 'EUR', payment_method: soft });
      const { payment } = (await app.call('/v1/payments', { body })).body;
      const moved = await cli(`routes explain ${payment.id}`);
      expect(moved.out).to.contain('second: declined. Rule 1 "one currency" matched first');
      expect(moved.out).to.contain(
        'first: declined. "second" declined it as worth another account, so the payment went on',
      );
      const what = await cli('routes explain --amount 100 --fact card_brand=visa');
      expect(what.out).to.contain('currency "EUR" instead of "USD"');
      expect((await cli('routes reset --yes')).out).to.contain('accounts are tried by priority');
    });

    it('accounts get tags and limits', async () => {
      const { data } = (await app.call('/v1/accounts')).body;
      const limits = { time_zone: 'Asia/Jakarta', daily_count: 1000 };
      file('limits.json', JSON.stringify(limits));
      const update = (options: string) => cli(`accounts update ${data[0].id} ${options} --json`);
      const set = await update('--tags eu,cheap --limits @limits.json');
      expect(set.document).to.deep.include({ tags: ['eu', 'cheap'], limits });
      const cleared = await update('--limits null');
      expect(cleared.document).to.deep.include({ tags: ['eu', 'cheap'], limits: null });
      expect((await update('--limits {')).exitCode).to.equal(2);
    });

    it('wrong rules are told line by line and not set', async () => {
      const ran = await cli(`routes set ${file('bad.yaml', rules('eur'))}`);
      expect(ran.exitCode).to.equal(1);
      expect(ran.err).to.contain('  4:23: rules[0].when.currency: found "eur"');
    });

    it('a draft is set, shown, promoted and dropped', async () => {
      expect((await cli('routes draft show')).out).to.equal('There is no draft.\n');
      file('good.yaml', rules('EUR'));
      const set = await cli('routes draft set good.yaml --percent 5 --drop 3 --json');
      expect(set.document['draft']).to.deep.include({
        percent: 5,
        guard: { drop_percent: 3, min_decisions: 100 },
      });
      const version: string = set.document['draft'].version;
      expect((await cli('routes draft show')).out).to.contain(`${version} on 5 % of the payments`);
      expect((await cli(`routes draft promote ${version}`)).out).to.contain('your own rules');
      await cli('routes draft set good.yaml');
      expect((await cli('routes draft drop')).out).to.equal('There is no draft.\n');
      await cli('routes reset --yes');
    });

    it('backtest decides the past anew; the same rules move nothing', async () => {
      const before = file('before.yaml', rules('EUR'));
      const nothing = await cli(`routes backtest --rules ${before} --since 2030-01-01T00:00:00Z`);
      expect(nothing.out, nothing.err).to.contain('No decisions');
      await cli(`routes set ${before}`);
      for (const currency of ['EUR', 'EUR', 'USD']) {
        await app.call('/v1/payments', { body: chargeBody({ currency }) });
      }
      const same = await cli(`routes backtest --rules ${before} --json`);
      expect(same.document).to.include({ decisions: 5, moved: 0 });
      const other = file('after.yaml', rules('USD'));
      const ran = await cli(`routes backtest --rules ${other} --since 1d`);
      expect(ran.exitCode, ran.err).to.equal(0);
      expect(ran.out).to.contain('5 would move (100 %)').and.contain('4  second → first');
      expect(ran.out).to.contain('No evidence (fewer than 30 observed)');
      const offline = await cli(`routes backtest --rules ${other} --since 1d --offline`);
      const figures = (text: string) => text.replace(/since \S+;/, 'since then;');
      expect(figures(offline.out), offline.err).to.equal(figures(ran.out));
      const whose = await cli(`routes backtest --rules ${other} --offline --merchant mer_none`);
      expect(whose.exitCode).to.equal(2);
      expect(whose.err).to.match(/name one merchant of mer_/);
      const wrong = await cli(`routes backtest --rules ${other} --since soon`);
      expect(wrong.exitCode).to.equal(2);
    });
  });
});
