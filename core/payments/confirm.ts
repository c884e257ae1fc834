/** Charging a payment that was written down before; also the next try after a decline. */
import { isoTime } from '../base/clock.ts';
import { Problem } from '../sdk/problem.ts';
import type { Reply } from '../sdk/route.ts';
import { insert, type Change } from '../storage/index.ts';
import { refuseTaken } from '../methods/index.ts';
import { prepareCharge, routingRows } from './charge.ts';
import type { Intent } from './engine.ts';
import { confirmWindowMs } from './lapse.ts';
import type { Caller } from './create.ts';
import { answerTo, assertClientSecret, decideAgain, now, type Desk, paymentFor } from './desk.ts';
import { newAuthorization } from './operation.ts';
import { advance } from './advance.ts';
import { stored, type OperationRecord, type PaymentRecord, type StoredDetails } from './record.ts';
import { attemptsMax } from './retry-schedule.ts';
import type { ConfirmBody } from './schema.ts';
import { operationInsert } from './settle.ts';
import { descriptiveOf } from './snapshot.ts';
import { syncFirst } from './sync.ts';
import { assertWebhook } from './webhook-url.ts';

/** A try that the switch begins by itself: its own rows beside the intention, and its own end. */
export interface Scheduled {
  /** Until when it may be tried, whenever the payment was created. */
  readonly end: string;
  readonly set: Partial<PaymentRecord>;
  readonly changes: readonly Change[];
}

export async function confirmPayment(
  desk: Desk,
  caller: Caller,
  id: string,
  body: ConfirmBody,
): Promise<Reply> {
  const { principal } = caller;
  assertClientSecret(desk, principal, id, body.client_secret);
  if (principal.kind === 'public' && body.account !== undefined) {
    throw new Problem('forbidden', 'a public key does not choose the account', {
      param: 'account',
    });
  }
  const telling = (['webhook_url', 'webhook_signer'] as const).find(
    (key) => body[key] !== undefined,
  );
  if (principal.kind === 'public' && telling !== undefined) {
    throw new Problem('forbidden', 'a public key does not say who is told', { param: telling });
  }
  assertWebhook(desk, body);
  return decideAgain(async () => {
    const before = await syncFirst(desk, await paymentFor(desk, principal, id));
    assertConfirmable(before, desk.clock.now());
    return confirmOnce(desk, caller, before, body);
  });
}

/** `before` was found confirmable. Throws Conflict when it has changed since. */
export async function confirmOnce(
  desk: Desk,
  caller: Caller,
  before: PaymentRecord,
  body: ConfirmBody,
  scheduled?: Scheduled,
): Promise<Reply> {
  const { columns, ...charge } = await prepareCharge(
    desk,
    before,
    body.payment_method,
    body.account,
  );
  const moment = now(desk);
  const { payment, changes } = advance(
    before,
    {
      ...columns,
      ...scheduled?.set,
      status: 'processing',
      details: charge.detailsOf(JSON.stringify(detailsAfter(before, body))),
      attempts: before.attempts + 1,
      expires_at: null,
      revision: before.revision + 1,
    },
    moment,
  );
  const { account, method, routed } = charge;
  const operation: OperationRecord = {
    ...newAuthorization(payment, account, method.type, routed.reserved, moment.ms),
    origin: scheduled ? 'switch' : 'merchant',
  };
  const intent: Intent = {
    payment,
    operation,
    changes: [
      ...changes,
      ...(scheduled?.changes ?? []),
      setAside(before),
      operationInsert(operation),
      ...routingRows(charge.routed, payment, operation, moment.ms),
      ...charge.spends,
    ],
    ...charge,
    slot: caller.slot,
    answer: (settled) => answerTo(desk, caller.principal, caller.requestId, 200, settled),
  };
  return desk.engine.perform(intent).catch(refuseTaken);
}

/** The browser's own words at confirmation stand before those of the creation. */
function detailsAfter(before: PaymentRecord, body: ConfirmBody): StoredDetails {
  return {
    ...stored<StoredDetails>(before.details),
    ...(body.return_url === undefined ? {} : { return_url: body.return_url }),
    ...(body.webhook_url === undefined ? {} : { webhook_url: body.webhook_url }),
    ...(body.webhook_signer === undefined ? {} : { webhook_signer: body.webhook_signer }),
    ...(body.billing === undefined ? {} : { billing: body.billing }),
    ...(body.browser_info === undefined ? {} : { browser_info: body.browser_info }),
  };
}

/** What the payment said until now, for the events that were made from it. */
export function setAside(before: PaymentRecord): Change {
  return insert('payment_revisions', {
    payment_id: before.id,
    revision: before.revision,
    descriptive: JSON.stringify(descriptiveOf(before)),
  });
}

/** `end` is another one than the payment's own; see {@link Scheduled}. */
export function assertConfirmable(
  payment: PaymentRecord,
  nowMs: number,
  end = endOf(payment),
): void {
  const open = payment.status === 'created' || payment.status === 'failed';
  if (payment.status === 'expired' || (open && end <= isoTime(nowMs))) {
    throw new Problem('payment_expired', 'the payment was not confirmed in time: create a new one');
  }
  if (payment.status === 'created') return;
  if (payment.status !== 'failed') {
    throw new Problem('payment_state', `a payment that is ${payment.status} cannot be confirmed`, {
      members: { payment_status: payment.status },
    });
  }
  if (payment.attempts >= attemptsMax) {
    throw new Problem(
      'attempts_exhausted',
      `${attemptsMax} attempts have failed: create a new payment`,
    );
  }
}

/** Whether somebody may still pay it by confirming. */
export function isConfirmable(payment: PaymentRecord, nowMs: number): boolean {
  const open = payment.status === 'created' || payment.status === 'failed';
  return open && payment.attempts < attemptsMax && endOf(payment) > isoTime(nowMs);
}

/** A failed payment can be tried again for as long as a new one can be confirmed. */
function endOf(payment: PaymentRecord): string {
  return payment.expires_at ?? isoTime(Date.parse(payment.created_at) + confirmWindowMs);
}
