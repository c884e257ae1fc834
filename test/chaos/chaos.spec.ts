/**
 * A small storm at every test run, and the proof that the harness can see: the naive handler is
 * caught, and so is each made-up crime. The large rounds are `npm run chaos`.
 */
import { expect } from 'chai';
import { skipped } from '../support/skipped.ts';
import type { Books, OperationView, SimulatorLine } from './books.ts';
import type { Answer, PaymentView } from './buyer.ts';
import { emptyFindings, judge, type Findings } from './judge.ts';
import { readOptions, WrongUsage } from './options.ts';
import type { Order } from './order.ts';
import { build } from './place.ts';
import { randomOf } from './random.ts';
import { runRound } from './round.ts';
import { breachesOf, textOf } from './sheet.ts';

describe('chaos, a small round', function () {
  // A boot takes 0.3 s on an idle machine and ten times that on a crowded one.
  this.timeout(180_000);

  before(() => build());

  it('loses and doubles nothing on SQLite, killed and out of disk', async () => {
    const verdict = await runRound(readOptions(['--seed', '5', '--kills', '5', '--clients', '8']));
    for (const what of verdict.notRun) {
      const [part = '', ...reason] = what.split(': ');
      skipped.set(`chaos, ${part}`, reason.join(': '));
    }
    expect(breachesOf(verdict), textOf(verdict)).to.equal(0);
    expect(verdict.kills).to.equal(5);
    expect(verdict.payments).to.be.greaterThan(20);
    expect(verdict.integrity).to.equal('ok');
  });

  it('loses and doubles nothing on Postgres with two nodes, frozen, killed and cut off', async function () {
    if (process.env['POINTSMAN_TEST_POSTGRES'] === undefined) this.skip();
    const line = '--seed 6 --kills 2 --clients 6 --database postgres --nodes 2';
    const verdict = await runRound(readOptions(line.split(' ')));
    expect(breachesOf(verdict), textOf(verdict)).to.equal(0);
    expect(verdict.disturbances).to.have.property('freezes');
    expect(verdict.payments).to.be.greaterThan(10);
  });

  it('catches the naive handler', async () => {
    const line = '--seed 5 --kills 4 --clients 8 --control naive';
    const verdict = await runRound(readOptions(line.split(' ')));
    expect(verdict.findings.doubled).to.not.have.length(0);
  });
});

const payment: PaymentView = {
  id: 'pay_1',
  object: 'payment',
  status: 'captured',
  amount: 100,
  reference: 'order-1',
  amount_authorized: 100,
  amount_captured: 100,
  amount_voided: 0,
  amount_refunded: 0,
};
const told: Answer = {
  action: 'create',
  kind: 'ok',
  status: 201,
  code: undefined,
  payment,
  refund: undefined,
};
const declined: Answer = {
  ...told,
  kind: 'refused',
  status: 402,
  code: 'payment_declined',
  payment: { ...payment, status: 'failed', amount_authorized: 0, amount_captured: 0 },
};
const authorize: OperationView = {
  id: 'op_1',
  payment: 'pay_1',
  kind: 'authorize',
  state: 'succeeded',
  amount: 100,
  currency: 'USD',
};
const refund: OperationView = { ...authorize, id: 're_1', kind: 'refund', amount: 60 };
const charge: SimulatorLine = {
  id: 'line_1',
  kind: 'authorize',
  reference: 'op_1',
  charge: 'ch_1',
  amount: 100,
  currency: 'USD',
  status: 'captured',
};
const refundLine: SimulatorLine = {
  ...charge,
  id: 'line_2',
  kind: 'refund',
  reference: 're_1',
  amount: 60,
  status: 'succeeded',
};
const toldRefund: Answer = {
  ...told,
  action: 'refund0',
  payment: undefined,
  refund: { id: 're_1', object: 'refund', status: 'succeeded', amount: 60, payment: 'pay_1' },
};

interface Case {
  readonly answers?: readonly Answer[];
  readonly lines?: readonly SimulatorLine[];
  readonly operations?: readonly OperationView[];
  readonly payments?: readonly PaymentView[];
  readonly open?: number;
}

