/** Setup intents: a card kept for later, with the bank's consent. */
import type { Call, Route } from './call.ts';
import { authenticationRequired, told, type Refusal } from './cards.ts';
import { challengeFor, type Challenged } from './challenges.ts';
import { checkReturnUrl, tokenIn } from './confirm.ts';
import { checkClientSecret, forBrowser } from './intents.ts';
import { page, wants } from './lists.ts';
import { attach, cardOf, resolveMethod, usedUp } from './methods.ts';
import { flag, group, mergeMetadata, requiredText, text, type Params } from './params.ts';
import { cardProblem, invalid, refused } from './problem.ts';
import type { Method, Setup, SetupAttempt } from './types.ts';
import type { Account, World } from './world.ts';

function unexpected(setup: Setup, verb: string): Error {
  const message = `This SetupIntent could not be ${verb}: it has a status of ${setup.status}.`;
  const detail = { code: 'setup_intent_unexpected_state', setup_intent: { ...setup } };
  return refused(message, detail);
}

function create(call: Call): Setup {
  const { world, account, params } = call;
  const wantsConfirm = flag(params, 'confirm') === true;
  for (const param of ['return_url', 'mandate_data', 'use_stripe_sdk']) {
    if (wantsConfirm || params[param] === undefined) continue;
    throw invalid(`You may only specify ${param} when confirm is true.`, { param });
  }
  const customer = text(params, 'customer') ?? null;
  if (customer !== null) account.get('customer', customer, 'customer');
  const given = group(params, 'automatic_payment_methods');
  const off = given !== undefined && flag(given, 'enabled') === false;
  const redirects = given && text(given, 'allow_redirects') === 'never' ? 'never' : 'always';
  const card = group(group(params, 'payment_method_options') ?? {}, 'card') ?? {};
  const methodId = text(params, 'payment_method');
  const method = methodId && resolveMethod(world, account, methodId, 'payment_method').id;
  const id = world.id('seti');
  const setup = account.add<Setup>({
    id,
    object: 'setup_intent',
    allowed_payment_method_types: null,
    application: null,
    automatic_payment_methods: off ? null : { allow_redirects: redirects, enabled: true },
    cancellation_reason: null,
    client_secret: `${id}_secret_${world.secret(id)}`,
    created: world.now(),
    customer,
    customer_account: null,
    description: text(params, 'description') ?? null,
    excluded_payment_method_types: null,
    flow_directions: null,
    last_setup_error: null,
    latest_attempt: null,
    livemode: false,
    managed_payments: null,
    mandate: null,
    metadata: mergeMetadata({}, params),
    next_action: null,
    on_behalf_of: null,
    payment_method: method ?? null,
    payment_method_configuration_details: null,
    payment_method_options: {
      card: {
        mandate_options: null,
        network: null,
        request_three_d_secure: (text(card, 'request_three_d_secure') ?? 'automatic') as 'any',
      },
    },
    payment_method_types: ['card'],
    single_use_mandate: null,
    status: method ? 'requires_confirmation' : 'requires_payment_method',
    usage: text(params, 'usage') ?? 'off_session',
  });
  world.emit(account, 'setup_intent.created', setup);
  return wantsConfirm ? confirm(call, setup) : setup;
}

function attempt(
  world: World,
  account: Account,
  setup: Setup,
  method: Method,
  status: string,
  challenged: boolean,
): SetupAttempt {
  const { card } = method;
  if (!card) throw new Error(`${method.id} is no card`);
  const passed = {
    authentication_flow: 'challenge',
    electronic_commerce_indicator: '05',
    result: 'authenticated',
    result_reason: null,
    transaction_id: null,
    version: '2.2.0',
  } as const;
  const made = account.add<SetupAttempt>({
    id: world.id('setatt'),
    object: 'setup_attempt',
    application: null,
    created: world.now(),
    customer: setup.customer,
    customer_account: null,
    flow_directions: null,
    livemode: false,
    on_behalf_of: null,
    payment_method: method.id,
    payment_method_details: {
      type: 'card',
      card: {
        brand: card.brand,
        checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
        country: card.country,
        exp_month: card.exp_month,
        exp_year: card.exp_year,
        fingerprint: card.fingerprint ?? null,
        funding: card.funding,
        last4: card.last4,
        network: card.brand,
        three_d_secure: challenged && status === 'succeeded' ? passed : null,
        wallet: null,
      },
    },
    setup_error: null,
    setup_intent: setup.id,
    status,
    usage: setup.usage,
  });
  setup.latest_attempt = made.id;
  return made;
}

