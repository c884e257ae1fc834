/**
 * The objects as the fake keeps them: Stripe's own types, with ids where an answer may expand. So
 * the compiler holds our literals against Stripe's client, besides the contract at run time.
 */
import type Stripe from 'stripe';

/** `T`, with `K` as plain ids. */
type Ids<T, K extends keyof T> = Omit<T, K> & { [P in K]: Extract<T[P], string | null> };

export type Intent = Ids<Stripe.PaymentIntent, 'customer' | 'latest_charge' | 'payment_method'>;
export type Charge = Ids<
  Stripe.Charge,
  'balance_transaction' | 'customer' | 'payment_intent' | 'failure_balance_transaction'
>;
export type Method = Ids<Stripe.PaymentMethod, 'customer'>;
export type Refund = Ids<
  Stripe.Refund,
  'balance_transaction' | 'charge' | 'payment_intent' | 'customer' | 'payment_method'
>;
export type Setup = Ids<Stripe.SetupIntent, 'customer' | 'latest_attempt' | 'payment_method'>;
export type SetupAttempt = Ids<Stripe.SetupAttempt, 'customer' | 'payment_method' | 'setup_intent'>;
export type Dispute = Ids<Stripe.Dispute, 'charge' | 'payment_intent'>;
export type Transaction = Ids<Stripe.BalanceTransaction, 'source'>;
export type Payout = Ids<Stripe.Payout, 'balance_transaction' | 'destination'>;
export type Customer = Stripe.Customer;
export type Endpoint = Stripe.WebhookEndpoint;

/** An event of any type; Stripe's union of 275 event types would not take a computed one. */
export interface StripeEvent {
  id: string;
  object: 'event';
  account?: string;
  api_version: string | null;
  created: number;
  data: { object: object };
  livemode: boolean;
  pending_webhooks: number;
  request: { id: string | null; idempotency_key: string | null } | null;
  type: string;
}

/** The `object` word of each kind and what is kept under it. */
export interface Kinds {
  payment_intent: Intent;
  charge: Charge;
  payment_method: Method;
  refund: Refund;
  setup_intent: Setup;
  setup_attempt: SetupAttempt;
  dispute: Dispute;
  balance_transaction: Transaction;
  payout: Payout;
  customer: Customer;
  webhook_endpoint: Endpoint;
  event: StripeEvent;
}

export type Kind = keyof Kinds;
export type Kept = Kinds[Kind];
