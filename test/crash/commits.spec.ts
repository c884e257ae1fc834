/**
 * What lands together: a crash between two commits must find nothing half told. The intention and
 * the request's key are one change set, written before the processor hears of anything; the
 * outcome, its ledger entries, its events and the stored answer are another.
 */
import { expect } from 'chai';
import type { Change, ChangeSet } from '../../core/storage/index.ts';
import { silenceNews } from '../support/accounts.ts';
import { chargeBody, startTestSwitch, type TestSwitch } from '../support/app.ts';
import { describeOnEachDatabase } from '../support/databases.ts';
import { Gate } from './gate.ts';

/** `insert payments`, each once. */
const words = (changes: ChangeSet) =>
  [...new Set(changes.map(({ kind, table }: Change) => `${kind} ${table}`))].toSorted();

describeOnEachDatabase('the change sets of an operation', (database) => {
  let app: TestSwitch;
  let gate: Gate;
  const closing: (() => Promise<void>)[] = [];
  /** Commits and requests to the processor, in their order. */
  const story: (string | string[])[] = [];

  before(async () => {
    app = await startTestSwitch(await database.open(), { jobs: false });
    closing.push(() => app.stop());
    gate = await Gate.open(app.simulatorUrl);
    closing.push(() => gate.close());
    const { db } = app.running;
    const commit = db.commit.bind(db);
    db.commit = async (changes) => {
      story.push(words(changes));
      await commit(changes);
    };
    // Its accounts call the simulator through the gate from now on.
    for (const { record, settings } of await app.running.desk.accounts.list(
      app.credentials.merchant_id,
    )) {
      const body = { settings: { ...(settings as object), base_url: gate.url } };
      const moved = await app.call(`/v1/accounts/${record.id}`, { method: 'PATCH', body });
      expect(moved.status, moved.text).to.equal(200);
    }
    // News of what was done is filed whenever it comes, and is no part of these stories.
    await silenceNews(app);
  });
  after(async () => {
    for (const close of closing) await close();
  });

  async function told(path: string, body: object, status: number): Promise<typeof story> {
    story.length = 0;
    gate.onSent = () => story.push('sent');
    const headers = { 'idempotency-key': `commits-${path}` };
    const answer = await app.call(path, { body, headers });
    expect(answer.status, answer.text).to.equal(status);
    return story;
  }

  const outcome = (...more: string[]) =>
    ['update idempotency_keys', 'update operations', 'update payments', ...more].toSorted();

  it('a sale: the intention, the call, the outcome', async () => {
    expect(await told('/v1/payments', chargeBody(), 201)).to.deep.equal([
      ['insert events', 'insert idempotency_keys', 'insert operations', 'insert payments'],
      'sent',
      outcome('insert events', 'insert ledger_entries'),
    ]);
  });

  it('a refund: its amount is reserved before the processor hears of it', async () => {
    const { body } = await app.call('/v1/payments', { body: chargeBody() });
    expect(await told('/v1/refunds', { payment: body['id'] }, 201)).to.deep.equal([
      ['insert events', 'insert idempotency_keys', 'insert operations', 'update payments'],
      'sent',
      outcome('insert events', 'insert ledger_entries'),
    ]);
  });
});