function fail(
  world: World,
  account: Account,
  setup: Setup,
  method: Method,
  refusal: Refusal,
): Error {
  attempt(world, account, setup, method, 'failed', false);
  setup.status = 'requires_payment_method';
  setup.next_action = null;
  setup.payment_method = null;
  const said = { ...told(refusal), payment_method: structuredClone(method) };
  setup.last_setup_error = { ...said, type: 'card_error' } as Setup['last_setup_error'];
  world.emit(account, 'setup_intent.setup_failed', setup);
  return cardProblem(refusal.message, { ...said, setup_intent: structuredClone(setup) });
}

function succeed(
  world: World,
  account: Account,
  setup: Setup,
  method: Method,
  challenged: boolean,
): Setup {
  const { state, refusal } = cardOf(account, method);
  // 4000 0000 0000 0341 attaches and declines later only; other declining cards do so here.
  if (refusal && state.number !== '4000000000000341') {
    throw fail(world, account, setup, method, refusal);
  }
  if (setup.customer !== null) attach(world, account, method, setup.customer);
  state.setUp ||= setup.usage === 'off_session';
  attempt(world, account, setup, method, 'succeeded', challenged);
  setup.status = 'succeeded';
  setup.next_action = null;
  setup.last_setup_error = null;
  world.emit(account, 'setup_intent.succeeded', setup);
  return setup;
}

function confirm({ world, account, params, browser }: Call, setup: Setup): Setup {
  const open = ['requires_payment_method', 'requires_confirmation', 'requires_action'];
  if (!open.includes(setup.status)) throw unexpected(setup, 'confirmed');
  checkReturnUrl(setup.automatic_payment_methods, { params, browser });
  const id = tokenIn(account, params) ?? text(params, 'payment_method') ?? setup.payment_method;
  if (id === null) {
    const message = "You cannot confirm this SetupIntent because it's missing a payment method.";
    throw refused(message, { code: 'setup_intent_unexpected_state', setup_intent: { ...setup } });
  }
  const method = resolveMethod(world, account, id, 'payment_method');
  const { state, challenge, refusedAfter } = cardOf(account, method);
  if (state.spent) throw usedUp();
  setup.payment_method = method.id;
  const asked = setup.payment_method_options?.card?.request_three_d_secure;
  const whenAsked = challenge === 'when_asked' && (asked === 'any' || asked === 'challenge');
  const asks = whenAsked || challenge === 'always' || challenge === 'unless_set_up';
  if (!asks || refusedAfter) return succeed(world, account, setup, method, false);
  const inPage = flag(params, 'use_stripe_sdk') === true;
  const action = challengeFor(world, account, setup.id, text(params, 'return_url'), inPage);
  setup.next_action = action as Setup['next_action'];
  setup.status = 'requires_action';
  world.emit(account, 'setup_intent.requires_action', setup);
  return setup;
}

/** The customer answered the challenge. */
export function answerSetup(
  world: World,
  account: Account,
  setup: Setup,
  answer: Challenged,
): void {
  if (setup.status !== 'requires_action') throw unexpected(setup, 'authenticated');
  const method = account.get('payment_method', setup.payment_method ?? '');
  if (answer === 'passed') succeed(world, account, setup, method, true);
  else {
    fail(world, account, setup, method, {
      ...authenticationRequired,
      code: 'setup_intent_authentication_failure',
    });
  }
}

function cancel({ world, account, params, id }: Call): Setup {
  const setup = account.get('setup_intent', id);
  if (setup.status === 'succeeded' || setup.status === 'canceled') {
    throw unexpected(setup, 'canceled');
  }
  setup.status = 'canceled';
  setup.next_action = null;
  const reason = text(params, 'cancellation_reason') ?? null;
  setup.cancellation_reason = reason;
  account.challenges.delete(id);
  world.emit(account, 'setup_intent.canceled', setup);
  return setup;
}

function update({ account, params, id }: Call): Setup {
  const setup = account.get('setup_intent', id);
  setup.metadata = mergeMetadata(setup.metadata ?? {}, params);
  if (params.description !== undefined) setup.description = text(params, 'description') ?? null;
  return setup;
}

function filtered(params: Params): (it: Setup) => boolean {
  return (it) =>
    wants(params, 'customer', it.customer) && wants(params, 'payment_method', it.payment_method);
}

const base = '/v1/setup_intents';
const get = ({ account, id }: Call): Setup => account.get('setup_intent', id);

export const setupRoutes: readonly Route[] = [
  { method: 'POST', path: base, handle: create },
  {
    method: 'GET',
    path: base,
    handle: (call) =>
      page(call, base, call.account.all('setup_intent').filter(filtered(call.params))),
  },
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
  { method: 'POST', path: `${base}/:id/cancel`, handle: cancel },
  {
    method: 'GET',
    path: '/v1/setup_attempts',
    handle: (call) => {
      const of = requiredText(call.params, 'setup_intent');
      const all = call.account.all('setup_attempt').filter((it) => it.setup_intent === of);
      return page(call, '/v1/setup_attempts', all);
    },
  },
];
