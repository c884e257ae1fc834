/** Captures, voids and reviews: what is sent, and what the answers come to. */
import { expect } from 'chai';
import { capture } from './capture.ts';
import { approve, reject } from './review.ts';
import type { MidtransRef } from './settings.ts';
import * as spec from './spec-context.ts';
import { release } from './void.ts';

const command = spec.about();
const done = { status: 'succeeded', operationId: command.operationId, amount: spec.idr(250_000) };
const as = (transaction_status: string, changes: object = {}) =>
  spec.transaction({ transaction_status, ...changes });
const get = `GET /v2/${spec.order}/status`;
const post = (verb: string, id = spec.transactionId) => `POST /v2/${id}/${verb}`;

describe('Midtrans: captures', () => {
  it('name the transaction and whole rupiah, and tell what was captured', async () => {
    const stage = spec.stage([as('capture', { gross_amount: '100000.00' })]);
    const outcome = await capture(stage.context, spec.about(spec.held, 100_000));
    expect(spec.bodyOf(stage.requests[0])).to.deep.equal({
      transaction_id: spec.transactionId,
      gross_amount: 100_000,
    });
    expect(stage.requests[0]?.headers).to.include({ 'idempotency-key': command.operationId });
    expect(outcome).to.deep.include({ ...done, amount: spec.idr(100_000) });
  });

  it('ask for the transaction when only the order is known', async () => {
    const stage = spec.stage([as('authorize'), as('capture')]);
    await capture(stage.context, spec.about({ order: spec.order }));
    expect(spec.pathsOf(stage)).to.deep.equal([get, 'POST /v2/capture']);
  });

  it('the bank’s no is a decline, and the hold stands', async () => {
    const denial = as('deny', { status_code: '202', channel_response_code: '01' });
    const outcome = await capture(spec.stage([denial]).context, command);
    expect(outcome).to.include({ status: 'declined', code: 'call_issuer', processorCode: '01' });
  });

  it('an answer about another order names that one; another word is a fault', async () => {
    const other = await capture(spec.stage([as('capture', { order_id: 'op_x' })]).context, command);
    expect(other).to.include({ operationId: 'op_x' });
    const odd = capture(spec.stage([as('authorize')]).context, command);
    expect(await spec.faultOf(odd)).to.equal('unintelligible');
    const late = capture(spec.stage([spec.refusal('412')]).context, command);
    expect(await spec.faultOf(late)).to.equal('rejected');
  });
});

