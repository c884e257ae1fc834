/** Refunds: settled money by refund_key, unsettled money by cancelling the whole. */
import { expect } from 'chai';
import { refund } from './refund.ts';
import * as spec from './spec-context.ts';
import { sync } from './sync.ts';

const command = spec.about();
const done = { status: 'succeeded', operationId: command.operationId, amount: spec.idr(250_000) };
const as = (transaction_status: string, changes: object = {}) =>
  spec.transaction({ transaction_status, ...changes });
const get = `GET /v2/${spec.order}/status`;
const post = (verb: string) => `POST /v2/${spec.transactionId}/${verb}`;

describe('Midtrans: refunds', () => {
  const key = command.operationId;
  const part = spec.about(spec.held, 5_000);
  const given = (changes: object = {}) =>
    as('partial_refund', { refund_amount: '5000.00', refund_key: key, ...changes });
  const listed = [
    { refund_key: 'reference1', refund_amount: '7000.00', reason: '' },
    { refund_key: key, refund_amount: '5000.00', reason: 'some reason' },
  ];

  it('carry their own key and tell what was given back', async () => {
    const stage = spec.stage([given()]);
    const outcome = await refund(stage.context, { ...part, reason: 'broken' });
    expect(spec.pathsOf(stage)).to.deep.equal([post('refund')]);
    expect(spec.bodyOf(stage.requests[0])).to.deep.equal({
      refund_key: key,
      amount: 5_000,
      reason: 'broken',
    });
    expect(outcome).to.deep.equal({
      status: 'succeeded',
      operationId: key,
      amount: spec.idr(5_000),
      ref: { order: spec.order, refund: key },
    });
  });

  it('a running total is not taken for this refund’s amount', async () => {
    const stage = spec.stage([
      given({ refund_amount: '12000.00' }),
      given({ refund_amount: '12000.00', refunds: listed }),
    ]);
    expect(await refund(stage.context, part)).to.deep.include({
      status: 'succeeded',
      amount: spec.idr(5_000),
    });
    const wrong = spec.stage([given({ refund_amount: '12000.00' }), as('settlement')]);
    expect(await refund(wrong.context, part)).to.deep.include({ amount: spec.idr(12_000) });
  });

  it('an answer about another refund names that one', async () => {
    const outcome = await refund(spec.stage([given({ refund_key: 'op_x' })]).context, part);
    expect(outcome).to.deep.include({ operationId: 'op_x', amount: spec.idr(5_000) });
  });

  it('once it was accepted, no trouble with the list says that nothing happened', async () => {
    const stage = spec.stage([given({ refund_amount: '12000.00' }), { status: 401, text: '' }]);
    expect(await spec.faultOf(refund(stage.context, part))).to.equal('broken');
  });

  it('the bank’s no is a decline though HTTP says 200', async () => {
    const stage = spec.stage(
      [as('settlement', { status_code: '202', refund_amount: '0.00', refund_key: key })],
      { direct_refund: true },
    );
    expect(await refund(stage.context, part)).to.include({
      status: 'declined',
      processorCode: '202',
    });
    expect(spec.pathsOf(stage)).to.deep.equal([post('refund/online/direct')]);
  });

  it('a no to a second refund is one, too; one that gave something back is a fault', async () => {
    const answered = (refund_amount: string) =>
      refund(spec.stage([given({ status_code: '202', refund_amount })]).context, part);
    expect(await answered('0.00')).to.include({ status: 'declined' });
    expect(await spec.faultOf(answered('5000.00'))).to.equal('unintelligible');
  });

  it('before settlement the whole is cancelled instead, under a key of its own', async () => {
    const stage = spec.stage([spec.refusal('412'), as('capture'), as('cancel')]);
    expect(await refund(stage.context, command)).to.deep.equal({
      ...done,
      ref: { order: spec.order, refund: '~cancel' },
    });
    expect(spec.pathsOf(stage)).to.deep.equal([post('refund'), get, post('cancel')]);
    expect(stage.requests[2]?.headers).to.include({ 'idempotency-key': `${key}-cancel` });
  });

  it('before settlement a part cannot be given back, and nothing is cancelled for it', async () => {
    const { context, requests } = spec.stage([spec.refusal('412'), as('capture')]);
    expect(await spec.faultOf(refund(context, part))).to.equal('rejected');
    expect(requests).to.have.length(2);
  });

  it('412 for what was given back before is that success', async () => {
    const stage = spec.stage([spec.refusal('412'), given({ refunds: listed })]);
    expect(await refund(stage.context, part)).to.deep.include({
      status: 'succeeded',
      operationId: key,
    });
    const cancelled = spec.stage([spec.refusal('412'), as('cancel')]);
    expect(await refund(cancelled.context, command)).to.deep.include(done);
  });

  it('406 leaves open whether the first one acted; 414 and 412 do not', async () => {
    const answered = (...answers: spec.Answer[]) =>
      spec.faultOf(refund(spec.stage(answers).context, part));
    expect(await answered(spec.refusal('406'))).to.equal('broken');
    expect(await answered(spec.refusal('414'))).to.equal('rejected');
    expect(await answered(spec.refusal('412'), as('settlement'))).to.equal('rejected');
    expect(await answered(as('settlement'))).to.equal('unintelligible');
  });

  it('are found by their key', async () => {
    const asked = (answer: spec.Answer, rupiah = 5_000) =>
      sync(spec.stage([answer]).context, spec.later('refund', rupiah));
    expect(await asked(given({ refunds: listed }))).to.deep.include({
      amount: spec.idr(5_000),
      operationId: key,
    });
    expect(await asked(given({ refunds: listed.slice(0, 1) }))).to.equal('not_found');
    expect(await asked(given())).to.deep.include({ operationId: key });
    expect(await asked(as('settlement'))).to.equal('not_found');
    expect(await asked(as('cancel'))).to.equal('not_found');
    expect(await asked(as('cancel'), 250_000)).to.deep.include(done);
    const unlisted = asked(as('refund', { refund_amount: '250000.00' }));
    expect(await spec.faultOf(unlisted)).to.equal('unintelligible');
  });
});
