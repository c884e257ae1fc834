/** The judges on made-up crimes: each is seen, and an honest round is left alone. */
import { expect } from 'chai';
import type { Books, DisputeView, IncomingView, OperationView, SimulatorLine } from './books.ts';
import type { Answer, PaymentView } from './buyer.ts';
import { emptyFindings, judge, type Findings } from './judge.ts';
import { judgeNews, type NewsFindings } from './news.ts';
import type { Order } from './order.ts';
import type { DeskAct } from './processor-desk.ts';

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
  origin: 'merchant',
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
    disputes: [],
    incoming: [],
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
    'a payment that went back to where it was': [
      'regressed',
      { payments: [{ ...payment, status: 'authorized' }] },
    ],
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

const act: DeskAct = {
  id: 'ref_1',
  kind: 'refund',
  authorization: 'op_1',
  amount: 60,
  state: 'succeeded',
};
const disputed: DeskAct = { ...act, id: 'dp_1', kind: 'dispute', amount: 30, state: 'lost' };
const foreign: OperationView = { ...refund, origin: 'processor' };
const withdrawal: OperationView = { ...foreign, id: 'op_2', kind: 'dispute', amount: 30 };
const dispute: DisputeView = {
  id: 'dispute_1',
  payment: 'pay_1',
  reference: 'dp_1',
  status: 'lost',
  amount: 30,
};
const filed: IncomingView = {
  id: 'inwh_1',
  account: 'acct_1',
  delivery_id: 'evt_1',
  state: 'applied',
  detail: null,
};

interface NewsCase {
  readonly acknowledged?: readonly string[];
  readonly acts?: readonly DeskAct[];
  readonly operations?: readonly OperationView[];
  readonly disputes?: readonly DisputeView[];
  readonly incoming?: readonly IncomingView[];
}

/** One refund and one dispute, both told and booked, in everything that the case leaves alone. */
function newsFindingsOf(changed: NewsCase): NewsFindings {
  const { acts = [act, disputed], operations = [authorize, foreign, withdrawal] } = changed;
  const { acknowledged = ['evt_1'], disputes = [dispute], incoming = [filed] } = changed;
  const path = '/webhooks/acct_1';
  const post = {
    acknowledged: new Map(acknowledged.map((id) => [id, path])),
    told: new Set(['ref_1', 'dp_1']),
  };
  return judgeNews(post, acts, {
    payments: new Map(),
    operations: new Map(operations.map((row) => [row.id, row])),
    disputes,
    incoming,
  });
}

describe('the judge of the processor’s news', () => {
  const nothing: NewsFindings = { misfiled: [], unheeded: [] };

  it('has nothing to say where all of it was heard once', () => {
    expect(newsFindingsOf({})).to.deep.equal(nothing);
  });

  const back = { ...act, state: 'failed' } as const;
  const crimes: Readonly<Record<string, readonly [keyof NewsFindings, NewsCase]>> = {
    'a delivery that was taken and is gone': ['misfiled', { incoming: [] }],
    'a delivery filed twice': ['misfiled', { incoming: [filed, { ...filed, id: 'inwh_2' }] }],
    'a delivery nobody looked into': ['misfiled', { incoming: [{ ...filed, state: 'waiting' }] }],
    'a delivery that was given up': ['misfiled', { incoming: [{ ...filed, state: 'failed' }] }],
    'a foreign refund that is not booked': ['unheeded', { operations: [authorize, withdrawal] }],
    'a foreign refund booked twice': [
      'unheeded',
      { operations: [authorize, foreign, { ...foreign, id: 're_2' }, withdrawal] },
    ],
    'a refund that came back and still counts': ['unheeded', { acts: [back, disputed] }],
    'a dispute that is not in the books': ['unheeded', { disputes: [] }],
    'a dispute that ended otherwise': ['unheeded', { disputes: [{ ...dispute, status: 'won' }] }],
    'a dispute whose money was taken twice': [
      'unheeded',
      { operations: [authorize, foreign, withdrawal, { ...withdrawal, id: 'op_3' }] },
    ],
    'a dispute that was won, and its money not given back': [
      'unheeded',
      { acts: [act, { ...disputed, state: 'won' }], disputes: [{ ...dispute, status: 'won' }] },
    ],
  };
  for (const [crime, [kind, changed]] of Object.entries(crimes)) {
    it(`sees ${crime}`, () => {
      expect(newsFindingsOf(changed)[kind]).to.not.have.length(0);
    });
  }

  it('does not ask for what the processor never told', () => {
    const untold = newsFindingsOf({ acts: [act, disputed, { ...act, id: 'ref_2' }] });
    expect(untold).to.deep.equal(nothing);
  });
});
