/** Payment intents: made, changed, confirmed, captured, cancelled, read. */
import type { Call, Route } from './call.ts';
import { captureCharge, releaseCharge } from './charges.ts';
import { confirmIntent, isOffSession, unexpected } from './confirm.ts';
import { page, wants } from './lists.ts';
import { cardOf, resolveMethod } from './methods.ts';
import { currencyOf, checkAmount, requiredAmount } from './money.ts';
import { flag, group, mergeMetadata, text, whole, type Params } from './params.ts';
import { absent, invalid, Problem, unauthorized } from './problem.ts';
import type { Intent } from './types.ts';
import type { Account, World } from './world.ts';

function automaticMethods(params: Params): Intent['automatic_payment_methods'] {
  const given = group(params, 'automatic_payment_methods');
  // Since 2023-08-16 they are on unless the request says otherwise.
  if (given && flag(given, 'enabled') === false) return null;
  const redirects = given && text(given, 'allow_redirects') === 'never' ? 'never' : 'always';
  return { allow_redirects: redirects, enabled: true };
}

function cardOptions(params: Params): Intent['payment_method_options'] {
  const card = group(group(params, 'payment_method_options') ?? {}, 'card') ?? {};
  const asked = text(card, 'request_three_d_secure') as 'any' | 'challenge' | undefined;
  const manual = text(card, 'capture_method') === 'manual';
  return {
    card: {
      ...(manual && { capture_method: 'manual' }),
      installments: null,
      mandate_options: null,
      network: null,
      request_three_d_secure: asked ?? 'automatic',
    },
  };
}

function shippingOf(params: Params): Intent['shipping'] {
  const given = group(params, 'shipping');
  if (!given) return null;
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
    carrier: text(given, 'carrier') ?? null,
    name: text(given, 'name') ?? '',
    phone: text(given, 'phone') ?? null,
    tracking_number: text(given, 'tracking_number') ?? null,
  };
}

/** What only a confirming request may say. */
const confirmOnly = ['off_session', 'return_url', 'error_on_requires_action', 'mandate_data'];

function checkCombination(account: Account, params: Params): void {
  if (flag(params, 'confirm') !== true) {
    for (const param of confirmOnly) {
      if (params[param] === undefined) continue;
      throw invalid(`You may only specify ${param} when confirm is true.`, { param });
    }
  }
  if (isOffSession(params) && text(params, 'setup_future_usage') !== undefined) {
    const message = 'You cannot provide setup_future_usage together with off_session.';
    throw invalid(message, { param: 'setup_future_usage' });
  }
  if (!account.chargesEnabled) {
    const body = {
      type: 'invalid_request_error',
      code: 'account_invalid',
      message: 'Your account cannot currently make charges.',
    } as const;
    throw new Problem(403, body, true);
  }
}

function create(call: Call): Intent {
  const { world, account, params } = call;
  const currency = currencyOf(params);
  const amount = requiredAmount(params, currency);
  checkCombination(account, params);
  const customer = text(params, 'customer') ?? null;
  if (customer !== null) account.get('customer', customer, 'customer');
  const metadata = mergeMetadata({}, params);
  const methodId = text(params, 'payment_method');
  const method = methodId && resolveMethod(world, account, methodId, 'payment_method').id;
  const id = world.id('pi');
  const intent: Intent = {
    id,
    object: 'payment_intent',
    allowed_payment_method_types: null,
    amount,
    amount_capturable: 0,
    amount_details: { tip: {} },
    amount_received: 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: automaticMethods(params),
    canceled_at: null,
    cancellation_reason: null,
    // The default since API 2024-04-10.
    capture_method: text(params, 'capture_method') ?? 'automatic_async',
    client_secret: `${id}_secret_${world.secret(id)}`,
    confirmation_method: 'automatic',
    created: world.now(),
    currency,
    customer,
    customer_account: null,
    description: text(params, 'description') ?? null,
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    managed_payments: null,
    metadata,
    next_action: null,
    on_behalf_of: null,
    payment_method: method ?? null,
    payment_method_configuration_details: null,
    payment_method_options: cardOptions(params),
    payment_method_types: ['card'],
    payment_record: null,
    processing: null,
    receipt_email: text(params, 'receipt_email') ?? null,
    review: null,
    setup_future_usage: text(params, 'setup_future_usage') ?? null,
    shipping: shippingOf(params),
    source: null,
    statement_descriptor: text(params, 'statement_descriptor') ?? null,
    statement_descriptor_suffix: text(params, 'statement_descriptor_suffix') ?? null,
    status: method ? 'requires_confirmation' : 'requires_payment_method',
    transfer_data: null,
    transfer_group: text(params, 'transfer_group') ?? null,
  };
  account.add(intent);
  world.emit(account, 'payment_intent.created', intent);
  return flag(params, 'confirm') === true ? confirm(call, intent) : intent;
}

function confirm({ world, account, params, browser }: Call, intent: Intent): Intent {
  const usage = text(params, 'setup_future_usage') as Intent['setup_future_usage'] | undefined;
  if (usage) intent.setup_future_usage = usage;
  const method = text(params, 'capture_method');
  if (method) intent.capture_method = method;
  if (group(params, 'payment_method_options')) intent.payment_method_options = cardOptions(params);
  return confirmIntent(world, account, intent, { params, browser });
}

