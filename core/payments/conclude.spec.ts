/**
 * The books hold whatever processors say, in whatever order: sequences of verbs and verdicts are
 * drawn at random, and every rule about money is checked after every step.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import type { LedgerAccount } from '../ledger/entry.ts';
import { capturable, refundable, restingStatus } from './amounts.ts';
import { conclude } from './conclude.ts';
import { isUnresolved } from './machine.ts';
import type { OperationRecord, PaymentRecord } from './record.ts';
import {
  callingOperation,
  freshPayment,
  moment,
  verdictOf,
  World,
  type Step,
} from './spec-world.ts';

const anyStep: fc.Arbitrary<Step> = fc.record({
  pick: fc.nat(60),
  share: fc.integer({ min: 1, max: 1000 }),
  waitingFor: fc.constantFrom('customer', 'processor', 'review'),
  final: fc.boolean(),
});
const anyLife = [
  fc.constantFrom('automatic', 'manual'),
  fc.array(anyStep, { maxLength: 30 }),
] as const;

/** Lives 500 payments and looks at each after every step; the story is in the failure. */
function inEveryLife(look: (world: World, before: World['operations']) => void): void {
  fc.assert(
    fc.property(...anyLife, (captureMethod, steps) => {
      const world = new World(captureMethod, { races: true });
      for (const step of steps) {
        const before = [...world.operations];
        try {
          if (!world.take(step)) return;
          look(world, before);
        } catch (cause) {
          throw new Error(`${String(cause)} after ${world.story.join('; ')}`, { cause });
        }
      }
    }),
    { numRuns: 500 },
  );
}

function moved({ entries }: World, debit: LedgerAccount, credit: LedgerAccount): number {
  return entries
    .filter((entry) => entry.debit === debit && entry.credit === credit)
    .reduce((sum, { amount }) => sum + amount, 0);
}

describe('conclude, in any order of verbs and verdicts', () => {
  it('never holds, captures or refunds more than there is', () => {
    inEveryLife(({ payment }) => {
      const { amount_captured: captured, amount_authorized: held } = payment;
      for (const [name, value] of Object.entries(payment)) {
        if (name.startsWith('amount')) expect(value, name).to.be.a('number').that.is.at.least(0);
      }
      expect(held).to.be.at.most(payment.amount);
      expect(captured + payment.amount_hold_pending + payment.amount_voided).to.be.at.most(held);
      expect(payment.amount_refunded + payment.amount_refund_pending).to.be.at.most(captured);
    });
  });

  it('keeps the counters equal to the sums of the ledger', () => {
    inEveryLife((world) => {
      const { payment } = world;
      expect(moved(world, 'issuer', 'hold'), 'authorized').to.equal(payment.amount_authorized);
      expect(moved(world, 'hold', 'merchant'), 'captured').to.equal(payment.amount_captured);
      expect(moved(world, 'hold', 'issuer'), 'voided').to.equal(payment.amount_voided);
      expect(moved(world, 'merchant', 'issuer'), 'refunded').to.equal(payment.amount_refunded);
      expect(world.entries.every(({ amount }) => amount > 0)).to.equal(true);
    });
  });

  it('never moves an operation again that has been settled', () => {
    inEveryLife(({ operations }, before) => {
      const settled = before.filter(({ state }) => !isUnresolved(state));
      for (const operation of settled) expect(operations).to.include(operation);
    });
  });

  it('numbers the events without a gap, and tells of every change of status', () => {
    inEveryLife(({ events, payment }) => {
      // The first event, payment.created, is the creation's own.
      expect(payment.event_count).to.equal(events.length + 1);
      expect(events.map(({ sequence }) => sequence)).to.deep.equal(
        events.map((_event, at) => at + 2),
      );
      const told = events.findLast(({ type }) => statusOf(type) !== undefined);
      expect(statusOf(told?.type ?? '') ?? 'created').to.equal(payment.status);
    });
  });

  it('reserves nothing and waits for nobody once every operation is settled', () => {
    inEveryLife(({ operations, payment }) => {
      if (operations.some(({ state }) => isUnresolved(state))) return;
      expect(payment.amount_hold_pending + payment.amount_refund_pending).to.equal(0);
      expect(['processing', 'requires_action', 'in_review']).not.to.include(payment.status);
      expect(payment.next_action).to.equal(null);
    });
  });
});

/** `payment.captured` → `captured`; undefined for an event that tells of no status. */
function statusOf(type: string): string | undefined {
  const [noun, word = ''] = type.split('.');
  return noun === 'payment' && !/_failed$|late_success|needs_operator/.test(word)
    ? word
    : undefined;
}

function authorized(more: Partial<PaymentRecord> = {}): PaymentRecord {
  return freshPayment({ status: 'authorized', amount_authorized: 10_000, ...more });
}

