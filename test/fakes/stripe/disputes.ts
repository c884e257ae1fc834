/** Disputes: opened by test cards or by a test, answered with evidence, decided by its text. */
import type { Call, Route } from './call.ts';
import { post } from './ledger.ts';
import { page, wants } from './lists.ts';
import { flag, group, mergeMetadata } from './params.ts';
import { invalid, refused } from './problem.ts';
import type { Dispute } from './types.ts';
import type { Account, World } from './world.ts';

/** What Stripe takes for a dispute in the US. */
const disputeFee = 1500;
/** Stripe docs, dispute evidence: 150,000 characters of text together. */
const longestEvidence = 150_000;

export interface DisputeWish {
  readonly reason?: string;
  readonly amount?: number;
  /** The bank only asks; no money is taken yet. */
  readonly inquiry?: boolean;
}

const blankEvidence: Dispute['evidence'] = {
  access_activity_log: null,
  billing_address: null,
  cancellation_policy: null,
  cancellation_policy_disclosure: null,
  cancellation_rebuttal: null,
  customer_communication: null,
  customer_email_address: null,
  customer_name: null,
  customer_purchase_ip: null,
  customer_signature: null,
  duplicate_charge_documentation: null,
  duplicate_charge_explanation: null,
  duplicate_charge_id: null,
  enhanced_evidence: {},
  product_description: null,
  receipt: null,
  refund_policy: null,
  refund_policy_disclosure: null,
  refund_refusal_explanation: null,
  service_date: null,
  service_documentation: null,
  shipping_address: null,
  shipping_carrier: null,
  shipping_date: null,
  shipping_documentation: null,
  shipping_tracking_number: null,
  uncategorized_file: null,
  uncategorized_text: null,
};

export function openDispute(
  world: World,
  account: Account,
  chargeId: string,
  wish: DisputeWish = {},
): Dispute {
  const charge = account.get('charge', chargeId);
  const { reason = 'fraudulent', inquiry = false } = wish;
  const amount = wish.amount ?? charge.amount_captured - releasedOrRefunded(account, chargeId);
  const dispute = account.add<Dispute>({
    id: world.id('du'),
    object: 'dispute',
    amount,
    balance_transactions: [],
    charge: charge.id,
    created: world.now(),
    currency: charge.currency,
    enhanced_eligibility_types: [],
    evidence: { ...blankEvidence },
    evidence_details: {
      due_by: world.now() + 9 * 86_400,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: 'not_submitted',
    },
    intended_submission_method: null,
    is_charge_refundable: inquiry,
    livemode: false,
    metadata: {},
    payment_intent: charge.payment_intent,
    payment_method_details: {
      type: 'card',
      card: {
        brand: charge.payment_method_details?.card?.brand ?? 'visa',
        case_type: inquiry ? 'inquiry' : 'chargeback',
        network: charge.payment_method_details?.card?.network ?? 'visa',
        network_reason_code: '10.4',
      },
    },
    reason,
    status: inquiry ? 'warning_needs_response' : 'needs_response',
  });
  charge.disputed = true;
  world.emit(account, 'charge.dispute.created', dispute);
  if (!inquiry) withdraw(world, account, dispute);
  return dispute;
}

function releasedOrRefunded(account: Account, charge: string): number {
  return account
    .all('refund')
    .filter((it) => it.charge === charge && it.status !== 'failed' && it.status !== 'canceled')
    .reduce((sum, it) => sum + it.amount, 0);
}

function move(world: World, account: Account, dispute: Dispute, sign: 1 | -1): void {
  const { currency } = dispute;
  const transaction = post(world, account, {
    type: 'adjustment',
    category: sign < 0 ? 'dispute' : 'dispute_reversal',
    amount: sign * dispute.amount,
    currency,
    source: dispute.id,
    fee: sign < 0 ? disputeFee : 0,
  });
  dispute.balance_transactions.push(transaction);
  const event = sign < 0 ? 'funds_withdrawn' : 'funds_reinstated';
  world.emit(account, `charge.dispute.${event}`, dispute);
}