const changeable = ['requires_payment_method', 'requires_confirmation', 'requires_action'];

function update({ world, account, params, id }: Call): Intent {
  const intent = account.get('payment_intent', id);
  intent.metadata = mergeMetadata(intent.metadata, params);
  if (params.description !== undefined) intent.description = text(params, 'description') ?? null;
  const money = ['amount', 'currency', 'customer', 'payment_method', 'capture_method'];
  if (!money.some((name) => params[name] !== undefined)) return intent;
  if (!changeable.includes(intent.status)) throw unexpected(intent, 'updated');
  if (params.currency !== undefined) intent.currency = currencyOf(params);
  const amount = whole(params, 'amount');
  if (amount !== undefined) intent.amount = checkAmount(amount, intent.currency);
  const customer = text(params, 'customer');
  if (customer) intent.customer = account.get('customer', customer, 'customer').id;
  const method = text(params, 'payment_method');
  if (method !== undefined) {
    intent.payment_method = resolveMethod(world, account, method, 'payment_method').id;
    intent.status = 'requires_confirmation';
    intent.next_action = null;
  }
  return intent;
}

/** Captures `amount` (default: all) and releases the rest; once. */
export function captureIntent(
  world: World,
  account: Account,
  id: string,
  amount?: number,
  params: Params = {},
): Intent {
  const intent = account.get('payment_intent', id);
  if (intent.status !== 'requires_capture') throw unexpected(intent, 'captured');
  const wanted = amount ?? intent.amount_capturable;
  if (wanted < 1 || wanted > intent.amount_capturable) {
    const message = `The amount to capture must be between 1 and ${intent.amount_capturable}.`;
    throw invalid(message, { code: 'amount_too_large', param: 'amount_to_capture' });
  }
  const made = account.get('charge', intent.latest_charge ?? '');
  const card = cardOf(account, account.get('payment_method', made.payment_method ?? ''));
  intent.metadata = mergeMetadata(intent.metadata, params);
  captureCharge(world, account, made, wanted, card);
  intent.status = 'succeeded';
  intent.amount_capturable = 0;
  intent.amount_received = wanted;
  world.emit(account, 'payment_intent.succeeded', intent);
  return intent;
}

/** Cancels; what was authorized is given back. `automatic`: the authorization ran out. */
export function cancelIntent(
  world: World,
  account: Account,
  id: string,
  reason: Intent['cancellation_reason'] = null,
): Intent {
  const intent = account.get('payment_intent', id);
  if (!changeable.includes(intent.status) && intent.status !== 'requires_capture') {
    throw unexpected(intent, 'canceled');
  }
  const held = intent.status === 'requires_capture' ? intent.latest_charge : null;
  intent.status = 'canceled';
  intent.cancellation_reason = reason;
  intent.canceled_at = world.now();
  intent.amount_capturable = 0;
  intent.next_action = null;
  account.challenges.delete(id);
  if (held !== null) {
    releaseCharge(world, account, account.get('charge', held), reason === 'automatic');
  }
  world.emit(account, 'payment_intent.canceled', intent);
  return intent;
}

/** The reduced object that a publishable key may see. */
export function forBrowser<T extends { id: string; client_secret: string | null }>(
  call: Call,
  object: T,
): object {
  if (!call.browser) return object;
  checkClientSecret(call, object);
  const hidden = new Set(['customer', 'latest_charge', 'metadata', 'latest_attempt']);
  return Object.fromEntries(Object.entries(object).filter(([name]) => !hidden.has(name)));
}

/** @throws Problem when a browser does not know the intent's client secret */
export function checkClientSecret(
  { params, browser }: Call,
  object: { id: string; client_secret: string | null },
): void {
  if (!browser) return;
  const secret = text(params, 'client_secret');
  if (secret === undefined) throw unauthorized('A client_secret is needed.', 'secret_key_required');
  if (secret !== object.client_secret) throw absent('payment_intent', object.id, 'client_secret');
}

function listed(call: Call): object {
  const all = call.account.all('payment_intent');
  const path = '/v1/payment_intents';
  return page(
    call,
    path,
    all.filter((it) => wants(call.params, 'customer', it.customer)),
  );
}

const base = '/v1/payment_intents';
const get = ({ account, id }: Call): Intent => account.get('payment_intent', id);

export const intentRoutes: readonly Route[] = [
  { method: 'POST', path: base, handle: create },
  { method: 'GET', path: base, handle: listed },
  {
    method: 'GET',
    path: `${base}/:id`,
    handle: (call) => forBrowser(call, get(call)),
    browser: true,
  },
  { method: 'POST', path: `${base}/:id`, handle: update },
  {
    method: 'POST',
    path: `${base}/:id/confirm`,
    browser: true,
    handle: (call) => {
      checkClientSecret(call, get(call));
      return forBrowser(call, confirm(call, get(call)));
    },
  },
  {
    method: 'POST',
    path: `${base}/:id/capture`,
    handle: ({ world, account, params, id }) =>
      captureIntent(world, account, id, whole(params, 'amount_to_capture'), params),
  },
  {
    method: 'POST',
    path: `${base}/:id/cancel`,
    handle: ({ world, account, params, id }) => {
      const reason = text(params, 'cancellation_reason') ?? null;
      return cancelIntent(world, account, id, reason);
    },
  },
];
