/** Drafts beside the live rules: noted, tried on a part, taken over, withdrawn. */
import { expect } from 'chai';
import { firstIdAt } from '../../core/base/id.ts';
import { guardDrafts } from '../../core/routing/source-guard.ts';
import type { Withdrawal } from '../../core/routing/source-verbs.ts';
import { shadowChange } from '../../core/routing/shadow.ts';
import { card, chargeBody, startTestSwitch, type TestSwitch } from '../support/app.ts';
import { describeOnEachDatabase } from '../support/databases.ts';

describeOnEachDatabase('drafts of routing rules', (database) => {
  let app: TestSwitch;

  before(async () => {
    app = await startTestSwitch(await database.open(), { jobs: false });
  });
  after(async () => {
    expect((app as TestSwitch | undefined)?.complaints ?? []).to.deep.equal([]);
    await (app as TestSwitch | undefined)?.stop();
  });
  afterEach(() => app.call('/v1/routing', { method: 'DELETE' }));

  const rules = (strategy: string) => ({
    version: 1,
    rules: [],
    default: { strategy, accounts: 'all' },
  });
  const draft = (more: object = {}, strategy = 'round_robin') =>
    app.call('/v1/routing/draft', {
      method: 'PUT',
      body: { rules: rules(strategy), ...more },
    });

  it('there is none until one is put there, beside the built-in rules too', async () => {
    const none = await app.call('/v1/routing/draft');
    expect(none.body).to.deep.equal({ object: 'routing_draft', draft: null, figures: null });
    const { status, body, text } = await draft({ percent: 10 });
    expect(status, text).to.equal(200);
    expect(body['draft']).to.include({ percent: 10, guard: null });
    expect(body['figures']).to.include({ decisions: 0, same: 0, moved: 0 });
    const shown = (await app.call('/v1/routing')).body;
    expect(shown['source']).to.equal('built_in');
    expect(shown['draft'].version).to.equal(body['draft'].version);
  });

  it('a wrong one is refused like wrong rules', async () => {
    const body = { rules: { version: 1, rules: [], default: { strategy: 'random' } } };
    const answer = await app.call('/v1/routing/draft', { method: 'PUT', body });
    expect(answer.status).to.equal(400);
    expect(answer.body['findings'][0].key).to.equal('default.accounts');
    for (const percent of [-1, 101, 0.5]) expect((await draft({ percent })).status).to.equal(400);
  });

  it('becomes the live rules, when it is the one that was looked at', async () => {
    const { version } = (await draft()).body['draft'];
    const other = { body: { version: '0'.repeat(16) } };
    expect((await app.call('/v1/routing/draft/promote', other)).status).to.equal(404);
    const headers = { 'idempotency-key': `promote-${version}-${database.name}` };
    const promote = () => app.call('/v1/routing/draft/promote', { body: { version }, headers });
    const { status, body, text } = await promote();
    expect(status, text).to.equal(200);
    expect(body).to.deep.include({ source: 'merchant', version, draft: null });
    const again = await promote();
    expect(again.headers.get('idempotent-replayed')).to.equal('true');
    const now = (await app.call('/v1/routing')).body;
    expect(now).to.deep.include({ source: 'merchant', version, draft: null });
  });

  it('is dropped; dropping none is no mistake', async () => {
    await draft();
    const drop = () => app.call('/v1/routing/draft', { method: 'DELETE' });
    expect((await drop()).body['draft']).to.equal(null);
    expect((await drop()).status).to.equal(200);
  });

  for (const percent of [0, 100]) {
    it(`at ${percent} % its decisions are noted, and ${percent ? 'count' : 'do not count'}`, async () => {
      const { data } = (await app.call('/v1/accounts')).body;
      const [second] = data.filter(({ priority }: { priority: number }) => priority === 1);
      const only = {
        version: 1,
        rules: [],
        default: { strategy: 'failover', accounts: second.id },
      };
      await app.call('/v1/routing/draft', { method: 'PUT', body: { rules: only, percent } });
      const paid = await app.call('/v1/payments', { body: chargeBody() });
      expect(paid.status, paid.text).to.equal(201);
      expect(paid.body['account'] === second.id).to.equal(percent === 100);
      const { figures } = (await app.call('/v1/routing/draft')).body;
      // The same draft keeps its figures: the second payment is its second.
      const decisions = percent === 0 ? 1 : 2;
      expect(figures).to.include({ decisions, moved: decisions });
    });
  }

  it('keeps its figures when only the percentage changes', async () => {
    const first = (await draft({ percent: 1 })).body['draft'];
    app.clock.advance(60_000);
    expect((await draft({ percent: 2 })).body['draft'].since).to.equal(first.since);
    expect((await draft({}, 'random')).body['draft'].since).not.to.equal(first.since);
  });

  /** Payments as routing would note them (it notes none that name their account). */
  async function noted(count: number, approvedEvery: number): Promise<void> {
    const { source } = guards();
    const merchantId = app.credentials.merchant_id;
    const active = await source.rulesFor(merchantId);
    const draftHash = active?.draft?.rules.version ?? '';
    app.clock.advance(1000);
    const account = (await app.call('/v1/accounts')).body['data'][0].id;
    for (let at = 0; at < count; at += 1) {
      const used = at % 2 === 0;
      const good = !used || at % (2 * approvedEvery) === 0;
      const body = chargeBody({
        account,
        payment_method: card(good ? '4242424242424242' : '4000000000000002'),
      });
      const answer = (await app.call('/v1/payments', { body })).body;
      const paymentId = answer['id'] ?? answer['payment'].id;
      const shadow = { draftHash, liveAccount: 'a', draftAccount: used ? 'b' : 'a', used };
      const nowMs = app.clock.now();
      const operationId = `${firstIdAt('operation', nowMs)}${String(at).padStart(16, '0')}`;
      const change = shadowChange(shadow, { operationId, merchantId, paymentId, nowMs });
      await app.running.db.commit([change]);
    }
  }

  const guards = () => {
    const { db, clock, accounts, routing } = app.running.desk;
    const source = routing.rules as Parameters<typeof guardDrafts>[0]['source'];
    return { db, clock, accounts, source };
  };
  const guard = async () => {
    const withdrawn: Withdrawal[] = [];
    await guardDrafts(guards(), { withdrawn: (_, one) => void withdrawn.push(one) });
    return withdrawn;
  };

  it('is withdrawn below its guard, with an event, once enough payments have ended', async () => {
    await draft({ percent: 50, guard: { drop_percent: 20, min_decisions: 4 } });
    await noted(6, 3);
    expect(await guard(), 'three have ended').to.deep.equal([]);
    await noted(4, 100);
    const [withdrawal, ...more] = await guard();
    expect(more).to.deep.equal([]);
    expect(withdrawal?.reason).to.match(/points below the 100 % of the live rules/);
    expect((await app.call('/v1/routing')).body['draft']).to.equal(null);
    const events = await app.call('/v1/events?type=routing.draft_withdrawn');
    expect(events.body['data'][0].data.object).to.include({ version: withdrawal?.version });
    expect(await guard()).to.deep.equal([]);
  });

  it('stays while it does as well as it has to', async () => {
    app.clock.advance(1000);
    await draft({ percent: 50, guard: { min_approval_rate: 0.9, min_decisions: 3 } });
    await noted(8, 1);
    expect(await guard()).to.deep.equal([]);
    const { figures } = (await app.call('/v1/routing/draft')).body;
    expect(figures.draft).to.include({ declined: 0, approval_rate: 1 });
    expect(figures.live).to.include({ declined: 0, approval_rate: 1 });
  });
});
