/**
 * A processor on paper: a connector whose processor is a few maps in this process. Tests reach into
 * it like somebody at the processor's own desk, and it tells the switch about it by webhook.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { Type, type Static } from 'typebox';
import {
  defineConnector,
  WebhookRefusal,
  type Context,
  type DisputeState,
  type FoundRefund,
  type Money,
  type Outcome,
} from '#sdk';

const Ref = Type.Object({ charge: Type.String(), part: Type.Optional(Type.String()) });
type Ref = Static<typeof Ref>;

export interface PaperCharge {
  readonly id: string;
  readonly operationId: string;
  readonly currency: string;
  readonly amount: number;
  status: 'waiting' | 'authorized' | 'declined';
  captured: number;
  released: false | 'captured' | 'voided' | 'expired';
  readonly refunds: FoundRefund<Ref>[];
  readonly disputes: DisputeState[];
}

export const paperSecret = 'paper-secret';

/** A signed delivery, as the processor would post it. */
export function paperDelivery(charge: PaperCharge, id: string, type: string, secret = paperSecret) {
  const body = JSON.stringify({ id, type, charge: charge.id, operation: charge.operationId });
  const signature = createHmac('sha256', secret).update(body).digest('hex');
  return { body, headers: { 'paper-signature': signature } };
}

export function paperProcessor() {
  const charges = new Map<string, PaperCharge>();
  const byOperation = new Map<string, PaperCharge>();
  /** What the next authorization comes to. */
  const script = { next: 'authorized' as PaperCharge['status'], silent: false, asked: 0 };
  const money = (charge: PaperCharge, amount: number): Money => ({
    amount,
    currency: charge.currency,
  });
  const settled = (charge: PaperCharge, operationId: string, amount: number, part?: string) => ({
    status: 'succeeded' as const,
    operationId,
    amount: money(charge, amount),
    ref: { charge: charge.id, ...(part === undefined ? {} : { part }) },
  });
  const chargeOf = (ref: Ref): PaperCharge => {
    const charge = charges.get(ref.charge);
    if (!charge) throw new Error('no such charge on paper');
    return charge;
  };

  function read(charge: PaperCharge): Outcome<Ref> {
    const ref = { charge: charge.id };
    switch (charge.status) {
      case 'waiting':
        return { status: 'pending', ref, waitingFor: 'customer' };
      case 'declined':
        return {
          status: 'declined',
          code: 'do_not_honor',
          advice: 'never',
          processorCode: '05',
          ref,
        };
      case 'authorized':
        return settled(charge, charge.operationId, charge.amount);
    }
  }

  const connector = defineConnector({
    id: 'paper',
    name: 'Paper processor',
    settings: Type.Object({ key: Type.String() }, { additionalProperties: false }),
    ref: Ref,
    replayWindowMs: 0,
    sandboxOnly: true,
    methods: {
      card: {
        currencies: 'all',
        capture: ['automatic', 'manual'],
        partialCapture: true,
        multipleCapture: true,
        refund: 'partial',
      },
    },
    operations: {
      authorize: async (_context: Context<unknown>, command) => {
        const charge: PaperCharge = {
          id: `ch_${charges.size + 1}`,
          operationId: command.operationId,
          amount: command.amount.amount,
          currency: command.amount.currency,
          status: script.next,
          captured: 0,
          released: false,
          refunds: [],
          disputes: [],
        };
        if (charge.status === 'authorized' && command.capture === 'automatic') {
          charge.captured = charge.amount;
        }
        charges.set(charge.id, charge);
        byOperation.set(command.operationId, charge);
        return read(charge);
      },
      sync: async (_context, query) => {
        script.asked += 1;
        const charge = query.of ? chargeOf(query.of) : byOperation.get(query.operationId);
        if (!charge) return 'not_found';
        if (query.kind === 'authorize') return read(charge);
        const refund = charge.refunds.find(({ operationId }) => operationId === query.operationId);
        return refund ? settled(charge, query.operationId, refund.amount.amount) : 'not_found';
      },
      capture: async (_context, command) => {
        const charge = chargeOf(command.of);
        charge.captured += command.amount.amount;
        return settled(charge, command.operationId, command.amount.amount, command.operationId);
      },
      void: async (_context, command) => {
        const charge = chargeOf(command.of);
        charge.released = 'voided';
        return settled(charge, command.operationId, command.amount.amount, command.operationId);
      },
      refund: async (_context, command) => {
        const charge = chargeOf(command.of);
        const { operationId, amount } = command;
        const ref = { charge: charge.id, part: operationId };
        charge.refunds.push({ ref, operationId, amount, status: 'succeeded' });
        return settled(charge, operationId, amount.amount, operationId);
      },
      inspect: async (_context, { of }) => {
        const charge = chargeOf(of);
        return {
          authorized: money(charge, charge.amount),
          captured: money(charge, charge.captured),
          released: charge.released,
          refunds: [...charge.refunds],
          disputes: [...charge.disputes],
        };
      },
    },
    webhook: {
      open: (_context, { body, headers }) => {
        const expected = createHmac('sha256', paperSecret).update(body).digest();
        const given = Buffer.from(headers['paper-signature'] ?? '', 'hex');
        if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
          throw new WebhookRefusal('bad_signature', 'not ours');
        }
        const { id, type, operation } = JSON.parse(Buffer.from(body).toString('utf8')) as {
          readonly id: string;
          readonly type: string;
          readonly operation: string;
        };
        return { id, type, subjects: [{ operationId: operation }] };
      },
    },
  });

  return {
    connector,
    script,
    chargeOfOperation: (operationId: string): PaperCharge => {
      const charge = byOperation.get(operationId);
      if (!charge) throw new Error('no such operation on paper');
      return charge;
    },
    dispute(charge: PaperCharge, more: Partial<DisputeState> = {}): DisputeState {
      const dispute: DisputeState = {
        reference: `dp_${charge.id}`,
        stage: 'dispute',
        status: 'needs_response',
        reason: 'fraudulent',
        processorReason: '10.4',
        amount: money(charge, charge.captured),
        withdrawn: money(charge, charge.captured),
        openedAt: '2026-11-21T10:00:00.000Z',
        evidenceDueAt: '2026-11-28T10:00:00.000Z',
        ...more,
      };
      charge.disputes.splice(0, charge.disputes.length, dispute);
      return dispute;
    },
    refund(charge: PaperCharge, amount: number, status: FoundRefund<Ref>['status'] = 'succeeded') {
      const ref = { charge: charge.id, part: `re_${charge.refunds.length + 1}` };
      charge.refunds.push({ ref, operationId: undefined, amount: money(charge, amount), status });
    },
    failRefund(charge: PaperCharge, at: number) {
      const refund = charge.refunds[at];
      if (refund) charge.refunds[at] = { ...refund, status: 'failed', reason: 'account_closed' };
    },
  };
}
