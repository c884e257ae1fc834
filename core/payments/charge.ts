/** What every charge needs before it begins: the method read and checked, the accounts in order. */
import type { Account } from '../accounts/account.ts';
import { chargeableMethod } from '../methods/index.ts';
import { decisionChanges, keptOf } from '../routing/decision-store.ts';
import { route, type Routed } from '../routing/route.ts';
import { shadowChange } from '../routing/shadow.ts';
import type { MethodInput, Party } from '../sdk/command.ts';
import { Problem } from '../sdk/problem.ts';
import type { Change } from '../storage/index.ts';
import type { Desk } from './desk.ts';
import { assertFields, readMethod, type ReadMethod, type Unsaved } from './method.ts';
import { factsOf } from './facts.ts';
import { stored, type OperationRecord, type PaymentRecord, type StoredDetails } from './record.ts';
import type { MethodBody } from './schema.ts';

export interface PreparedCharge {
  readonly method: MethodInput;
  /** Whose saved method it is, in the processor's words. */
  readonly customerReference: string | undefined;
  readonly account: Account;
  /** What was decided, and what the decision holds. */
  readonly routed: Routed;
  /** Where else it may go when it surely did not leave. */
  readonly alternatives: readonly Account[];
  /** For the commit of the intention: a single-use token goes with it. */
  readonly spends: readonly Change[];
  /** To be called once the intention has landed. */
  begun(): void;
  /** What the payment keeps of it. */
  readonly columns: Pick<PaymentRecord, 'account_id' | 'method' | 'routing'>;
  /** The details, with the saved method's billing address where they had none. */
  detailsOf(details: string): string;
}

/** A method that was read, and the one account that can charge it, where there is only one. */
interface Found extends ReadMethod {
  readonly account?: string | undefined;
  readonly customerReference?: string | undefined;
  readonly billing?: Party | undefined;
  readonly spends?: readonly Change[];
  begun?(): void;
}

/** Throws Problems about the card, the named account, or that nothing can take the payment. */
export async function prepareCharge(
  desk: Desk,
  payment: PaymentRecord,
  methodBody: MethodBody,
  accountId: string | undefined,
): Promise<PreparedCharge> {
  const { merchant_id: merchantId, amount, currency, capture_method: capture } = payment;
  assertKeepable(payment);
  const found = await findMethod(desk, payment, methodBody);
  if (found.account !== undefined && (accountId ?? found.account) !== found.account) {
    throw new Problem('account_unusable', 'the saved method belongs to another account', {
      param: 'account',
    });
  }
  const wish = {
    amount,
    currency,
    capture,
    method: found.input.type,
    bank: methodBody.bank,
    account: found.account ?? accountId,
  };
  const routed = await route(desk.routing, {
    merchantId,
    seed: payment.id,
    wish,
    facts: (asked) => factsOf(desk, payment, found.summary, asked),
  });
  const [account, ...alternatives] = routed.accounts;
  return {
    method: found.input,
    routed,
    customerReference: found.customerReference,
    spends: found.spends ?? [],
    begun: () => found.begun?.(),
    detailsOf: (details) => withBilling(details, found.billing),
    account,
    alternatives,
    columns: {
      account_id: account.record.id,
      method: JSON.stringify(found.summary),
      routing: keptOf(routed, payment.routing, payment.attempts === 0),
    },
  };
}

/** What is kept for later is kept for somebody. */
function assertKeepable({ details, customer_id: customerId }: PaymentRecord): void {
  const { setup_future_usage: usage } = stored<StoredDetails>(details);
  if (usage === undefined || customerId !== null) return;
  throw new Problem('invalid_request', 'setup_future_usage needs a customer_id', {
    param: 'customer_id',
  });
}

async function findMethod(desk: Desk, payment: PaymentRecord, body: MethodBody): Promise<Found> {
  assertFields(body);
  if (body.type !== 'saved') {
    const unsaved = body as MethodBody & { readonly type: Unsaved };
    return readMethod(unsaved, payment.merchant_id, desk.keyring, desk.clock.now());
  }
  return chargeableMethod(desk, {
    merchantId: payment.merchant_id,
    customerId: payment.customer_id,
    offSession: stored<StoredDetails>(payment.details).off_session ?? false,
    methodId: body.id ?? '',
    cvc: body.cvc,
  });
}

function withBilling(text: string, billing: Party | undefined): string {
  const details = stored<StoredDetails>(text);
  if (billing === undefined || details.billing !== undefined) return text;
  return JSON.stringify({ ...details, billing });
}

/** What routing stores beside the intention: the decision, and what a draft would have done. */
export function routingRows(
  routed: Routed,
  { attempts }: PaymentRecord,
  { id: operation_id, merchant_id, payment_id }: OperationRecord,
  nowMs: number,
): Change[] {
  const decided = decisionChanges(routed, { merchant_id, operation_id }, attempts === 1);
  const { shadow } = routed;
  if (!shadow) return decided;
  const subject = {
    operationId: operation_id,
    merchantId: merchant_id,
    paymentId: payment_id,
    nowMs,
  };
  return [...decided, shadowChange(shadow, subject)];
}
