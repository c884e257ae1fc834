/** Idempotency keys: taken with the intention, answered with the outcome, sealed in between. */
import { expect } from 'chai';
import { day } from '../base/clock.ts';
import { Conflict, type Change } from '../storage/index.ts';
import { describeOnEachDatabase } from '../../test/support/databases.ts';
import { commitWithAnswer } from './answer.ts';
import { openBench, slotOf, type Bench } from '../access/fixture.spec.ts';
import { Idempotency, idempotencyClash, idempotencyGuard } from './idempotency.ts';

describeOnEachDatabase('idempotency keys', (database) => {
  let bench: Bench;
  before(async () => {
    bench = await openBench(await database.open());
  });
  // Unset where the suite was skipped for want of a database.
  after(() => (bench as Bench | undefined)?.db.close());

  const answer = { status: 201, text: '{"id":"key_1","key":"sk_sandbox_visible"}' };
  const commit = (...changes: Change[]) => bench.db.commit(changes);
  const find = (key: string) => bench.idempotency.find(bench.own.merchant.id, key);

  const guardOf = (act: Promise<void>) =>
    act.then(
      () => 'landed',
      (error: unknown) => (error instanceof Conflict ? error.guard : String(error)),
    );

  it('a taken key is busy until its answer lands, which a repeat hears byte for byte', async () => {
    const slot = slotOf(bench.own, 'one');
    await commit(bench.idempotency.take(slot, { paymentId: 'pay_1', operationId: 'op_1' }));
    expect(slot.used).to.equal(true);
    const busy = await find('one');
    expect(busy).to.include({ state: 'busy', payment_id: 'pay_1', operation_id: 'op_1' });
    expect(busy && bench.idempotency.answerOf(busy)).to.equal(undefined);

    await commit(bench.idempotency.finish(slot, answer));
    const done = await find('one');
    expect(done && bench.idempotency.answerOf(done)).to.deep.equal(answer);
  });

  it('stores no word of the answer in the clear, and the answer opens in its own row only', async () => {
    const slot = slotOf(bench.own, 'sealed');
    await commit(bench.idempotency.takeDone(slot, answer));
    const record = await find('sealed');
    if (!record) throw new Error('the key is not stored');
    expect(record.body).to.match(/^k1\./);
    const opened = Buffer.from(String(record.body).slice(3), 'base64').toString('latin1');
    expect(`${record.body} ${opened}`).not.to.match(/sk_sandbox|visible|key_1/);
    expect(() => bench.idempotency.answerOf({ ...record, key: 'moved' })).to.throw();
  });

  it('one of two takers wins; the other is told which index it ran into', async () => {
    const twins = ['twin', 'twin'].map((key) =>
      guardOf(commit(bench.idempotency.take(slotOf(bench.own, key), {}))),
    );
    expect(await Promise.all(twins)).to.have.members(['landed', idempotencyClash]);
    const foreign = bench.idempotency.take(slotOf(bench.other, 'twin'), {});
    expect(await guardOf(commit(foreign))).to.equal('landed');
  });

  it('an answer to a key that another request took is refused', async () => {
    await commit(bench.idempotency.take(slotOf(bench.own, 'mine'), {}));
    const stranger = { ...slotOf(bench.own, 'mine'), fingerprint: 'of something else' };
    expect(await guardOf(commit(bench.idempotency.finish(stranger, answer)))).to.equal(
      idempotencyGuard,
    );
  });

  it('an open key outlives its day, a done one is forgotten after it', async () => {
    const [open, done] = [slotOf(bench.own, 'open'), slotOf(bench.own, 'done')];
    await commit(bench.idempotency.take(open, {}));
    await commit(bench.idempotency.leaveOpen(open));
    await commit(bench.idempotency.takeDone(done, answer));
    bench.clock.advance(day - 1);
    expect(await find('done')).to.include({ state: 'done' });
    bench.clock.advance(1);
    expect(await find('done')).to.equal(undefined);
    expect(await find('open')).to.include({ state: 'open' });
    expect(await bench.db.find('idempotency_keys', { key: 'done' })).to.deep.equal([]);
  });

  it('a busy key is alive while its request runs here, not after', async () => {
    const slot = slotOf(bench.own, 'alive');
    expect(bench.idempotency.start(slot)).to.equal(true);
    expect(bench.idempotency.start(slot)).to.equal(false);
    await commit(bench.idempotency.take(slot, {}));
    const record = await find('alive');
    if (!record) throw new Error('the key is not stored');
    expect(bench.idempotency.alive(record)).to.equal(true);
    bench.idempotency.stop(slot);
    expect(bench.idempotency.alive(record)).to.equal(false);

    // A second process can only be at work where there can be a second process.
    const restarted = new Idempotency(bench.db, bench.keyring, bench.clock);
    expect(restarted.alive(record)).to.equal(bench.db.dialect === 'postgres');
  });

  it('a refused change leaves neither the change nor the key', async () => {
    const slot = slotOf(bench.own, 'refused');
    const clash: Change = { kind: 'insert', table: 'merchants', row: { ...bench.own.merchant } };
    const reply = commitWithAnswer(bench, slot, { status: 201, body: {} }, [clash]);
    expect(await guardOf(reply.then(() => {}))).to.equal('merchants_pkey');
    expect(await find('refused')).to.equal(undefined);
  });
});