/** One order of 100, honest in everything that the case does not change. */
function findingsOf(changed: Case): Findings {
  const { answers = [told], lines = [charge], operations = [authorize] } = changed;
  const { payments = [payment], open = 0 } = changed;
  const order: Order = { reference: 'order-1', amount: 100, answers: [...answers], open };
  const books: Books = {
    payments: new Map(payments.map((row) => [row.id, row])),
    operations: new Map(operations.map((row) => [row.id, row])),
  };
  return judge([order], lines, books);
}

describe('the judge of a storm', () => {
  it('has nothing to say about an honest order, nor about an honest refund', () => {
    expect(findingsOf({})).to.deep.equal(emptyFindings());
    const refunded = findingsOf({
      answers: [told, toldRefund],
      lines: [charge, refundLine],
      operations: [authorize, refund],
      payments: [{ ...payment, amount_refunded: 60 }],
    });
    expect(refunded).to.deep.equal(emptyFindings());
  });

  const second = { ...charge, id: 'line_9', charge: 'ch_9', reference: 'op_9' };
  const crimes: Readonly<Record<string, readonly [keyof Findings, Case]>> = {
    'a second charge under another reference': ['doubled', { lines: [charge, second] }],
    'a reference carried out twice': ['doubled', { lines: [charge, { ...charge, id: 'line_9' }] }],
    'a charge that no buyer made': ['unrecorded', { lines: [charge, { ...second, amount: 7 }] }],
    'a success that the processor does not know': ['lost', { lines: [] }],
    'a success in the books that the processor does not know': ['unrecorded', { lines: [] }],
    'a buyer told no whose money moved': ['lost', { answers: [declined] }],
    'a charge that the books call failed': [
      'unrecorded',
      { operations: [{ ...authorize, state: 'failed' }] },
    ],
    'another amount in the books': ['unrecorded', { operations: [{ ...authorize, amount: 99 }] }],
    'an acknowledged payment that is gone': ['lost', { payments: [] }],
    'a capture that no answer told': ['lost', { payments: [{ ...payment, amount_captured: 101 }] }],
    'one key that made two payments': [
      'lost',
      { answers: [told, { ...told, payment: { ...payment, id: 'pay_2' } }] },
    ],
    'an operation still unknown': [
      'unresolved',
      { operations: [{ ...authorize, state: 'unknown' }] },
    ],
    'a payment still processing': [
      'unresolved',
      { payments: [{ ...payment, status: 'processing' }] },
    ],
    'a buyer who never heard': ['unresolved', { answers: [], open: 1 }],
    'more refunded than captured': [
      'exceeded',
      { lines: [charge, refundLine, { ...refundLine, reference: 're_2' }] },
    ],
    'a refund told and not made': ['lost', { answers: [told, toldRefund] }],
    'a refund made that the books do not know': ['unrecorded', { lines: [charge, refundLine] }],
    'a refusal that no buyer should hear': [
      'unexpected',
      { answers: [told, { ...told, kind: 'refused', status: 409, code: 'reference_taken' }] },
    ],
  };
  for (const [crime, [kind, changed]] of Object.entries(crimes)) {
    it(`sees ${crime}`, () => {
      expect(findingsOf(changed)[kind]).to.not.have.length(0);
    });
  }

  it('leaves to a person what the processor lied about', () => {
    const review: Answer = {
      ...told,
      kind: 'review',
      payment: { ...payment, status: 'in_review' },
    };
    const findings = findingsOf({
      answers: [review],
      operations: [{ ...authorize, state: 'review' }],
      payments: [{ ...payment, status: 'in_review', amount_captured: 0, amount_authorized: 0 }],
    });
    expect(findings).to.deep.equal(emptyFindings());
  });
});

describe('the chaos command', () => {
  it('says what is allowed', () => {
    for (const line of ['--kills x', '--nodes 2', '--database mysql', '--control sly', '--what']) {
      expect(() => readOptions(line.split(' ')), line).to.throw(WrongUsage);
    }
  });

  it('draws the same storm from the same seed', () => {
    const drawn = (seed: number) => Array.from({ length: 5 }, randomOf(seed, 'storm').next);
    expect(drawn(3)).to.deep.equal(drawn(3));
    expect(drawn(3)).to.not.deep.equal(drawn(4));
  });
});
