/**
 * Everything a processor can do to us, on each operation that moves money: what the caller is told,
 * that nothing is sent elsewhere once a byte may have left, and that recovery finds the truth.
 */
import { expect } from 'chai';
import { minute, second } from '../../core/base/clock.ts';
import { chargeBody, type TestSwitch } from '../support/app.ts';
import { simulatorFault } from '../support/books.ts';
import { describeOnEachDatabase } from '../support/databases.ts';
import {
  authorized,
  bookedAt,
  bookedFor,
  captured,
  eventsOf,
  endHonestly,
  faultOnce,
  graceMs,
  lastOf,
  operations,
  paymentOf,
  post,
  recover,
  simulatorAccounts,
  startStill,
} from './world.ts';

const kinds = ['authorize', 'capture', 'void', 'refund'] as const;
type Kind = (typeof kinds)[number];

/** Done at the processor, and nobody told us so that we could read it. */
const doneInSilence = [
  'timeout_after',
  'reset_after',
  'error_after',
  'html',
  'empty',
  'cut_body',
  'invented_status',
];

const notDone = ['timeout_before', 'reset_before', 'error_before', 'status_503'];

const lies = ['wrong_amount', 'wrong_currency', 'wrong_reference'];

/** How the payment stands once the operation is known to have been carried out. */
const done: Readonly<Record<Kind, object>> = {
  authorize: { status: 'authorized', amount_authorized: 10_000 },
  capture: { status: 'captured', amount_captured: 10_000, amount_voided: 0 },
  void: { status: 'voided', amount_voided: 10_000, amount_captured: 0 },
  refund: { status: 'refunded', amount_refunded: 10_000 },
};

const successes: Readonly<Record<Kind, string>> = {
  authorize: 'payment.authorized',
  capture: 'payment.captured',
  void: 'payment.voided',
  refund: 'refund.succeeded',
};

