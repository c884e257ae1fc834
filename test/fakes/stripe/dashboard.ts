/**
 * What happens to one account from outside our API: its owner at the dashboard, the customer in
 * the browser, the bank. Each leaves events behind as Stripe would.
 */
import { returnTo, type Challenged } from './challenges.ts';
import { answerIntent } from './confirm.ts';
import { decideDispute, escalateDispute, openDispute, type DisputeWish } from './disputes.ts';
import { cancelIntent, captureIntent } from './intents.ts';
import { movePayout, payOut, type PayoutWish } from './ledger.ts';
import { Problem } from './problem.ts';
import { moveRefund, refund, type RefundMove, type RefundWish } from './refunds.ts';
import { answerSetup } from './setups.ts';
import type { Dispute, Intent, Kind, Kinds, Payout, Refund } from './types.ts';
import type { Account, World } from './world.ts';

/**
 * Completes or fails the 3-D Secure challenge of a payment or setup intent.
 * @returns where the customer's browser goes; undefined when the confirmation had no return_url
 */
export function answerChallenge(
  world: World,
  account: Account,
  id: string,
  answer: Challenged,
): string | undefined {
  const challenge = account.challenges.get(id);
  if (!challenge) throw new Error(`no challenge waits at ${id}`);
  account.challenges.delete(id);
  const setup = account.find('setup_intent', id);
  const intent = setup ?? account.get('payment_intent', id);
  try {
    if (setup) answerSetup(world, account, setup, answer);
    else answerIntent(world, account, account.get('payment_intent', id), answer);
  } catch (error) {
    // A bank that declines after the challenge: the intent says so, and so does the redirect.
    if (!(error instanceof Problem) || error.status !== 402) throw error;
  }
  followUp(world);
  return returnTo(challenge, intent);
}

function followUp(world: World): void {
  for (const follow of world.afterwards.splice(0)) follow();
}

export class Dashboard {
  readonly #world: World;
  readonly #account: Account;

  constructor(world: World, account: Account) {
    this.#world = world;
    this.#account = account;
  }

  get accountId(): string {
    return this.#account.id;
  }

  /** A copy of an object as it is now; undefined when there is none. */
  look<K extends Kind>(kind: K, id: string): Kinds[K] | undefined {
    return structuredClone(this.#account.find(kind, id));
  }

  /** Copies of all objects of a kind, in the order of their making. */
  all<K extends Kind>(kind: K): Kinds[K][] {
    return structuredClone(this.#account.all(kind));
  }

  /** The customer passes or fails 3-D Secure; answers where the browser then goes. */
  answerChallenge(intentId: string, answer: Challenged): string | undefined {
    return answerChallenge(this.#world, this.#account, intentId, answer);
  }

  /** The customer fills in Stripe's form: a token that the server confirms an intent with, once. */
  confirmationToken(card = 'pm_card_visa'): string {
    const id = this.#world.id('ctoken');
    this.#account.tokens.set(id, card);
    return id;
  }

  capture(intentId: string, amount?: number): Intent {
    const intent = captureIntent(this.#world, this.#account, intentId, amount);
    followUp(this.#world);
    return structuredClone(intent);
  }

  cancel(intentId: string): Intent {
    return structuredClone(cancelIntent(this.#world, this.#account, intentId));
  }

  /** The seven days are over: `charge.expired` and `payment_intent.canceled`. */
  expireAuthorization(intentId: string): Intent {
    return structuredClone(cancelIntent(this.#world, this.#account, intentId, 'automatic'));
  }

  /** Refunds the intent's last charge. */
  refund(intentId: string, wish: RefundWish = {}): Refund {
    return structuredClone(refund(this.#world, this.#account, this.#charge(intentId), wish));
  }

  /** What the bank does with a refund later. */
  moveRefund(refundId: string, status: RefundMove, failureReason?: string): Refund {
    const moved = moveRefund(this.#world, this.#account, refundId, status, failureReason);
    return structuredClone(moved);
  }

  openDispute(intentId: string, wish: DisputeWish = {}): Dispute {
    const chargeId = this.#charge(intentId).id;
    return structuredClone(openDispute(this.#world, this.#account, chargeId, wish));
  }

  decideDispute(disputeId: string, outcome: 'won' | 'lost'): Dispute {
    return structuredClone(decideDispute(this.#world, this.#account, disputeId, outcome));
  }

  escalateDispute(disputeId: string): Dispute {
    return structuredClone(escalateDispute(this.#world, this.#account, disputeId));
  }

  /** Pays out all that has not been paid out, as the automatic schedule does. */
  payOut(wish: PayoutWish = {}): Payout {
    return structuredClone(payOut(this.#world, this.#account, wish));
  }

  movePayout(
    payoutId: string,
    status: 'in_transit' | 'paid' | 'failed' | 'canceled',
    failureCode?: string,
  ): Payout {
    return structuredClone(movePayout(this.#world, this.#account, payoutId, status, failureCode));
  }

  /** Stripe stops the account's charges (403 `account_invalid`), or lets them again. */
  allowCharges(enabled: boolean): void {
    this.#account.chargesEnabled = enabled;
    const account = { id: this.#account.id, object: 'account', charges_enabled: enabled };
    this.#world.emit(this.#account, 'account.updated', account);
  }

  /** An event of any type, for what the fake has no objects for. */
  emit(type: string, object: object): string {
    return this.#world.emit(this.#account, type, object).id;
  }

  #charge(intentId: string): Kinds['charge'] {
    const intent = this.#account.get('payment_intent', intentId);
    return this.#account.get('charge', intent.latest_charge ?? '');
  }
}
