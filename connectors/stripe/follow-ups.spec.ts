/** Captures, voids and refunds, and what became of any operation. */
import { expect } from 'chai';
import type { Sync } from '#sdk';
import { stripe } from './index.ts';
import type { StripeRef } from './settings.ts';
import {
  faultOf,
  formOf,
  held,
  insufficientFunds,
  list,
  nowMs,
  paid,
  pathOf,
  refundObject,
  refused,
  scripted,
  usd,
  waiting,
} from './spec-context.ts';

const { capture, refund, sync, void: release } = stripe.operations;
if (!capture || !refund || !release) throw new Error('the connector does all of it');

const of = { intent: 'pi_1' };
const captured = {
  ...held,
  status: 'succeeded',
  amount_capturable: 0,
  amount_received: 4000,
  metadata: { pointsman_operation: 'op_0', pointsman_capture: 'op_1' },
};
const cancelled = { ...held, status: 'canceled', amount_capturable: 0 };
const unexpected = refused(400, { code: 'payment_intent_unexpected_state' });

describe('stripe: captures', () => {
  const capturing = { operationId: 'op_1', amount: usd(4000), of, final: true };

  it('take a part and say which capture of ours it was', async () => {
    const { context, requests } = scripted([captured]);
    expect(await capture(context, capturing)).to.deep.equal({
      status: 'succeeded',
      operationId: 'op_1',
      amount: usd(4000),
      ref: { intent: 'pi_1', act: 'capture' },
    });
    const [request] = requests;
    if (!request) throw new Error('one request');
    expect(pathOf(request)).to.equal('/v1/payment_intents/pi_1/capture');
    expect(formOf(request)).to.deep.equal({
      amount_to_capture: '4000',
      metadata: { pointsman_capture: 'op_1' },
    });
  });

  it('are declined when the hold is too old', async () => {
    const late = refused(400, { code: 'charge_expired_for_capture' });
    expect(await capture(scripted([late]).context, capturing)).to.include({
      status: 'declined',
      code: 'expired',
    });
  });

  it('are declined by a 402', async () => {
    const no = scripted([refused(402, insufficientFunds)]);
    expect(await capture(no.context, capturing)).to.include({ code: 'insufficient_funds' });
  });

  it('are no success when the intent is still held, or somebody else’s capture', async () => {
    expect(await faultOf(capture(scripted([held]).context, capturing))).to.equal('unintelligible');
    const others = { ...captured, metadata: { pointsman_operation: 'op_0' } };
    expect(await faultOf(capture(scripted([others]).context, capturing))).to.equal(
      'unintelligible',
    );
    expect(await faultOf(capture(scripted([unexpected]).context, capturing))).to.equal('rejected');
  });

  it('are never sent in an amount that Stripe cannot hold', async () => {
    const { context, requests } = scripted([captured]);
    const odd = { ...capturing, amount: { amount: 1001, currency: 'KWD' } };
    expect(await faultOf(capture(context, odd))).to.equal('rejected');
    expect(requests).to.have.length(0);
  });
});

describe('stripe: voids', () => {
  const voiding = {
    operationId: 'op_1',
    amount: usd(10_000),
    of,
    because: 'released',
    reason: undefined,
  } as const;
  const done = {
    status: 'succeeded',
    operationId: 'op_1',
    amount: usd(10_000),
    ref: { intent: 'pi_1', act: 'void' },
  };

  it('cancel the intent, with a reason Stripe knows', async () => {
    const { context, requests } = scripted([cancelled]);
    expect(await release(context, voiding)).to.deep.equal(done);
    await release(context, { ...voiding, because: 'expired' });
    await release(context, { ...voiding, reason: 'duplicate' });
    await release(context, { ...voiding, reason: 'the customer rang' });
    expect(requests.map((it) => formOf(it)['cancellation_reason'])).to.deep.equal([
      'requested_by_customer',
      'abandoned',
      'duplicate',
      'requested_by_customer',
    ]);
  });

  it('are done when Stripe had let go already', async () => {
    const { context } = scripted([unexpected, cancelled]);
    expect(await release(context, voiding)).to.deep.equal(done);
  });

  it('are rejected when the money was captured meanwhile', async () => {
    const { context } = scripted([unexpected, captured]);
    expect(await faultOf(release(context, voiding))).to.equal('rejected');
  });

  it('are no success when the answer is about another intent', async () => {
    const { context } = scripted([{ ...cancelled, id: 'pi_2' }]);
    expect(await faultOf(release(context, voiding))).to.equal('unintelligible');
  });
});

