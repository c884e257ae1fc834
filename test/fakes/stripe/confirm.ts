/** Confirming a payment intent: the rules about who is present, 3-D Secure, and the bank. */
import { authenticationRequired, told, type Refusal, type TestCard } from './cards.ts';
import { challengeFor, type Challenged } from './challenges.ts';
import { charge } from './charges.ts';
import { attach, cardOf, resolveMethod, usedUp } from './methods.ts';
import { flag, group, text, type Params } from './params.ts';
import { absent, cardProblem, invalid, refused } from './problem.ts';
import type { Intent, Method } from './types.ts';
import type { Account, CardState, World } from './world.ts';

export interface Confirmation {
  readonly params: Params;
  readonly browser: boolean;
}

type Card = TestCard & { state: CardState };

const confirmable = ['requires_payment_method', 'requires_confirmation', 'requires_action'];

/** 400 as Stripe says it when an intent is not in a state that allows something. */
export function unexpected(intent: Intent, verb: string): Error {
  const message =
    `This PaymentIntent could not be ${verb} because it has a status of ${intent.status}. ` +
    'The expected status is another one.';
  const detail = { code: 'payment_intent_unexpected_state', payment_intent: { ...intent } };
  return refused(message, detail);
}

/** Is the customer there? `recurring` and `one_off` are ways to say no. */
export function isOffSession(params: Params): boolean {
  const value = text(params, 'off_session');
  return value === 'recurring' || value === 'one_off' || flag(params, 'off_session') === true;
}

/** Methods that might redirect want a way back (Stripe docs, automatic_payment_methods). */
export function checkReturnUrl(
  automatic: { allow_redirects?: string } | null,
  { params, browser }: Confirmation,
): void {
  const mayRedirect = automatic !== null && automatic.allow_redirects !== 'never';
  if (!mayRedirect || browser || flag(params, 'use_stripe_sdk') === true) return;
  if (text(params, 'return_url') !== undefined) return;
  throw refused(
    'This intent is configured to accept payment methods that might redirect your customer, so ' +
      'you must provide a `return_url`, or set `automatic_payment_methods[allow_redirects]` to ' +
      '`never`.',
  );
}

/** What Stripe's form in the browser collected; each token serves once. */
export function tokenIn(account: Account, params: Params): string | undefined {
  const token = text(params, 'confirmation_token');
  if (token === undefined) return undefined;
  const card = account.tokens.get(token);
  if (card === undefined) throw absent('confirmation_token', token, 'confirmation_token');
  account.tokens.delete(token);
  return card;
}

/** The method to charge; a test card's name becomes a method of its own. */
function methodFor(world: World, account: Account, intent: Intent, params: Params): Method {
  if (group(params, 'payment_method_data')) {
    throw invalid('The fake takes cards as a payment_method.', { param: 'payment_method_data' });
  }
  const id = tokenIn(account, params) ?? text(params, 'payment_method') ?? intent.payment_method;
  if (id === null) {
    const message = "You cannot confirm this PaymentIntent because it's missing a payment method.";
    throw refused(message, {
      code: 'payment_intent_unexpected_state',
      payment_intent: { ...intent },
    });
  }
  const method = resolveMethod(world, account, id, 'payment_method');
  if (method.customer !== null && method.customer !== intent.customer) {
    const message =
      `The PaymentMethod ${method.id} belongs to the Customer ${method.customer}. ` +
      'Please include the Customer in the `customer` parameter on the PaymentIntent.';
    throw refused(message, { param: 'payment_method' });
  }
  if (cardOf(account, method).state.spent) throw usedUp();
  return method;
}

function asks(card: Card, offSession: boolean, asked: string | undefined): boolean {
  if (asked === 'any' || asked === 'challenge') {
    if (card.challenge === 'when_asked') return true;
  }
  if (card.challenge === 'unless_set_up') return !(card.state.setUp && offSession);
  if (card.challenge === 'on_session') return !offSession;
  return card.challenge === 'always';
}