describe('Midtrans: voids', () => {
  const session: MidtransRef = { order: spec.order, snap: 'tok/1' };
  const close = 'POST /snap/v1/transactions/tok%2F1/cancel';
  const closed = { canceled_at: '2025-06-03T13:09:39.776Z' };
  const says = (message: string) => ({
    status: 400,
    text: JSON.stringify({ error_messages: [message] }),
  });
  const voided = async (
    of: MidtransRef,
    because: 'released' | 'cancelled' | 'expired',
    answers: spec.Answer[],
  ) => {
    const stage = spec.stage(answers);
    const outcome = await release(stage.context, { ...command, of, because });
    return { outcome, paths: spec.pathsOf(stage) };
  };

  it('a hold is cancelled, whyever it is let go', async () => {
    for (const because of ['released', 'cancelled', 'expired'] as const) {
      const { outcome, paths } = await voided(spec.held, because, [as('authorize'), as('cancel')]);
      expect(paths).to.deep.equal([get, post('cancel')]);
      expect(outcome).to.deep.include(done);
    }
  });

  it('an unfinished try is expired when its time is over, and 407 is the success of that', async () => {
    const expiry = as('expire', { status_code: '407' });
    const { outcome, paths } = await voided(spec.held, 'expired', [as('pending'), expiry]);
    expect(paths).to.deep.equal([get, post('expire')]);
    expect(outcome).to.deep.include(done);
    const cancelled = await voided(spec.held, 'cancelled', [as('pending'), as('cancel')]);
    expect(cancelled.paths).to.deep.equal([get, post('cancel')]);
  });

  it('what was called off before is not called off again', async () => {
    const { outcome, paths } = await voided(spec.held, 'cancelled', [as('cancel')]);
    expect(paths).to.deep.equal([get]);
    expect(outcome).to.deep.include(done);
  });

  it('what was captured meanwhile is left alone', async () => {
    for (const status of ['capture', 'settlement', 'refund']) {
      const { context, requests } = spec.stage([
        as(status, { refund_key: 'k', refund_amount: '1.00' }),
      ]);
      const work = release(context, { ...command, because: 'cancelled' });
      expect(await spec.faultOf(work)).to.equal('rejected');
      expect(requests).to.have.length(1);
    }
  });

  it('a page that nobody used is closed by its token, once or again', async () => {
    for (const answer of [closed, says('token already canceled'), says('token not found')]) {
      const { outcome, paths } = await voided(session, 'expired', [spec.missing, answer]);
      expect(paths).to.deep.equal([get, close]);
      expect(outcome).to.deep.include({ ...done, ref: session });
    }
  });

  it('a page whose customer chose just now: the order is called off, then the page', async () => {
    const answers = [
      spec.missing,
      says('Transaction is on progress'),
      as('pending'),
      as('cancel'),
      closed,
    ];
    const { outcome, paths } = await voided(session, 'cancelled', answers);
    expect(paths).to.deep.equal([get, close, get, post('cancel'), close]);
    expect(outcome).to.deep.include(done);
  });

  it('a customer who is faster keeps his payment', async () => {
    const busy = says('Transaction is on progress');
    const twice = voided(session, 'cancelled', [spec.missing, busy, spec.missing]);
    expect(await spec.faultOf(twice)).to.equal('rejected');
  });

  it('once the order is called off, no trouble with its page says that nothing happened', async () => {
    const troubles = [says('Transaction is on progress'), { status: 401, text: '' }];
    for (const trouble of [...troubles, { status: 429, text: '' }, says('no such words')]) {
      const work = voided(session, 'cancelled', [as('pending'), as('cancel'), trouble]);
      expect(await spec.faultOf(work)).to.be.oneOf(['broken', 'unintelligible']);
      const of = { ...spec.held, snap: 'tok' };
      const rejection = reject(spec.stage([as('deny'), trouble]).context, spec.about(of));
      expect(await spec.faultOf(rejection)).to.be.oneOf(['broken', 'unintelligible']);
    }
  });

  it('words that Snap never used are a fault, and so is another try’s answer', async () => {
    const strange = voided(session, 'cancelled', [spec.missing, says('token is resting')]);
    expect(await spec.faultOf(strange)).to.equal('unintelligible');
    const other = as('cancel', { transaction_id: 'another' });
    const replayed = voided(spec.held, 'cancelled', [as('pending'), other]);
    expect(await spec.faultOf(replayed)).to.equal('unintelligible');
  });
});

describe('Midtrans: reviews', () => {
  it('approving leaves it captured, rejecting denies it', async () => {
    const approval = spec.stage([as('capture')]);
    expect(await approve(approval.context, command)).to.deep.include(done);
    expect(spec.pathsOf(approval)).to.deep.equal([post('approve', spec.order)]);
    const rejection = spec.stage([as('deny', { fraud_status: 'deny' })]);
    expect(await reject(rejection.context, command)).to.deep.include(done);
    expect(spec.pathsOf(rejection)).to.deep.equal([post('deny', spec.order)]);
  });

  it('an answer that says otherwise is a fault', async () => {
    for (const answer of [as('capture', { fraud_status: 'challenge' }), as('deny')]) {
      const work = approve(spec.stage([answer]).context, command);
      expect(await spec.faultOf(work)).to.equal('unintelligible');
    }
    const work = reject(spec.stage([as('capture')]).context, command);
    expect(await spec.faultOf(work)).to.equal('unintelligible');
  });
});
