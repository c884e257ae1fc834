/** The same commands for the model and for the switch over HTTP; afterwards both must agree. */
import { expect } from 'chai';
import fc from 'fast-check';
import { day, hour, minute } from '../../core/base/clock.ts';
import { card, type Answer, type TestSwitch } from '../support/app.ts';
import { simulatorFault } from '../support/books.ts';
import { answerChallenge } from '../support/customer-browser.ts';
import { faultOnce, paymentOf } from '../recovery/world.ts';
import * as model from './model.ts';
import type { CardKind, Fault, Heard, Kind, Model } from './model.ts';

export interface Book {
  readonly payments: { readonly id: string; readonly model: Model }[];
  /** Steps taken so far. */
  taken: number;
}

/** Longer lives find little more, and shrink slowly. */
const takenMax = 20;

export interface Real {
  app: TestSwitch;
  /** Ends the process's switch and starts another on the same data. */
  restart(): Promise<void>;
}

/** One thing somebody does, as data: so a counterexample can be kept as an example. */
export type Step =
  | { do: 'create'; amount: number; capture: Model['capture']; card?: CardKind; fault: Fault }
  | { do: 'confirm'; on: number; card: CardKind; fault: Fault }
  | { do: 'capture'; on: number; share: number; final: boolean; fault: Fault }
  | { do: 'refund'; on: number; share: number; fault: Fault }
  | { do: 'void' | 'cancel' | 'approve' | 'reject'; on: number; fault: Fault }
  | { do: 'answer_bank'; on: number; approves: boolean }
  | { do: 'sync'; on: number }
  | { do: 'advance'; by: keyof typeof spans }
  | { do: 'restart' };

export const spans = { '1m': minute, '2h': 2 * hour, '1d': day, '7d': 7 * day } as const;

const numbers: Readonly<Record<CardKind, string>> = {
  good: '4242424242424242',
  declined: '4000000000000002',
  challenge: '4000000000003220',
  held: '4000000000009235',
};

const faults: Readonly<Record<Exclude<Fault, 'none'>, string>> = {
  silent: 'reset_after',
  unsent: 'error_before',
  throttled: 'status_429',
  lie: 'wrong_amount',
};

const expected: Readonly<Record<Heard, readonly number[]>> = {
  done: [200, 201],
  accepted: [202],
  declined: [402],
  unreached: [502],
  refused: [400, 409, 410],
};

/** `share` percent of what there is; undefined means all of it, as the API has it. */
const part = (amount: number, share: number): number | undefined =>
  share >= 100 ? undefined : Math.max(1, Math.floor((amount * share) / 100));

async function calling(
  { app }: Real,
  path: string,
  body: unknown,
  kind?: Kind,
  fault: Fault = 'none',
): Promise<Answer> {
  if (kind && fault !== 'none') await faultOnce(app, faults[fault], kind);
  const answer = await app.call(path, { body });
  if (kind && fault !== 'none') await simulatorFault(app); // it may have found nothing to strike
  return answer;
}

function expectHeard(step: Step, answer: Answer, heard: Heard): void {
  const told = `${JSON.stringify(step)}: ${answer.text}`;
  expect(answer.status, told).to.be.oneOf([...expected[heard]]);
}

async function create(book: Book, real: Real, step: Step & { do: 'create' }): Promise<void> {
  const { amount, capture, card: kind, fault } = step;
  const confirm = kind === undefined ? {} : { confirm: true, payment_method: card(numbers[kind]) };
  const body = { amount, currency: 'EUR', capture_method: capture, ...confirm };
  const made = model.draft(amount, capture, nowOf(real));
  const answer = await calling(real, '/v1/payments', body, 'authorize', kind ? fault : 'none');
  const heard = kind ? model.charge(made, kind, fault, nowOf(real)) : 'done';
  expectHeard(step, answer, heard);
  const inside = answer.body['payment'] as { id: string } | undefined;
  book.payments.push({ id: inside?.id ?? (answer.body['id'] as string), model: made });
}

const nowOf = ({ app }: Real): number => app.running.desk.clock.now();

/** Does the step on both sides. */
export async function perform(book: Book, real: Real, step: Step): Promise<void> {
  // Ids order by the millisecond, and this clock would stand still.
  real.app.clock.advance(1);
  book.taken += 1;
  if (step.do === 'create') await create(book, real, step);
  else if (step.do === 'advance') await advance(book, real, step.by);
  else if (step.do === 'restart') await real.restart();
  else {
    const chosen = book.payments[step.on % Math.max(1, book.payments.length)];
    if (chosen) await act(chosen, real, step);
  }
  await expectAgreement(book, real);
}

async function advance(book: Book, { app }: Real, by: keyof typeof spans): Promise<void> {
  const fromMs = app.running.desk.clock.now();
  const key = app.credentials.admin_key;
  const answer = await app.call('/v1/clock/advance', { body: { by }, key });
  expect(answer.status, answer.text).to.equal(200);
  for (const payment of book.payments) model.advance(payment.model, fromMs, fromMs + spans[by]);
}

type Act = Exclude<Step, { do: 'create' | 'advance' | 'restart' }>;

