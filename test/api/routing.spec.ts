/** Rules over the API: set, refused with places, versioned, looked over, explained, taken back. */
import { expect } from 'chai';
import { chargeBody, startTestSwitch, type TestSwitch } from '../support/app.ts';
import { accountTools } from '../support/accounts.ts';
import { describeOnEachDatabase } from '../support/databases.ts';

describeOnEachDatabase('routing over the API', (database) => {
  let app: TestSwitch;
  let names: readonly string[];
  let idOf: (name: string) => string;

  before(async () => {
    app = await startTestSwitch(await database.open(), { jobs: false });
    const { data } = (await app.call('/v1/accounts')).body;
    const accounts: { id: string; name: string }[] = data;
    names = accounts.map(({ name }) => name).toReversed();
    idOf = (name) => accounts.find((one) => one.name === name)?.id ?? '';
  });
  after(async () => {
    expect((app as TestSwitch | undefined)?.complaints ?? []).to.deep.equal([]);
    await (app as TestSwitch | undefined)?.stop();
  });
  afterEach(() => app.call('/v1/routing', { method: 'DELETE' }));

  const put = (rules: unknown) => app.call('/v1/routing', { method: 'PUT', body: { rules } });
  const to = (name: string, more = '') => `version: 1
rules:
  - name: euros${more}
    when: { currency: EUR }
    use: { strategy: failover, accounts: [${JSON.stringify(name)}] }
default: { strategy: failover, accounts: all }
tests:
  - name: euros go there
    payment: { amount: 100, currency: EUR }
    expect: { rule: euros${more} }
`;
  const pay = async (currency: string) => {
    const { body } = await app.call('/v1/payments', { body: chargeBody({ currency }) });
    return body;
  };

  it('are built in until somebody writes some', async () => {
    const { body } = await app.call('/v1/routing');
    expect(body).to.deep.equal({
      object: 'routing',
      source: 'built_in',
      version: null,
      text: null,
      remarks: [],
      draft: null,
      updated_at: null,
    });
  });

  it('decide from the next payment on, and no more once they are taken back', async () => {
    const [first = '', second = ''] = names;
    expect((await pay('EUR')).account).to.equal(idOf(first));
    const set = await put(to(second));
    expect(set.status, set.text).to.equal(200);
    expect(set.body).to.include({ source: 'merchant', text: to(second) });
    expect((await pay('EUR')).account).to.equal(idOf(second));
    expect((await pay('USD')).account).to.equal(idOf(first));
    const back = await app.call('/v1/routing', { method: 'DELETE' });
    expect(back.body['source']).to.equal('built_in');
    expect((await pay('EUR')).account).to.equal(idOf(first));
  });

  it('are the same version with other comments, whose text is kept', async () => {
    const text = to(names[1] ?? '');
    const before = (await put(text)).body;
    const after = (await put(`# why\n${text}`)).body;
    expect(after['version']).to.equal(before['version']);
    expect(after['text']).to.match(/^# why/);
  });

  it('may be JSON', async () => {
    const rules = { version: 1, rules: [], default: { strategy: 'round_robin', accounts: 'all' } };
    const { status, body } = await put(rules);
    expect(status).to.equal(200);
    expect(JSON.parse(body['text'])).to.deep.equal(rules);
  });

  it('that are wrong are refused with every place, and change nothing', async () => {
    const good = (await put(to(names[1] ?? ''))).body['version'];
    const { status, body } = await put(
      'version: 1\nrules:\n  - name: a\n    when: { currency: usd }\n    use: { strategy: failover, accounts: nobody }\n',
    );
    expect(status).to.equal(400);
    expect(body['code']).to.equal('invalid_request');
    expect(body['param']).to.equal('rules');
    const places = body['findings'].map(
      ({ line, column, key }: { line: number; column: number; key: string }) =>
        `${line}:${column} ${key}`,
    );
    expect(places).to.deep.equal(['4:23 rules[0].when.currency', '5:42 rules[0].use.accounts']);
    expect(body['findings'][0].message).to.contain('did you mean "USD"?');
    expect(body['detail']).to.contain('line 4, column 23').and.contain('1 more');
    expect((await app.call('/v1/routing')).body['version']).to.equal(good);
  });

  it('keep their versions, with what each is now', async () => {
    const first = (await put(to(names[1] ?? '', ' 1'))).body['version'];
    app.clock.advance(1000);
    const second = (await put(to(names[1] ?? '', ' 2'))).body['version'];
    const { data } = (await app.call('/v1/routing/versions')).body;
    const stateOf = (version: string) =>
      data.find((one: { version: string }) => one.version === version)?.state;
    expect([stateOf(first), stateOf(second)]).to.deep.equal(['past', 'live']);
    expect(data[0].version).to.equal(second);
    const one = await app.call(`/v1/routing/versions/${first}`);
    expect(one.body['text']).to.equal(to(names[1] ?? '', ' 1'));
  });

  it('are of one merchant and no other', async () => {
    const made = await app.call('/v1/merchants', {
      key: app.credentials.admin_key,
      body: { name: 'Other' },
    });
    const key = made.body['secret_key'].key;
    await put(to(names[1] ?? ''));
    expect((await app.call('/v1/routing', { key })).body['source']).to.equal('built_in');
    expect((await app.call('/v1/routing/versions', { key })).body['data']).to.deep.equal([]);
  });

  it('are looked over, and their tests run, without being set', async () => {
    const rules = `${to(names[1] ?? '')}  - name: a wrong one
    payment: { amount: 100, currency: EUR }
    expect: { rule: default }
`;
    const { body, status } = await app.call('/v1/routing/lint', { body: { rules } });
    expect(status).to.equal(200);
    expect(body['version']).to.match(/^[0-9a-f]{16}$/);
    expect(body['findings']).to.deep.equal([]);
    expect(body['tests'].map((one: { passed: boolean }) => one.passed)).to.deep.equal([
      true,
      false,
    ]);
    expect(body['tests'][1].findings[0]).to.include({ line: 13, column: 21 });
    expect((await app.call('/v1/routing')).body['source']).to.equal('built_in');
    const wrong = await app.call('/v1/routing/lint', { body: { rules: 'version: 2' } });
    expect(wrong.body['version']).to.equal(null);
    expect(wrong.body['findings'][0].level).to.equal('error');
  });

  it('explain a payment that does not exist, and what would change it', async () => {
    const [first = '', second = ''] = names;
    await put(to(second));
    const payment = { amount: 100, currency: 'USD' };
    const { body, status, text } = await app.call('/v1/routing/explain', { body: { payment } });
    expect(status, text).to.equal(200);
    expect(body['source']).to.equal('merchant');
    expect(body['decision']).to.include({ rule: 'default', decided_by: 'rules' });
    expect(body['decision'].order[0]).to.deep.equal({ account: idOf(first), name: first });
    expect(body['decision'].sentence).to.contain(`"${first}" is first because`);
    const other = body['alternatives'].find((one: { name: string }) => one.name === second);
    expect(other.changes).to.deep.equal([
      { fact: 'currency', from: 'USD', to: 'EUR', rule: 'euros' },
    ]);
    expect(other.sentence).to.equal(
      'It would be first with currency "EUR" instead of "USD" (rule "euros").',
    );
  });

  it('tell of each payment why it went where it went', async () => {
    const [first = '', second = ''] = names;
    const version = (await put(to(second))).body['version'];
    const { id } = await pay('EUR');
    const { body, text } = await app.call(`/v1/payments/${id}/routing`);
    expect(body['decision'], text).to.include({ rule: 'euros', version, strategy: 'failover' });
    expect(body['decision'].inputs).to.deep.equal({ amount: 10_000, currency: 'EUR' });
    expect(body['decision'].excluded).to.deep.equal([
      {
        account: idOf(first),
        name: first,
        reason: 'not_in_rule',
        sentence: 'the rule does not use it',
      },
    ]);
    expect(body['attempts']).to.have.length(1);
    expect(body['attempts'][0]).to.include({ name: second, state: 'succeeded' });
    const named = await app.call('/v1/payments', { body: chargeBody({ account: idOf(first) }) });
    const routing = await app.call(`/v1/payments/${named.body['id']}/routing`);
    expect(routing.body['decision'].decided_by).to.equal('named');
  });

  it('list what they decided, with what became of it', async () => {
    const since = new Date(app.clock.now()).toISOString();
    await put(to(names[1] ?? ''));
    const paid = await pay('EUR');
    const body = chargeBody({ payment_method: declined });
    const refused = (await app.call('/v1/payments', { body })).body['payment'];
    const all = await app.call(`/v1/routing/decisions?since=${since}&limit=1000`);
    const found = (id: string) =>
      all.body['data'].find((one: { payment: string }) => one.payment === id);
    expect(found(paid.id)).to.deep.include({ approved: true, order: [idOf(names[1] ?? '')] });
    expect(found(paid.id).facts).to.include({ currency: 'EUR', card_brand: 'visa' });
    expect(found(refused.id)).to.include({ approved: false });
    const page = await app.call(`/v1/routing/decisions?since=${since}&limit=1`);
    expect(page.body['has_more']).to.equal(true);
    const after = page.body['data'][0].operation;
    const rest = await app.call(`/v1/routing/decisions?limit=1000&starting_after=${after}`);
    expect(rest.body['data'][0].operation > after).to.equal(true);
  });

  it('are held against others by what they decided: the same ones move nobody', async () => {
    const [first = '', second = ''] = names;
    const since = new Date(app.clock.now() + 1).toISOString();
    app.clock.advance(1_000);
    await put(to(second));
    for (const currency of ['EUR', 'EUR', 'USD']) await pay(currency);
    await app.call('/v1/payments', { body: chargeBody({ payment_method: declined }) });
    const test = (rules: string) => app.call('/v1/routing/backtest', { body: { rules, since } });
    const same = (await test(to(second))).body;
    expect(same).to.deep.include({ decisions: 4, moved: 0, moves: [], no_evidence: [] });
    expect(same['expected']).to.deep.include({ compared: 4, before: 3, after: 3 });
    const other = (await test(to(first))).body;
    const move = { from: idOf(second), to: idOf(first), count: 2 };
    expect(other).to.deep.include({ decisions: 4, moved: 2, moves: [move] });
    const seen = (name: string) =>
      other['observed'].find((one: { name: string }) => one.name === name);
    expect([seen(first).approved, seen(first).total]).to.deep.equal([1, 2]);
    expect([seen(second).approved, seen(second).total]).to.deep.equal([2, 2]);
    const wrong = await test(to(first).replace('EUR', 'eur'));
    expect(wrong.status).to.equal(400);
    expect(wrong.body['findings'][0]).to.include({ line: 4 });
  });

  it('tags and limits of accounts are set, shown and checked', async () => {
    const tools = accountTools(app);
    const limits = {
      time_zone: 'Asia/Jakarta',
      daily_count: 5,
      amounts: { USD: { payment_max: 20_000, daily: 50_000 } },
    };
    const made = (await tools.create({ tags: ['eu', 'cheap'], limits })).body;
    expect(made).to.deep.include({ tags: ['eu', 'cheap'], limits });
    const patch = (body: object) =>
      app.call(`/v1/accounts/${made['id']}`, { method: 'PATCH', body });
    expect((await patch({ tags: ['us'] })).body).to.deep.include({ tags: ['us'], limits });
    for (const [wrong, param] of [
      [{ limits: { time_zone: 'Mars/Olympus' } }, 'limits.time_zone'],
      [{ limits: { time_zone: '+07:00' } }, 'limits.time_zone'],
      [{ limits: { time_zone: 'UTC', amounts: { XYZ: {} } } }, 'limits.amounts.XYZ'],
      [
        { limits: { time_zone: 'UTC', amounts: { USD: { payment_min: 2, payment_max: 1 } } } },
        'limits.amounts.USD.payment_min',
      ],
    ] as const) {
      const answer = await patch(wrong);
      expect(answer.status, answer.text).to.equal(400);
      expect(answer.body['param']).to.equal(param);
    }
    expect((await tools.pay(made['id'])).status).to.equal(201);
    const health = (await app.call(`/v1/accounts/${made['id']}/health`)).body;
    expect(health).to.include({ breaker: 'closed', standing: 'usable', time_zone: 'Asia/Jakarta' });
    expect(health['day']).to.deep.equal({
      span: '2026-11-21',
      count: { used: 1, limit: 5 },
      amounts: { USD: { used: 10_000, limit: 50_000 } },
    });
    expect(health['window']).to.include({ calls: 1, approved: 1, failed: 0 });
    expect((await patch({ limits: null })).body['limits']).to.equal(null);
  });
});

const declined = {
  type: 'card',
  card: { number: '4000000000000002', exp_month: 12, exp_year: 2034, cvc: '123' },
};
