/** Checkout sessions over HTTP, in the native style. */
import { defineRoute, Problem, type Route } from '#sdk';
import { entryOf, makeReady } from './choice.ts';
import { offerOf } from './offer.ts';
import { presentSession } from './present.ts';
import { sessionTable, type SessionRow } from './record.ts';
import {
  EmptySchema,
  SessionCreateSchema,
  SessionListQuery,
  SessionListSchema,
  SessionParams,
  SessionSchema,
  type SessionCreateBody,
} from './schema.ts';
import {
  chosenFor,
  completeSession,
  draftSession,
  expireSession,
  insertSession,
} from './session.ts';
import { pageOf, sessionFor, type CheckoutHost } from './store.ts';

const tag = 'Checkout';
const read = { kind: 'merchant', scope: 'payments:read' } as const;
const write = { kind: 'merchant', scope: 'payments:write' } as const;

export function sessionRoutes(host: CheckoutHost): readonly Route[] {
  return [
    createRoute(host),
    listRoute(host),
    getRoute(host),
    completeRoute(host),
    expireRoute(host),
  ];
}

async function shown(host: CheckoutHost, row: SessionRow) {
  return presentSession(host, row, await chosenFor(host, row));
}

/** Now rather than when the customer pays. */
function assertKeepable({ setup_future_usage: usage, customer_id: customer }: SessionCreateBody) {
  if (usage === undefined || customer !== undefined) return;
  throw new Problem('invalid_request', 'setup_future_usage needs a customer_id', {
    param: 'customer_id',
  });
}

/** Methods other than cards are chosen on the page, and their account with them. */
function assertChoosable({ choose_account: now, allowed_methods: methods }: SessionCreateBody) {
  if (!now || methods === undefined) return;
  throw new Problem('invalid_request', 'choose_account goes without allowed_methods', {
    param: 'allowed_methods',
  });
}

const orders = [
  {
    summary: 'An order of two things, less a discount',
    body: {
      currency: 'USD',
      line_items: [
        { name: 'Coffee beans, 1 kg', quantity: 2, unit_amount: 1450 },
        { name: 'Filter papers', quantity: 1, unit_amount: 390 },
      ],
      discount_amount: 290,
      success_url: 'https://shop.example/thanks?session={CHECKOUT_SESSION_ID}',
      cancel_url: 'https://shop.example/cart',
      customer_email: 'jane@example.com',
    },
    status: 201,
  },
  {
    summary: 'Just an amount',
    body: { amount: 10_000, currency: 'USD', success_url: 'https://shop.example/thanks' },
    status: 201,
  },
];

function createRoute(host: CheckoutHost): Route {
  return defineRoute({
    id: 'createCheckoutSession',
    method: 'post',
    path: '/v1/checkout_sessions',
    tag,
    summary: 'Open a page that takes one payment',
    description:
      'Send the customer to `url`. The session has one payment, and at most five cards are tried ' +
      'on it. Trust the webhooks of that payment, not that the customer came back.',
    access: write,
    rate: 'payments',
    body: SessionCreateSchema,
    replies: { 201: SessionSchema },
    problems: [
      'reference_taken',
      'forbidden',
      'customer_unknown',
      'account_unusable',
      'no_eligible_account',
      'processor_unreachable',
      'processor_refused',
    ],
    examples: orders,
    handle: async ({ body, principal, slot, requestId }) => {
      assertKeepable(body);
      assertChoosable(body);
      const offer = await offerOf(host, principal, body);
      const entry = body.choose_account ? await entryOf(host, principal, offer) : undefined;
      const { customer_id, customer_email, customer_name, setup_future_usage, reference } = body;
      const { row, clientSecret } = await draftSession(host, principal, {
        // What was left out is not kept: as JSON it is no member.
        details: {
          ...offer,
          customer_id,
          customer_name,
          customer_email,
          setup_future_usage,
          reference,
        },
        lifeMs: (body.expires_in ?? 3600) * 1000,
        profileId: body.profile_id,
        idempotencyKey: slot?.key,
        requestId,
      });
      if (entry === 'hosted') await makeReady(host, principal, row, offer);
      const opened = { ...(await shown(host, row)), client_secret: clientSecret };
      return host.store.commitWithAnswer(slot, { status: 201, body: opened }, [insertSession(row)]);
    },
  });
}