describe('stripe: refunds', () => {
  const refunding = { operationId: 'op_1', amount: usd(400), of, reason: 'came back' };
  const outcomeOf = (reply: object) => refund(scripted([reply]).context, refunding);
  const ref = { intent: 'pi_1', refund: 're_1' };

  it('give back a part', async () => {
    const { context, requests } = scripted([refundObject]);
    expect(await refund(context, refunding)).to.deep.equal({
      status: 'succeeded',
      operationId: 'op_1',
      amount: usd(400),
      ref,
    });
    await refund(context, { ...refunding, reason: 'fraudulent' });
    expect(requests.map(formOf)).to.deep.equal([
      {
        payment_intent: 'pi_1',
        amount: '400',
        metadata: { pointsman_operation: 'op_1', pointsman_reason: 'came back' },
      },
      {
        payment_intent: 'pi_1',
        amount: '400',
        reason: 'fraudulent',
        metadata: { pointsman_operation: 'op_1' },
      },
    ]);
  });

  it('wait while Stripe or the customer has to do something', async () => {
    for (const status of ['pending', 'requires_action']) {
      const outcome = await outcomeOf({ ...refundObject, status });
      expect(outcome).to.deep.equal({ status: 'pending', ref, waitingFor: 'processor' });
    }
  });

  it('fail for a reason', async () => {
    const failed = {
      ...refundObject,
      status: 'failed',
      failure_reason: 'expired_or_canceled_card',
    };
    expect(await outcomeOf(failed)).to.include({ status: 'declined', code: 'expired_card' });
    const stopped = { ...refundObject, status: 'canceled' };
    expect(await outcomeOf(stopped)).to.include({ status: 'declined', code: 'withdrawn' });
  });

  it('are faults in a status nobody knows, or without our mark', async () => {
    for (const changes of [{ status: 'moon' }, { metadata: {} }, { object: 'charge' }]) {
      expect(await faultOf(outcomeOf({ ...refundObject, ...changes }))).to.equal('unintelligible');
    }
  });
});

