/** Payment methods: made from raw test numbers or the names Stripe gives its test cards. */
import type { Call, Route } from './call.ts';
import { numberOfAlias, passesLuhn, testCard, type TestCard } from './cards.ts';
import { page, wants } from './lists.ts';
import { group, mergeMetadata, requiredText, text, whole, type Params } from './params.ts';
import { absent, cardProblem, invalid, missing, refused } from './problem.ts';
import type { Method } from './types.ts';
import type { Account, CardState, World } from './world.ts';

interface CardInput {
  readonly number: string;
  readonly expMonth?: number;
  readonly expYear?: number;
}

function billing(params: Params): Method['billing_details'] {
  const given = group(params, 'billing_details') ?? {};
  const address = group(given, 'address') ?? {};
  return {
    address: {
      city: text(address, 'city') ?? null,
      country: text(address, 'country') ?? null,
      line1: text(address, 'line1') ?? null,
      line2: text(address, 'line2') ?? null,
      postal_code: text(address, 'postal_code') ?? null,
      state: text(address, 'state') ?? null,
    },
    email: text(given, 'email') ?? null,
    name: text(given, 'name') ?? null,
    phone: text(given, 'phone') ?? null,
    tax_id: text(given, 'tax_id') ?? null,
  };
}

function make(world: World, account: Account, input: CardInput, params: Params = {}): Method {
  const card = testCard(input.number);
  if (!card) {
    const message =
      'Your card was declined. Your request was in test mode, but used a non test card.';
    throw cardProblem(message, { code: 'card_declined', decline_code: 'test_mode_live_card' });
  }
  const method = account.add<Method>({
    id: world.id('pm'),
    object: 'payment_method',
    allow_redisplay: 'unspecified',
    billing_details: billing(params),
    card: {
      brand: card.brand,
      checks: {
        address_line1_check: null,
        address_postal_code_check: null,
        cvc_check: 'unchecked',
      },
      country: card.country,
      display_brand: card.brand,
      exp_month: input.expMonth ?? 12,
      exp_year: input.expYear ?? new Date(world.now() * 1000).getUTCFullYear() + 5,
      fingerprint: world.secret(card.number).slice(0, 16),
      funding: card.funding,
      generated_from: null,
      last4: card.number.slice(-4),
      networks: { available: [card.brand], preferred: null },
      regulated_status: 'unregulated',
      three_d_secure_usage: { supported: true },
      wallet: null,
    },
    created: world.now(),
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: mergeMetadata({}, params),
    type: 'card',
  });
  const setUp = card.challenge === 'on_session';
  account.cards.set(method.id, { number: card.number, setUp, spent: false });
  return method;
}

/** The method with this id; a test card's name makes a new one each time, as at Stripe. */
export function resolveMethod(world: World, account: Account, id: string, param: string): Method {
  const number = numberOfAlias(id);
  if (number !== undefined) return make(world, account, { number });
  return account.get('payment_method', id, param);
}

export function cardOf(account: Account, method: Method): TestCard & { state: CardState } {
  const state = account.cards.get(method.id);
  const card = testCard(state?.number ?? '');
  if (!state || !card) throw new Error(`no test card behind ${method.id}`);
  return { ...card, state };
}

/** @throws Problem for a card that refuses to be kept, or a method that was used up */
export function attach(world: World, account: Account, method: Method, customer: string): void {
  const { state, refusedOnAttach, refusal } = cardOf(account, method);
  if (state.spent) throw usedUp();
  if (method.customer !== null && method.customer !== customer) {
    throw refused('The payment method you provided has already been attached to a customer.', {
      code: 'payment_method_unexpected_state',
    });
  }
  if (refusedOnAttach && refusal) throw cardProblem(refusal.message, refusal);
  if (method.customer === customer) return;
  method.customer = customer;
  world.emit(account, 'payment_method.attached', method);
}