function listRoute(host: CheckoutHost): Route {
  return defineRoute({
    id: 'listCheckoutSessions',
    method: 'get',
    path: '/v1/checkout_sessions',
    tag,
    summary: 'List checkout sessions, newest first',
    access: read,
    rate: 'queries',
    query: SessionListQuery,
    replies: { 200: SessionListSchema },
    problems: ['invalid_cursor'],
    examples: [{ summary: 'Those still open', query: { status: 'open', limit: 5 }, status: 200 }],
    handle: async ({ query, principal }) => {
      const { status, payment, payment_link: link } = query;
      const { rows, hasMore } = await pageOf<SessionRow>(host, sessionTable, principal, query, {
        ...(status !== undefined && { status }),
        ...(payment !== undefined && { payment_id: payment }),
        ...(link !== undefined && { link_id: link }),
      });
      const data = await Promise.all(rows.map((row) => shown(host, row)));
      return { status: 200, body: { object: 'list', data, has_more: hasMore } };
    },
  });
}

function getRoute(host: CheckoutHost): Route {
  return defineRoute({
    id: 'getCheckoutSession',
    method: 'get',
    path: '/v1/checkout_sessions/{session_id}',
    tag,
    summary: 'Get a checkout session',
    access: read,
    rate: 'queries',
    params: SessionParams,
    replies: { 200: SessionSchema },
    problems: ['not_found'],
    examples: [
      { summary: 'By its id', params: { session_id: '{checkout_session_id}' }, status: 200 },
    ],
    handle: async ({ params, principal }) => {
      const row = await sessionFor(host, principal, params.session_id);
      return { status: 200, body: await shown(host, row) };
    },
  });
}

function completeRoute(host: CheckoutHost): Route {
  return defineRoute({
    id: 'completeCheckoutSession',
    method: 'post',
    path: '/v1/checkout_sessions/{session_id}/complete',
    tag,
    summary: 'Complete a session whose payment is paid',
    description:
      'A session completes by itself. This asks the processor now, for a customer who has just ' +
      'come back; one that is not paid is refused.',
    access: write,
    rate: 'payments',
    params: SessionParams,
    body: EmptySchema,
    bodyOptional: true,
    replies: { 200: SessionSchema },
    problems: ['not_found', 'payment_state'],
    examples: [
      {
        summary: 'The customer is back',
        params: { session_id: '{paid_checkout_session_id}' },
        body: {},
        status: 200,
      },
    ],
    handle: async ({ params, principal, slot }) => {
      const known = await sessionFor(host, principal, params.session_id);
      const row = await completeSession(host, known);
      return host.store.commitWithAnswer(slot, { status: 200, body: await shown(host, row) }, []);
    },
  });
}

function expireRoute(host: CheckoutHost): Route {
  return defineRoute({
    id: 'expireCheckoutSession',
    method: 'post',
    path: '/v1/checkout_sessions/{session_id}/expire',
    tag,
    summary: 'End a session before its time',
    description: 'Its payment is cancelled; the page says so. One that is paid stays complete.',
    access: write,
    rate: 'payments',
    params: SessionParams,
    body: EmptySchema,
    bodyOptional: true,
    replies: { 200: SessionSchema },
    problems: ['not_found', 'payment_state', 'concurrent_change'],
    examples: [
      {
        summary: 'The last one was sold',
        params: { session_id: '{checkout_session_id}' },
        body: {},
        status: 200,
      },
    ],
    handle: async ({ params, principal, slot }) => {
      const known = await sessionFor(host, principal, params.session_id);
      const { row, changes } = await expireSession(host, principal, known);
      const answer = { status: 200, body: await shown(host, row) };
      return host.store.commitWithAnswer(slot, answer, changes);
    },
  });
}
