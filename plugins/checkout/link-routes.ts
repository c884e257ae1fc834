/** Payment links over HTTP, in the native style. */
import { defineRoute, insertRow, updateRow, type Route } from '#sdk';
import { newIdOf } from './ids.ts';
import { mailsOf, newMail } from './mail.ts';
import { offerOf } from './offer.ts';
import { presentLink } from './present.ts';
import { linkTable, mailTable, type LinkDetails, type LinkRow } from './record.ts';
import {
  EmptySchema,
  LinkCreateSchema,
  LinkListQuery,
  LinkListSchema,
  LinkParams,
  LinkSchema,
} from './schema.ts';
import { linkFor, pageOf, type CheckoutHost } from './store.ts';

const tag = 'Payment links';
const read = { kind: 'merchant', scope: 'payments:read' } as const;
const write = { kind: 'merchant', scope: 'payments:write' } as const;

export function linkRoutes(host: CheckoutHost): readonly Route[] {
  return [createRoute(host), listRoute(host), getRoute(host), deactivateRoute(host)];
}

async function shown(host: CheckoutHost, row: LinkRow) {
  const mails = await mailsOf(host, [row]);
  return presentLink(host, row, mails.get(row.id));
}

function createRoute(host: CheckoutHost): Route {
  return defineRoute({
    id: 'createPaymentLink',
    method: 'post',
    path: '/v1/payment_links',
    tag,
    summary: 'Make a link that takes a payment, or many',
    description: 'Every opening is a checkout session; list them with `payment_link`.',
    access: write,
    rate: 'payments',
    body: LinkCreateSchema,
    replies: { 201: LinkSchema },
    problems: [],
    examples: [
      {
        summary: 'An invoice, paid once within a week',
        body: {
          type: 'one_time',
          amount: 25_000,
          currency: 'USD',
          description: 'Invoice 2026-117',
          expires_in: 604_800,
          customer_info: 'required',
          email: 'jane@example.com',
        },
        status: 201,
      },
      {
        summary: 'A donation button',
        body: { type: 'reusable', amount: 500, currency: 'EUR', seller_name: 'Cat shelter' },
        status: 201,
      },
    ],
    handle: async ({ body, principal, slot }) => {
      const nowMs = host.clock.now();
      const { expires_in: lifeS, customer_info = 'none', email } = body;
      const details: LinkDetails = { ...(await offerOf(host, principal, body)), customer_info };
      const row: LinkRow = {
        id: newIdOf('plink', nowMs),
        merchant_id: principal.merchantId,
        profile_id: principal.profileId ?? null,
        kind: body.type,
        status: 'active',
        session_id: null,
        details: JSON.stringify(details),
        expires_at: lifeS === undefined ? null : new Date(nowMs + lifeS * 1000).toISOString(),
        created_at: new Date(nowMs).toISOString(),
      };
      const mail = email === undefined ? undefined : newMail(row, email);
      const answer = { status: 201, body: presentLink(host, row, mail) };
      return host.store.commitWithAnswer(slot, answer, [
        insertRow(linkTable, { ...row }),
        ...(mail ? [insertRow(mailTable, { ...mail })] : []),
      ]);
    },
  });
}

function listRoute(host: CheckoutHost): Route {
  return defineRoute({
    id: 'listPaymentLinks',
    method: 'get',
    path: '/v1/payment_links',
    tag,
    summary: 'List payment links, newest first',
    access: read,
    rate: 'queries',
    query: LinkListQuery,
    replies: { 200: LinkListSchema },
    problems: ['invalid_cursor'],
    examples: [{ summary: 'Those that work', query: { status: 'active', limit: 5 }, status: 200 }],
    handle: async ({ query, principal }) => {
      const { status } = query;
      const { rows, hasMore } = await pageOf<LinkRow>(host, linkTable, principal, query, {
        ...(status !== undefined && { status }),
      });
      const mails = await mailsOf(host, rows);
      const data = rows.map((row) => presentLink(host, row, mails.get(row.id)));
      return { status: 200, body: { object: 'list', data, has_more: hasMore } };
    },
  });
}

function getRoute(host: CheckoutHost): Route {
  return defineRoute({
    id: 'getPaymentLink',
    method: 'get',
    path: '/v1/payment_links/{link_id}',
    tag,
    summary: 'Get a payment link',
    access: read,
    rate: 'queries',
    params: LinkParams,
    replies: { 200: LinkSchema },
    problems: ['not_found'],
    examples: [{ summary: 'By its id', params: { link_id: '{payment_link_id}' }, status: 200 }],
    handle: async ({ params, principal }) => {
      const row = await linkFor(host, principal, params.link_id);
      return { status: 200, body: await shown(host, row) };
    },
  });
}

function deactivateRoute(host: CheckoutHost): Route {
  return defineRoute({
    id: 'deactivatePaymentLink',
    method: 'post',
    path: '/v1/payment_links/{link_id}/deactivate',
    tag,
    summary: 'Take a payment link back',
    description: 'No new session is opened from it; one that is open stays so until its own end.',
    access: write,
    rate: 'payments',
    params: LinkParams,
    body: EmptySchema,
    bodyOptional: true,
    replies: { 200: LinkSchema },
    problems: ['not_found', 'concurrent_change'],
    examples: [
      { summary: 'Sold out', params: { link_id: '{payment_link_id}' }, body: {}, status: 200 },
    ],
    handle: async ({ params, principal, slot }) => {
      const row = await linkFor(host, principal, params.link_id);
      const over = row.status !== 'active';
      const now = over ? row : { ...row, status: 'inactive' as const };
      const where = { id: row.id, status: 'active' };
      const set = { status: 'inactive' };
      const changes = over ? [] : [updateRow(linkTable, set, where, 'checkout_link')];
      return host.store.commitWithAnswer(
        slot,
        { status: 200, body: await shown(host, now) },
        changes,
      );
    },
  });
}