/** 402 with the whole intent in it; the intent waits for another payment method. */
export function decline(
  world: World,
  account: Account,
  intent: Intent,
  method: Method,
  refusal: Refusal,
): Error {
  const detail = {
    ...told(refusal),
    ...(intent.latest_charge && { charge: intent.latest_charge }),
  };
  intent.status = 'requires_payment_method';
  intent.next_action = null;
  intent.payment_method = null;
  intent.amount_capturable = 0;
  intent.last_payment_error = {
    ...detail,
    type: 'card_error',
    payment_method: structuredClone(method),
  } as Intent['last_payment_error'];
  world.emit(account, 'payment_intent.payment_failed', intent);
  return cardProblem(refusal.message, {
    ...detail,
    payment_intent: structuredClone(intent),
    payment_method: structuredClone(method),
  });
}

/** Charges after every question is answered. @throws Problem 402 when the bank says no */
function ask(
  world: World,
  account: Account,
  intent: Intent,
  method: Method,
  about: { refusal: Refusal | undefined; challenged: boolean },
): Intent {
  const card = cardOf(account, method);
  const manual =
    intent.capture_method === 'manual' ||
    intent.payment_method_options?.card?.capture_method === 'manual';
  const made = charge(world, account, { intent, method, card, manual, ...about });
  if (about.refusal) throw decline(world, account, intent, method, about.refusal);
  intent.last_payment_error = null;
  intent.next_action = null;
  if (intent.setup_future_usage && intent.customer !== null) {
    attach(world, account, method, intent.customer);
    card.state.setUp ||= intent.setup_future_usage === 'off_session';
  }
  if (method.customer === null) card.state.spent = true;
  if (manual) {
    intent.status = 'requires_capture';
    intent.amount_capturable = made.amount;
    world.emit(account, 'payment_intent.amount_capturable_updated', intent);
  } else {
    intent.status = 'succeeded';
    intent.amount_received = made.amount;
    world.emit(account, 'payment_intent.succeeded', intent);
  }
  return intent;
}

/**
 * Confirms `intent` with what the request says.
 * @throws Problem 400 when that is not possible now, 402 when the bank refuses
 */
export function confirmIntent(
  world: World,
  account: Account,
  intent: Intent,
  confirmation: Confirmation,
): Intent {
  const { params, browser } = confirmation;
  if (!confirmable.includes(intent.status)) throw unexpected(intent, 'confirmed');
  const offSession = isOffSession(params);
  if (offSession && browser) {
    throw invalid('off_session needs a secret key.', { param: 'off_session' });
  }
  checkReturnUrl(intent.automatic_payment_methods, confirmation);
  const method = methodFor(world, account, intent, params);
  intent.payment_method = method.id;
  const card = cardOf(account, method);
  const asked = intent.payment_method_options?.card?.request_three_d_secure ?? undefined;
  if (!asks(card, offSession, asked)) {
    const refusal = card.refusedAfter ? undefined : card.refusal;
    return ask(world, account, intent, method, { refusal, challenged: false });
  }
  if (offSession) {
    return ask(world, account, intent, method, {
      refusal: authenticationRequired,
      challenged: false,
    });
  }
  if (flag(params, 'error_on_requires_action') === true) {
    throw decline(world, account, intent, method, authenticationRequired);
  }
  const returnUrl = text(params, 'return_url');
  const inPage = flag(params, 'use_stripe_sdk') === true;
  intent.next_action = challengeFor(world, account, intent.id, returnUrl, inPage);
  intent.status = 'requires_action';
  world.emit(account, 'payment_intent.requires_action', intent);
  return intent;
}

/** The customer answered the challenge: the bank is asked now, or the attempt is over. */
export function answerIntent(
  world: World,
  account: Account,
  intent: Intent,
  answer: Challenged,
): void {
  if (intent.status !== 'requires_action') throw unexpected(intent, 'authenticated');
  const method = account.get('payment_method', intent.payment_method ?? '');
  if (answer === 'passed') {
    const { refusal } = cardOf(account, method);
    ask(world, account, intent, method, { refusal, challenged: true });
    return;
  }
  intent.status = 'requires_payment_method';
  intent.next_action = null;
  intent.payment_method = null;
  intent.last_payment_error = {
    code: 'payment_intent_authentication_failure',
    message:
      'The provided PaymentMethod has failed authentication. Provide a new PaymentMethod to ' +
      'attempt to fulfill this PaymentIntent again.',
    payment_method: structuredClone(method),
    type: 'invalid_request_error',
  } as Intent['last_payment_error'];
  world.emit(account, 'payment_intent.payment_failed', intent);
}