async function act(
  { id, model: payment }: Book['payments'][number],
  real: Real,
  step: Act,
): Promise<void> {
  const path = `/v1/payments/${id}`;
  const nowMs = nowOf(real);
  switch (step.do) {
    case 'confirm': {
      const body = { payment_method: card(numbers[step.card]) };
      const answer = await calling(real, `${path}/confirm`, body, 'authorize', step.fault);
      return expectHeard(step, answer, model.confirm(payment, step.card, step.fault, nowMs));
    }
    case 'capture': {
      const amount = part(payment.amount, step.share);
      const body = { ...(amount === undefined ? {} : { amount }), final: step.final };
      const answer = await calling(real, `${path}/capture`, body, 'capture', step.fault);
      const heard = model.capture(payment, amount, step.final, step.fault, nowMs);
      return expectHeard(step, answer, heard);
    }
    case 'refund': {
      const amount = part(payment.amount, step.share);
      const body = { payment: id, ...(amount === undefined ? {} : { amount }) };
      const answer = await calling(real, '/v1/refunds', body, 'refund', step.fault);
      return expectHeard(step, answer, model.refund(payment, amount, step.fault, nowMs));
    }
    case 'void':
    case 'cancel': {
      const answer = await calling(real, `${path}/${step.do}`, {}, 'void', step.fault);
      const verb = step.do === 'void' ? model.release : model.cancel;
      return expectHeard(step, answer, verb(payment, step.fault, nowMs));
    }
    case 'approve':
    case 'reject': {
      // A lying charge that is rejected is undone at the processor: not a payment's own story.
      const own = payment.ending === 'in_review' || payment.open.every(({ review }) => !review);
      if (step.do === 'reject' && !own) return;
      const fault = step.fault === 'lie' ? 'none' : step.fault;
      const answer = await calling(real, `${path}/${step.do}`, {}, step.do, fault);
      return expectHeard(step, answer, model.review(payment, step.do === 'approve', fault, nowMs));
    }
    case 'answer_bank': {
      if (model.statusOf(payment) !== 'requires_action') return;
      const { next_action: action } = await paymentOf(real.app, id);
      await answerChallenge(action.url, step.approves ? 'approve' : 'fail');
      model.answerBank(payment, step.approves, nowMs);
      await calling(real, `${path}/sync`, {});
      return;
    }
    case 'sync': {
      const answer = await calling(real, `${path}/sync`, {});
      model.askAll(payment, nowMs, 'sync');
      const processing = model.statusOf(payment) === 'processing';
      return expectHeard(step, answer, processing ? 'accepted' : 'done');
    }
  }
}

async function expectAgreement(book: Book, { app }: Real): Promise<void> {
  for (const { id, model: payment } of book.payments) {
    const { status, amount_authorized, amount_captured, amount_voided, amount_refunded } =
      await paymentOf(app, id);
    expect(
      { status, amount_authorized, amount_captured, amount_voided, amount_refunded },
      id,
    ).to.deep.equal({
      status: model.statusOf(payment),
      amount_authorized: payment.authorized,
      amount_captured: payment.captured,
      amount_voided: payment.voided,
      amount_refunded: payment.refunded,
    });
  }
}

/** From {@link stubborn} on, the step is taken even where it can only be refused. */
const on = fc.nat({ max: 8 });
const fault = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Fault>('none') },
  { weight: 4, arbitrary: fc.constantFrom<Fault>('silent', 'unsent', 'throttled', 'lie') },
);
const cards = fc.oneof(
  { weight: 5, arbitrary: fc.constant<CardKind>('good') },
  { weight: 3, arbitrary: fc.constantFrom<CardKind>('declined', 'challenge', 'held') },
);
const share = fc.constantFrom(1, 30, 50, 100);
const word = <D extends string>(name: D) => fc.constant(name);

/** Steps, the likely ones first. */
export const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record<Step & { do: 'create' }>(
      {
        do: word('create'),
        amount: fc.integer({ min: 100, max: 100_000 }),
        capture: fc.constantFrom('manual', 'manual', 'automatic'),
        card: cards,
        fault,
      },
      { requiredKeys: ['do', 'amount', 'capture', 'fault'] },
    ),
  },
  {
    weight: 5,
    arbitrary: fc.record({ do: word('capture'), on, share, final: fc.boolean(), fault }),
  },
  { weight: 4, arbitrary: fc.record({ do: word('refund'), on, share, fault }) },
  { weight: 3, arbitrary: fc.record({ do: word('confirm'), on, card: cards, fault }) },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constantFrom('void', 'cancel', 'approve', 'reject'), on, fault }),
  },
  { weight: 2, arbitrary: fc.record({ do: word('answer_bank'), on, approves: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: word('sync'), on }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: word('advance'), by: fc.constantFrom('1m', '2h', '1d', '7d') }),
  },
  { weight: 1, arbitrary: fc.record({ do: word('restart') }) },
);

const stubborn = 6;
const open = ['processing', 'in_review'];

/** Where a step has a chance. */
const fits: Readonly<Record<Act['do'], readonly string[]>> = {
  confirm: ['created', 'failed'],
  capture: ['authorized', 'partially_captured', 'partially_refunded', ...open],
  void: ['authorized', 'partially_captured', 'partially_refunded', ...open],
  refund: ['captured', 'partially_captured', 'partially_refunded', ...open],
  cancel: ['created', 'failed', 'requires_action', 'authorized', ...open],
  approve: open,
  reject: open,
  answer_bank: ['requires_action'],
  sync: [...open, 'authorized', 'captured', 'failed', 'partially_captured'],
};

/** A step as fast-check's commands want it. */
export class StepCommand implements fc.AsyncCommand<Book, Real> {
  readonly #step: Step;

  constructor(step: Step) {
    this.#step = step;
  }

  check({ payments, taken }: Readonly<Book>): boolean {
    const step = this.#step;
    if (taken >= takenMax) return false;
    if (step.do === 'create') return payments.length < 3;
    if (!('on' in step) || step.on >= stubborn) return payments.length > 0;
    const chosen = payments[step.on % Math.max(1, payments.length)];
    return chosen !== undefined && fits[step.do].includes(model.statusOf(chosen.model));
  }

  run(book: Book, real: Real): Promise<void> {
    return perform(book, real, this.#step);
  }

  toString(): string {
    return JSON.stringify(this.#step);
  }
}
