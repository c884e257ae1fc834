/** Disputes: read, answered, given in to. */
import type {
  DisputeReason,
  DisputeState,
  DisputeStatus,
  Evidence,
  EvidenceField,
  Money,
} from '#sdk';
import { accepted, codeOf, get, pathOf, post, type StripeContext } from './calls.ts';
import {
  innerOf,
  listOf,
  lookUp,
  meaningOf,
  moneyOf,
  optionalTimeOf,
  textOf,
  timeOf,
  wordOf,
  type Fields,
} from './fields.ts';
import { signedFromStripe } from './money.ts';

const statuses: Readonly<Record<string, DisputeStatus>> = {
  warning_needs_response: 'needs_response',
  warning_under_review: 'under_review',
  warning_closed: 'closed',
  needs_response: 'needs_response',
  under_review: 'under_review',
  appeal_needs_response: 'needs_response',
  appeal_under_review: 'under_review',
  won: 'won',
  lost: 'lost',
  prevented: 'closed',
};

/** The schemes invent reasons faster than anybody lists them: any other is `general`. */
const reasons: Readonly<Record<string, DisputeReason>> = {
  credit_not_processed: 'credit_not_processed',
  debit_not_authorized: 'not_authorized',
  duplicate: 'duplicate',
  fraudulent: 'fraudulent',
  incorrect_account_details: 'incorrect_account',
  product_not_received: 'product_not_received',
  product_unacceptable: 'product_unacceptable',
  subscription_canceled: 'subscription_cancelled',
  unrecognized: 'unrecognized',
};

/** Our field → Stripe's. */
const evidenceNames: Readonly<Record<EvidenceField, string>> = {
  access_activity_log: 'access_activity_log',
  billing_address: 'billing_address',
  cancellation_policy_disclosure: 'cancellation_policy_disclosure',
  cancellation_rebuttal: 'cancellation_rebuttal',
  customer_email: 'customer_email_address',
  customer_name: 'customer_name',
  customer_ip_address: 'customer_purchase_ip',
  duplicate_charge_explanation: 'duplicate_charge_explanation',
  duplicate_charge_reference: 'duplicate_charge_id',
  product_description: 'product_description',
  refund_policy_disclosure: 'refund_policy_disclosure',
  refund_refusal_explanation: 'refund_refusal_explanation',
  service_date: 'service_date',
  shipping_address: 'shipping_address',
  shipping_carrier: 'shipping_carrier',
  shipping_date: 'shipping_date',
  shipping_tracking_number: 'shipping_tracking_number',
  statement: 'uncategorized_text',
};

export async function find(
  context: StripeContext,
  { reference }: { readonly reference: string },
): Promise<DisputeState | 'not_found'> {
  const answer = await get(context, pathOf('disputes', reference));
  return codeOf(answer) === 'resource_missing' ? 'not_found' : readDispute(accepted(answer));
}

export async function respond(
  context: StripeContext,
  { reference, submissionId, fields, submit }: Evidence,
): Promise<DisputeState> {
  const named = Object.entries(fields) as [EvidenceField, string][];
  const evidence = Object.fromEntries(named.map(([name, text]) => [evidenceNames[name], text]));
  const body = { evidence, submit };
  return readDispute(
    accepted(await post(context, pathOf('disputes', reference), submissionId, body)),
  );
}

export async function accept(
  context: StripeContext,
  { reference, submissionId }: { readonly reference: string; readonly submissionId: string },
): Promise<DisputeState> {
  return readDispute(
    accepted(await post(context, pathOf('disputes', reference, 'close'), submissionId)),
  );
}

export function readDispute(fields: Fields): DisputeState {
  wordOf(fields, 'object', ['dispute']);
  const status = meaningOf(fields, 'status', statuses);
  const inquiry = textOf(fields, 'status').startsWith('warning_');
  const processorReason = textOf(fields, 'reason');
  const dueAt = optionalTimeOf(innerOf(fields, 'evidence_details') ?? {}, 'due_by');
  return {
    reference: textOf(fields, 'id'),
    stage: inquiry ? 'inquiry' : 'dispute',
    status,
    reason: lookUp(reasons, processorReason) ?? 'general',
    processorReason,
    amount: moneyOf(fields, 'amount'),
    withdrawn: withdrawnIn(fields),
    ...(dueAt !== undefined && { evidenceDueAt: dueAt }),
    openedAt: timeOf(fields, 'created'),
  };
}

/**
 * What the dispute has taken from the balance and not given back. When the account settles in
 * another currency the movements are in that one; then only whether money is gone can be told.
 */
function withdrawnIn(fields: Fields): Money {
  const disputed = moneyOf(fields, 'amount');
  const moves = listOf(fields, 'balance_transactions').map((it) =>
    signedFromStripe(it['amount'], it['currency']),
  );
  const gone = Math.max(0, -moves.reduce((sum, { amount }) => sum + amount, 0));
  const same = moves.every(({ currency }) => currency === disputed.currency);
  return { amount: same || gone === 0 ? gone : disputed.amount, currency: disputed.currency };
}