describeOnEachDatabase('an answer that is missing or cannot be believed', (database) => {
  let app: TestSwitch;
  let otherAccount = '';

  before(async () => {
    app = await startStill(await database.open());
    otherAccount = (await simulatorAccounts(app))[1]?.merchant ?? '';
  });
  afterEach(() => simulatorFault(app)); // no rule outlives its test
  // Nor do the failures: the first account would be passed over after ten of them.
  afterEach(() => app.running.desk.routing.health.forget());
  after(() => endHonestly(app));

  /** Something each kind can be done to; the authorization is the payment itself. */
  function ready(kind: Kind): Promise<string | undefined> {
    if (kind === 'authorize') return Promise.resolve(undefined);
    return kind === 'refund' ? captured(app) : authorized(app);
  }

  function act(kind: Kind, id: string | undefined) {
    if (kind === 'refund') return app.call('/v1/refunds', { body: { payment: id } });
    if (kind !== 'authorize') return app.call(`/v1/payments/${id}/${kind}`, { body: {} });
    return app.call('/v1/payments', { body: chargeBody({ capture_method: 'manual' }) });
  }

  /** Does all four with the fault; answers what each caller heard, and about which payment. */
  async function struck(fault: string) {
    const ids = await Promise.all(kinds.map(ready));
    for (const kind of kinds) await faultOnce(app, fault, kind);
    return Promise.all(
      kinds.map(async (kind, place) => {
        const answer = await act(kind, ids[place]);
        const { body } = answer;
        const inside = body['payment'] as { id: string } | string | undefined;
        const named = typeof inside === 'object' ? inside.id : undefined;
        const id = ids[place] ?? named ?? (body['id'] as string);
        return { kind, answer, id };
      }),
    );
  }

  const told = (kind: Kind) =>
    kind === 'refund' ? { object: 'refund', status: 'processing' } : { status: 'processing' };

  for (const fault of doneInSilence) {
    it(`${fault}: processing for the caller, found out by the first question`, async () => {
      const all = await struck(fault);
      for (const { kind, answer, id } of all) {
        expect(answer.status, `${kind}: ${answer.text}`).to.equal(202);
        expect(answer.body, kind).to.include(told(kind));
        expect(await lastOf(app, id, kind)).to.include({ state: 'unknown', checks: 0 });
        expect(await eventsOf(app, id), kind).not.to.include(successes[kind]);
      }
      await recover(app, 5 * second);
      for (const { kind, id } of all) {
        expect(await paymentOf(app, id), kind).to.include(done[kind]);
        const operation = await lastOf(app, id, kind);
        expect(operation, kind).to.include({ state: 'succeeded', next_check_at: null });
        expect(await bookedFor(app, operation.id), kind).to.have.length(1);
        const events = await eventsOf(app, id);
        expect(events.filter((type) => type === successes[kind])).to.have.length(1);
      }
      expect(await bookedAt(app, otherAccount)).to.equal(0);
    });
  }

  for (const fault of notDone) {
    it(`${fault}: processing; a card's charge ends as failed, the rest is sent again`, async () => {
      const all = await struck(fault);
      for (const { kind, answer, id } of all) {
        expect(answer.status, `${kind}: ${answer.text}`).to.equal(202);
        expect(answer.body, kind).to.include(told(kind));
        expect(await lastOf(app, id, kind)).to.include({ state: 'unknown' });
      }
      await recover(app, 5 * second);
      for (const { kind, id } of all) {
        const once = await lastOf(app, id, kind);
        expect(once, 'one "not found" proves nothing').to.include({ state: 'unknown', checks: 1 });
        expect(once.absent_since, kind).to.be.a('string');
        expect(await bookedFor(app, once.id), kind).to.have.length(0);
      }
      await recover(app, Math.max(graceMs, 30 * second));
      for (const { kind, id } of all) {
        const operation = await lastOf(app, id, kind);
        const booked = await bookedFor(app, operation.id);
        if (kind === 'authorize') {
          expect(operation).to.include({ state: 'failed', next_check_at: null });
          expect(booked).to.have.length(0);
          const payment = await paymentOf(app, id);
          expect(payment).to.include({ status: 'failed', amount_authorized: 0, attempts: 1 });
          expect(payment['last_error']).to.include({ code: 'not_sent', operation: 'authorize' });
        } else {
          expect(operation, kind).to.include({ state: 'succeeded' });
          expect(booked, kind).to.have.length(1);
          expect(await paymentOf(app, id), kind).to.include(done[kind]);
        }
      }
      expect(await bookedAt(app, otherAccount)).to.equal(0);
    });
  }

  for (const fault of lies) {
    it(`${fault}: in review, no success told, until the processor says it right`, async () => {
      const all = await struck(fault);
      for (const { kind, answer, id } of all) {
        const expected = { authorize: 201, capture: 200, void: 200, refund: 202 }[kind];
        expect(answer.status, `${kind}: ${answer.text}`).to.equal(expected);
        expect(answer.body, kind).to.include({ status: 'in_review' });
        const operation = await lastOf(app, id, kind);
        expect(operation).to.include({ state: 'review', next_check_at: null });
        expect(await eventsOf(app, id), kind).not.to.include(successes[kind]);
        const payment = await paymentOf(app, id);
        expect(
          payment[`amount_${kind === 'authorize' ? 'authorized' : `${kind}ed`}`] ?? 0,
        ).to.equal(0);
      }
      // It waits for a person, not for a clock.
      expect(await recover(app, minute)).to.not.include.members(all.map(({ id }) => id));
      for (const { kind, id } of all) {
        expect(await post(app, `/v1/payments/${id}/sync`, {}, 200), kind).to.include(done[kind]);
        expect(await bookedFor(app, (await lastOf(app, id, kind)).id)).to.have.length(1);
      }
      expect(await bookedAt(app, otherAccount)).to.equal(0);
    });
  }

  it('status_429: surely not carried out; only a charge goes to the next account', async () => {
    const all = await struck('status_429');
    for (const { kind, answer, id } of all) {
      const operation = await lastOf(app, id, kind);
      if (kind === 'authorize') {
        expect(answer.status, answer.text).to.equal(201);
        expect(answer.body).to.include({ status: 'authorized', attempts: 1 });
        const [first] = await operations(app, id);
        expect(first).to.include({ state: 'failed' });
        expect(await bookedFor(app, first?.id ?? '')).to.have.length(0);
        expect(operation.account_id).to.equal((await simulatorAccounts(app))[1]?.id);
        // Voided, so that the second account's count can be told below.
        await post(app, `/v1/payments/${id}/void`, {}, 200);
        continue;
      }
      expect(answer.status, `${kind}: ${answer.text}`).to.equal(502);
      expect(answer.body).to.include({ code: 'processor_unreachable' });
      expect(operation).to.include({ state: 'failed', next_check_at: null });
      expect(await bookedFor(app, operation.id)).to.have.length(0);
      const before = kind === 'refund' ? 'captured' : 'authorized';
      const payment = await paymentOf(app, id);
      expect(payment).to.include({ status: before, amount_refunded: 0, amount_voided: 0 });
      expect(payment[kind === 'refund' ? 'amount_refundable' : 'amount_capturable']).to.equal(
        10_000,
      );
      expect((await eventsOf(app, id)).at(-1)).to.equal(
        kind === 'refund' ? 'refund.failed' : `payment.${kind}_failed`,
      );
      // Free to be tried again.
      expect((await act(kind, id)).status).to.be.oneOf([200, 201]);
      expect(await paymentOf(app, id)).to.include(done[kind]);
    }
    const [, other] = await simulatorAccounts(app);
    expect(await bookedAt(app, other?.merchant ?? '')).to.equal(2);
  });

  it('a lie that stays a lie is not approved, and a lying charge can be undone', async () => {
    await faultOnce(app, 'wrong_amount', 'authorize');
    const { id } = await post(app, '/v1/payments', chargeBody({ capture_method: 'manual' }), 201);
    await simulatorFault(app, { fault: 'wrong_amount', kind: 'lookup' });
    const refused = await post(app, `/v1/payments/${id}/approve`, {}, 409);
    expect(refused).to.include({ code: 'review_mismatch' });
    expect(await paymentOf(app, id)).to.include({ status: 'in_review', amount_authorized: 0 });
    await simulatorFault(app);
    await post(app, `/v1/payments/${id}/sync`, {}, 200);
    expect(await paymentOf(app, id)).to.include({ status: 'authorized' });
  });

  it('what was held for a wrong answer is never taken for absent, nor sent again', async () => {
    const id = await authorized(app);
    await faultOnce(app, 'wrong_reference', 'capture');
    await post(app, `/v1/payments/${id}/capture`, {}, 200);
    const capture = await lastOf(app, id, 'capture');
    await simulatorFault(app, { fault: 'not_found_lag', kind: 'lookup', latency_ms: 300_000 });
    for (let time = 0; time < 3; time += 1) {
      await post(app, `/v1/payments/${id}/sync`, {}, 200);
      app.clock.advance(graceMs + second);
    }
    expect(await lastOf(app, id, 'capture')).to.include({ state: 'review' });
    expect(await bookedFor(app, capture.id)).to.have.length(1);
    await simulatorFault(app);
    await post(app, `/v1/payments/${id}/sync`, {}, 200);
    expect(await paymentOf(app, id)).to.include(done.capture);
  });
});