describe('conclude', () => {
  function calling(
    kind: OperationRecord['kind'],
    amount: number,
    payment: PaymentRecord,
    details = {},
  ): OperationRecord {
    return callingOperation(payment, kind, amount, details);
  }

  it('writes two entries for a payment that is captured at once', () => {
    const payment = freshPayment({ status: 'processing' });
    const operation = calling('authorize', 10_000, payment, { capture: 'automatic' });
    const after = conclude(payment, operation, verdictOf('succeeded'), moment);
    expect(after.payment).to.include({ status: 'captured', amount_captured: 10_000 });
    expect(after.entries.map(({ debit, credit }) => `${debit}→${credit}`)).to.deep.equal([
      'issuer→hold',
      'hold→merchant',
    ]);
    expect(after.events).to.deep.equal(['payment.captured']);
  });

  it('releases what is left with the final capture', () => {
    const payment = authorized({ amount_hold_pending: 6000 });
    const operation = calling('capture', 6000, payment, { final: true });
    const after = conclude(payment, operation, verdictOf('succeeded'), moment);
    expect(after.payment).to.include({
      status: 'captured',
      amount_captured: 6000,
      amount_voided: 4000,
      amount_hold_pending: 0,
    });
  });

  it('keeps a payment in its place when a capture is declined, and says why', () => {
    const payment = authorized({ amount_hold_pending: 6000 });
    const operation = calling('capture', 6000, payment);
    const after = conclude(payment, operation, verdictOf('declined'), moment);
    expect(after.payment).to.include({ status: 'authorized', amount_hold_pending: 0 });
    expect(after.events).to.deep.equal(['payment.capture_failed']);
    expect(after.payment.last_error).to.contain('do_not_honor');
  });

  it('lets a refund succeed beside a capture of which nobody knows', () => {
    const payment = authorized({
      status: 'processing',
      amount_captured: 4000,
      amount_hold_pending: 6000,
      amount_refund_pending: 1000,
    });
    const refund = calling('refund', 1000, payment);
    const refunded = conclude(payment, refund, verdictOf('succeeded'), moment);
    expect(refunded.payment).to.include({ status: 'processing', amount_refunded: 1000 });
    expect(refunded.events).to.deep.equal(['refund.succeeded']);

    const capture = calling('capture', 6000, refunded.payment, { final: true });
    const after = conclude(refunded.payment, capture, verdictOf('succeeded'), moment);
    expect(after.payment).to.include({ status: 'partially_refunded', amount_captured: 10_000 });
  });

  it('gives back what a failed refund had reserved', () => {
    const payment = authorized({
      status: 'captured',
      amount_captured: 10_000,
      amount_refund_pending: 2500,
    });
    const after = conclude(payment, calling('refund', 2500, payment), verdictOf('failed'), moment);
    expect(refundable(after.payment)).to.equal(10_000);
    expect(after.payment.status).to.equal('captured');
    expect(after.events).to.deep.equal(['refund.failed']);
  });

  it('keeps what a lost capture has reserved until somebody knows', () => {
    const payment = authorized({ amount_hold_pending: 6000 });
    const operation = calling('capture', 6000, payment);
    const after = conclude(payment, operation, verdictOf('unknown'), moment);
    expect(after.payment).to.include({ status: 'processing', amount_hold_pending: 6000 });
    expect(capturable(after.payment)).to.equal(4000);
    expect(after.entries).to.deep.equal([]);
  });

  it('shows the next action while the customer is to act, and no longer', () => {
    const payment = freshPayment({ status: 'processing' });
    const operation = calling('authorize', 10_000, payment);
    const url = 'https://bank.example/challenge';
    const next_action = { type: 'redirect', url } as const;
    const asking = conclude(
      payment,
      operation,
      { state: 'pending', ref: null, result: { waiting_for: 'customer', next_action } },
      moment,
    );
    expect(asking.payment.next_action).to.contain(url);
    const after = conclude(asking.payment, asking.operation, verdictOf('declined'), moment);
    expect(after.payment).to.include({ status: 'failed', next_action: null });
  });

  it('waits for the processor when a capture is pending, whoever it says has to move', () => {
    const payment = authorized({ amount_hold_pending: 10_000 });
    for (const waitingFor of ['customer', 'processor', 'review'] as const) {
      const verdict = verdictOf('pending', { waitingFor });
      const after = conclude(payment, calling('capture', 10_000, payment), verdict, moment);
      expect(after.payment.status).to.equal('processing');
    }
  });

  it('refuses a verdict that the operation’s table does not know', () => {
    const payment = authorized();
    const operation = { ...calling('capture', 1, payment), state: 'review' as const };
    expect(() => conclude(payment, operation, verdictOf('unknown'), moment)).to.throw(
      'an operation does not go from review to unknown',
    );
  });
});

describe('where a payment rests', () => {
  const cases: readonly [string, Partial<PaymentRecord>][] = [
    ['failed', {}],
    ['authorized', { amount_authorized: 100 }],
    ['voided', { amount_authorized: 100, amount_voided: 100 }],
    ['partially_captured', { amount_authorized: 100, amount_captured: 40 }],
    ['captured', { amount_authorized: 100, amount_captured: 40, amount_voided: 60 }],
    ['partially_refunded', { amount_authorized: 9, amount_captured: 9, amount_refunded: 1 }],
    ['partially_refunded', { amount_authorized: 9, amount_captured: 4, amount_refunded: 4 }],
    ['refunded', { amount_authorized: 9, amount_captured: 9, amount_refunded: 9 }],
  ];
  for (const [status, counters] of cases) {
    it(`is ${status} with ${JSON.stringify(counters)}`, () => {
      expect(restingStatus(freshPayment(counters))).to.equal(status);
    });
  }
});