/** A method without a customer serves once. */
export function usedUp(): Error {
  return refused(
    'The provided PaymentMethod was used before without being attached to a Customer, or was ' +
      'detached from one. It may not be used again.',
  );
}

function create({ world, account, params }: Call): Method {
  const type = requiredText(params, 'type');
  if (type !== 'card') throw invalid(`The fake takes cards only, not ${type}.`, { param: 'type' });
  const card = group(params, 'card');
  if (!card) throw missing('card');
  const token = text(card, 'token');
  if (token !== undefined) {
    const number = numberOfAlias(token);
    if (number === undefined) throw absent('token', token, 'card[token]');
    return make(world, account, { number }, params);
  }
  const number = requiredText(card, 'number').replaceAll(/[ -]/g, '');
  const expMonth = whole(card, 'exp_month');
  const expYear = whole(card, 'exp_year');
  if (expMonth === undefined) throw missing('card[exp_month]');
  if (expYear === undefined) throw missing('card[exp_year]');
  const wrong = (code: string, what: string, param: string): Error =>
    cardProblem(`Your card's ${what} is ${code.split('_')[0]}.`, { code, param: `card[${param}]` });
  if (!passesLuhn(number)) throw wrong('incorrect_number', 'number', 'number');
  if (expMonth < 1 || expMonth > 12) {
    throw wrong('invalid_expiry_month', 'expiration month', 'exp_month');
  }
  const today = new Date(world.now() * 1000);
  const year = expYear < 100 ? 2000 + expYear : expYear;
  const isPast = year * 12 + expMonth < today.getUTCFullYear() * 12 + today.getUTCMonth() + 1;
  if (isPast) throw wrong('invalid_expiry_year', 'expiration year', 'exp_year');
  const cvc = text(card, 'cvc');
  if (cvc !== undefined && !/^\d{3,4}$/.test(cvc)) {
    throw wrong('invalid_cvc', 'security code', 'cvc');
  }
  return make(world, account, { number, expMonth, expYear: year }, params);
}

function update({ account, params, id }: Call): Method {
  const method = account.get('payment_method', id);
  method.metadata = mergeMetadata(method.metadata ?? {}, params);
  if (group(params, 'billing_details')) method.billing_details = billing(params);
  return method;
}

function attachRoute({ world, account, params, id }: Call): Method {
  const customer = account.get('customer', requiredText(params, 'customer'), 'customer');
  const method = resolveMethod(world, account, id, 'payment_method');
  attach(world, account, method, customer.id);
  return method;
}

function detach({ world, account, id }: Call): Method {
  const method = account.get('payment_method', id);
  if (method.customer === null) {
    throw refused('The payment method you provided is not attached to a customer.', {
      code: 'payment_method_unexpected_state',
    });
  }
  method.customer = null;
  cardOf(account, method).state.spent = true;
  world.emit(account, 'payment_method.detached', method);
  return method;
}

function listed(call: Call, customer: string | undefined, path: string): object {
  const { account, params } = call;
  const all = account
    .all('payment_method')
    .filter((it) => customer !== undefined && it.customer === customer)
    .filter((it) => wants(params, 'type', it.type));
  return page(call, path, all);
}

const base = '/v1/payment_methods';

export const methodRoutes: readonly Route[] = [
  { method: 'POST', path: base, handle: create, browser: true },
  {
    method: 'GET',
    path: base,
    handle: (call) => listed(call, text(call.params, 'customer'), base),
  },
  {
    method: 'GET',
    path: `${base}/:id`,
    handle: ({ account, id }) => account.get('payment_method', id),
  },
  { method: 'POST', path: `${base}/:id`, handle: update },
  { method: 'POST', path: `${base}/:id/attach`, handle: attachRoute },
  { method: 'POST', path: `${base}/:id/detach`, handle: detach },
  {
    method: 'GET',
    path: '/v1/customers/:id/payment_methods',
    handle: (call) => {
      call.account.get('customer', call.id);
      return listed(call, call.id, `/v1/customers/${call.id}/payment_methods`);
    },
  },
];