describe('stripe: what became of it', () => {
  const question: Sync<StripeRef> = {
    operationId: 'op_1',
    kind: 'authorize',
    amount: usd(10_000),
    ref: undefined,
    of: undefined,
    method: 'token',
    capture: 'manual',
    begunAtMs: nowMs,
  };
  const ask = (reply: object | readonly object[], changes: Partial<Sync<StripeRef>> = {}) => {
    const { context, requests } = scripted(Array.isArray(reply) ? reply : [reply]);
    return { found: sync(context, { ...question, ...changes }), requests };
  };
  const other = (id: string) => ({ ...held, id, metadata: { pointsman_operation: 'op_9' } });

  it('is read by its handle when there is one', async () => {
    const { found, requests } = ask(held, { ref: of });
    expect(await found).to.include({ status: 'succeeded', operationId: 'op_1' });
    expect(requests.map(pathOf)).to.deep.equal([
      '/v1/payment_intents/pi_1?expand[0]=latest_charge',
    ]);
  });

  it('is looked for by our mark, page by page, in the minutes around it', async () => {
    const pages = [list([other('pi_8'), other('pi_7')], true), list([other('pi_6'), held])];
    const { found, requests } = ask(pages);
    expect(await found).to.deep.include({ status: 'succeeded', ref: of });
    const queries = requests.map(({ url }) => Object.fromEntries(new URL(url).searchParams));
    expect(queries[0]).to.deep.equal({
      'created[gte]': String(nowMs / 1000 - 60),
      'created[lte]': String(nowMs / 1000 + 600),
      'expand[0]': 'data.latest_charge',
      limit: '100',
    });
    expect(queries[1]).to.have.property('starting_after', 'pi_7');
  });

  it('is nothing only when the whole list holds no such thing', async () => {
    expect(await ask(list([other('pi_8')])).found).to.equal('not_found');
    expect(await ask(list([])).found).to.equal('not_found');
    const endless = ask(list([other('pi_8')], true));
    expect(await faultOf(endless.found)).to.equal('unintelligible');
    expect(endless.requests).to.have.length(50);
    expect(await faultOf(ask(list([], true)).found)).to.equal('unintelligible');
    expect(await faultOf(ask({ object: 'search_result', data: [] }).found)).to.equal(
      'unintelligible',
    );
  });

  it('is a fault when Stripe denies a handle of its own making', async () => {
    const gone = refused(404, { code: 'resource_missing' });
    expect(await faultOf(ask(gone, { ref: of }).found)).to.equal('rejected');
  });

  it('is still a hold of the whole after a capture in part', async () => {
    const found = await ask({ ...captured, metadata: held.metadata }, { ref: of }).found;
    expect(found).to.deep.include({ status: 'succeeded', amount: usd(10_000) });
  });

  it('is pending for a hosted customer who has not come', async () => {
    const { found } = ask(waiting, { ref: of, method: 'hosted' });
    expect(await found).to.include({ status: 'pending', waitingFor: 'customer' });
  });

  const followUps: [string, Sync<StripeRef>['kind'], object, string][] = [
    ['a capture that was ours', 'capture', captured, 'succeeded'],
    ['a capture while it is held', 'capture', held, 'not_found'],
    ['a capture of what is cancelled', 'capture', cancelled, 'declined'],
    ['a void that was done', 'void', cancelled, 'succeeded'],
    ['a void while it is held', 'void', held, 'not_found'],
    ['a void of what is captured', 'void', captured, 'not_found'],
    ['a refund in the list', 'refund', list([refundObject]), 'succeeded'],
    [
      'a refund that is pending',
      'refund',
      list([{ ...refundObject, status: 'pending' }]),
      'pending',
    ],
    [
      'a refund of another operation',
      'refund',
      list([{ ...refundObject, metadata: {} }]),
      'not_found',
    ],
  ];
  for (const [title, kind, reply, expected] of followUps) {
    it(`${title}: ${expected}`, async () => {
      const found = await ask(reply, { kind, of }).found;
      expect(found === 'not_found' ? found : found.status).to.equal(expected);
    });
  }

  it('a capture by another operation is passed on as that one’s', async () => {
    const others = { ...captured, metadata: { pointsman_capture: 'op_2' } };
    expect(await ask(others, { kind: 'capture', of }).found).to.include({ operationId: 'op_2' });
    const unmarked = { ...captured, metadata: held.metadata };
    expect(await faultOf(ask(unmarked, { kind: 'capture', of }).found)).to.equal('unintelligible');
  });

  it('a refund with a handle is read by it', async () => {
    const { found, requests } = ask(refundObject, { kind: 'refund', of, ref: { refund: 're_1' } });
    expect(await found).to.include({ status: 'succeeded' });
    expect(requests.map(pathOf)).to.deep.equal(['/v1/refunds/re_1']);
  });

  it('a decision is never asked about: nothing is held for review here', async () => {
    expect(await faultOf(ask(held, { kind: 'approve', of }).found)).to.equal('rejected');
    expect(await faultOf(ask(paid, { kind: 'capture' }).found)).to.equal('rejected');
  });
});