function withdraw(world: World, account: Account, dispute: Dispute): void {
  move(world, account, dispute, -1);
}

/** The bank decides. A lost inquiry is one that is closed without a chargeback. */
export function decideDispute(
  world: World,
  account: Account,
  id: string,
  outcome: 'won' | 'lost',
): Dispute {
  const dispute = account.get('dispute', id);
  const inquiry = dispute.status.startsWith('warning_');
  dispute.status = inquiry ? 'warning_closed' : outcome;
  if (outcome === 'won' && !inquiry) move(world, account, dispute, 1);
  world.emit(account, 'charge.dispute.closed', dispute);
  return dispute;
}

/** The bank turns an inquiry into a chargeback. */
export function escalateDispute(world: World, account: Account, id: string): Dispute {
  const dispute = account.get('dispute', id);
  dispute.status = 'needs_response';
  dispute.is_charge_refundable = false;
  dispute.evidence_details.submission_count = 0;
  withdraw(world, account, dispute);
  world.emit(account, 'charge.dispute.updated', dispute);
  return dispute;
}

/** What the sandbox reads in `uncategorized_text` once evidence is in. */
function decideByText(world: World, account: Account, dispute: Dispute): void {
  const text = dispute.evidence.uncategorized_text;
  if (text === 'winning_evidence') decideDispute(world, account, dispute.id, 'won');
  if (text === 'losing_evidence') decideDispute(world, account, dispute.id, 'lost');
  if (text === 'escalate_inquiry_evidence') escalateDispute(world, account, dispute.id);
}

function openFor(dispute: Dispute, verb: string): void {
  if (dispute.status.endsWith('needs_response')) return;
  throw refused(`This dispute cannot be ${verb}: its status is ${dispute.status}.`);
}

function update({ world, account, params, id }: Call): Dispute {
  const dispute = account.get('dispute', id);
  dispute.metadata = mergeMetadata(dispute.metadata, params);
  const evidence = group(params, 'evidence');
  const submit = flag(params, 'submit') ?? true;
  if (!evidence) return dispute;
  openFor(dispute, 'answered');
  const texts = Object.entries(evidence).filter(([, value]) => typeof value === 'string');
  const length = texts.reduce((sum, [, value]) => sum + String(value).length, 0);
  if (length > longestEvidence) throw invalid('The evidence is too long.', { param: 'evidence' });
  Object.assign(
    dispute.evidence,
    Object.fromEntries(texts.map(([key, value]) => [key, value === '' ? null : value])),
  );
  dispute.evidence_details.has_evidence = true;
  if (submit) {
    const inquiry = dispute.status === 'warning_needs_response';
    dispute.status = inquiry ? 'warning_under_review' : 'under_review';
    dispute.evidence_details.submission_count += 1;
    dispute.evidence_details.submission_method = 'manual';
    world.afterwards.push(() => decideByText(world, account, dispute));
  }
  world.emit(account, 'charge.dispute.updated', dispute);
  return dispute;
}

function close({ world, account, id }: Call): Dispute {
  const dispute = account.get('dispute', id);
  openFor(dispute, 'closed');
  return decideDispute(world, account, id, 'lost');
}

function listed(call: Call): object {
  const { account, params } = call;
  const all = account
    .all('dispute')
    .filter((it) => wants(params, 'charge', it.charge))
    .filter((it) => wants(params, 'payment_intent', it.payment_intent));
  return page(call, '/v1/disputes', all);
}

const base = '/v1/disputes';

export const disputeRoutes: readonly Route[] = [
  { method: 'GET', path: base, handle: listed },
  { method: 'GET', path: `${base}/:id`, handle: ({ account, id }) => account.get('dispute', id) },
  { method: 'POST', path: `${base}/:id`, handle: update },
  { method: 'POST', path: `${base}/:id/close`, handle: close },
];
