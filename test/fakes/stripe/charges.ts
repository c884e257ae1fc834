/** Charges: one for each time the bank was asked. */
import type { Call, Route } from './call.ts';
import type { Refusal, TestCard } from './cards.ts';
import { openDispute } from './disputes.ts';
import { feeOn, post } from './ledger.ts';
import { page, wants } from './lists.ts';
import type { Charge, Intent, Method } from './types.ts';
import type { Account, World } from './world.ts';

/** How long a card keeps an authorization when the customer started the payment. */
export const authorizationDays = 7;

export interface Attempt {
  readonly intent: Intent;
  readonly method: Method;
  readonly card: TestCard;
  readonly refusal?: Refusal | undefined;
  /** The customer passed a 3-D Secure challenge. */
  readonly challenged: boolean;
  /** To be captured later. */
  readonly manual: boolean;
}

function outcomeOf({ refusal, card }: Attempt): Charge['outcome'] {
  const risk = {
    risk_level: refusal?.blocked ? 'highest' : (card.risk ?? 'normal'),
    risk_score: refusal?.blocked ? 91 : card.risk ? 68 : 21,
  };
  return {
    advice_code: refusal?.advice_code ?? null,
    network_advice_code: null,
    network_decline_code: refusal?.network_decline_code ?? null,
    network_status: refusal
      ? refusal.blocked
        ? 'not_sent_to_network'
        : 'declined_by_network'
      : 'approved_by_network',
    reason: refusal?.blocked ? 'highest_risk_level' : (refusal?.decline_code ?? null),
    ...risk,
    seller_message: refusal ? 'The bank returned the decline code.' : 'Payment complete.',
    type: refusal ? (refusal.blocked ? 'blocked' : 'issuer_declined') : 'authorized',
  };
}

function cardDetails(world: World, attempt: Attempt): Charge['payment_method_details'] {
  const { intent, method, refusal, challenged, manual } = attempt;
  const card = method.card;
  if (!card) throw new Error(`${method.id} is no card`);
  const held = manual && !refusal;
  return {
    type: 'card',
    card: {
      amount_authorized: refusal ? null : intent.amount,
      authorization_code: refusal ? null : world.secret(intent.id).slice(0, 6).toUpperCase(),
      brand: card.brand,
      ...(held && { capture_before: world.now() + authorizationDays * 86_400 }),
      checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
      country: card.country,
      electronic_commerce_indicator: null,
      exp_month: card.exp_month,
      exp_year: card.exp_year,
      extended_authorization: { status: 'disabled' },
      fingerprint: card.fingerprint ?? null,
      funding: card.funding,
      incremental_authorization: { status: 'unavailable' },
      installments: null,
      last4: card.last4,
      mandate: null,
      multicapture: { status: 'unavailable' },
      network: card.brand,
      network_token: { used: false },
      network_transaction_id: refusal ? null : String(parseInt(world.secret(intent.id), 16)),
      overcapture: { maximum_amount_capturable: intent.amount, status: 'unavailable' },
      regulated_status: 'unregulated',
      three_d_secure: challenged
        ? {
            authentication_flow: 'challenge',
            electronic_commerce_indicator: '05',
            exemption_indicator: null,
            result: 'authenticated',
            result_reason: null,
            transaction_id: null,
            version: '2.2.0',
          }
        : null,
      transaction_link_id: null,
      wallet: null,
    },
  };
}

/** Asks the bank. Captures at once unless `manual`, and says so in events. */
export function charge(world: World, account: Account, attempt: Attempt): Charge {
  const { intent, method, refusal, manual } = attempt;
  const id = world.id('ch');
  const made = account.add<Charge>({
    id,
    object: 'charge',
    amount: intent.amount,
    amount_captured: 0,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: structuredClone(method.billing_details),
    calculated_statement_descriptor: 'FAKE MERCHANT',
    captured: false,
    created: world.now(),
    currency: intent.currency,
    customer: intent.customer,
    description: intent.description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: refusal?.code ?? null,
    failure_message: refusal?.message ?? null,
    fraud_details: {},
    livemode: false,
    metadata: structuredClone(intent.metadata),
    on_behalf_of: null,
    outcome: outcomeOf(attempt),
    paid: !refusal,
    payment_intent: intent.id,
    payment_method: method.id,
    payment_method_details: cardDetails(world, attempt),
    receipt_email: intent.receipt_email,
    receipt_number: null,
    receipt_url: null,
    refunded: false,
    review: null,
    shipping: structuredClone(intent.shipping),
    source: null,
    source_transfer: null,
    statement_descriptor: intent.statement_descriptor,
    statement_descriptor_suffix: intent.statement_descriptor_suffix,
    status: refusal ? 'failed' : 'succeeded',
    transfer_data: null,
    transfer_group: null,
  });
  intent.latest_charge = id;
  if (refusal) world.emit(account, 'charge.failed', made);
  else if (manual) world.emit(account, 'charge.succeeded', made);
  else settle(world, account, attempt, made, intent.amount);
  return made;
}

/**
 * The money moves: `amount` of the charge, and what the test card does next. With `automatic_async`
 * the balance transaction comes after the answer, with `charge.updated`.
 */
function settle(
  world: World,
  account: Account,
  { card, intent }: Attempt,
  made: Charge,
  amount: number,
): void {
  const now = card.available ?? false;
  if (intent.capture_method === 'automatic_async') {
    made.captured = true;
    made.amount_captured = amount;
    world.afterwards.push(() => {
      book(world, account, made, amount, now);
      world.emit(account, 'charge.updated', made);
    });
  } else book(world, account, made, amount, now);
  world.emit(account, 'charge.succeeded', made);
  disputeIfWanted(world, account, card, made);
}

function book(world: World, account: Account, made: Charge, amount: number, now: boolean): void {
  const movement = { type: 'charge', category: 'charge', source: made.id } as const;
  const transaction = post(world, account, {
    ...movement,
    amount,
    currency: made.currency,
    fee: feeOn(amount),
    available: now,
  });
  made.captured = true;
  made.amount_captured = amount;
  made.balance_transaction = transaction.id;
}

function disputeIfWanted(world: World, account: Account, card: TestCard, made: Charge): void {
  const { dispute } = card;
  if (!dispute) return;
  world.afterwards.push(() => openDispute(world, account, made.id, dispute));
}

/**
 * Captures part or all of an authorization. What is left over counts as refunded on the charge,
 * as at Stripe, but no refund and no movement of the balance belong to it.
 */
export function captureCharge(
  world: World,
  account: Account,
  made: Charge,
  amount: number,
  card: TestCard,
): void {
  book(world, account, made, amount, card.available ?? false);
  made.amount_refunded = made.amount - amount;
  world.emit(account, 'charge.captured', made);
  disputeIfWanted(world, account, card, made);
}

/** Gives an authorization back without capturing any of it. */
export function releaseCharge(
  world: World,
  account: Account,
  made: Charge,
  expired: boolean,
): void {
  made.amount_refunded = made.amount;
  made.refunded = true;
  world.emit(account, expired ? 'charge.expired' : 'charge.refunded', made);
}

function listed(call: Call): object {
  const { account, params } = call;
  const all = account
    .all('charge')
    .filter((it) => wants(params, 'payment_intent', it.payment_intent))
    .filter((it) => wants(params, 'customer', it.customer));
  return page(call, '/v1/charges', all);
}

export const chargeRoutes: readonly Route[] = [
  { method: 'GET', path: '/v1/charges', handle: listed },
  {
    method: 'GET',
    path: '/v1/charges/:id',
    handle: ({ account, id }) => account.get('charge', id),
  },
];
