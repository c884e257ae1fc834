/** Registers where Stripe sends its news, and takes it back. */
import { randomUUID } from 'node:crypto';
import { Fault, Secret } from '#sdk';
import {
  accepted,
  codeOf,
  pathOf,
  post,
  remove,
  stripeVersion,
  type StripeContext,
} from './calls.ts';
import { textOf } from './fields.ts';
import { allOf, markOf } from './lists.ts';

const path = '/v1/webhook_endpoints';

/** Everything after which a payment, refund, dispute or set-up has to be looked at again. */
const events = [
  'charge.captured',
  'charge.dispute.closed',
  'charge.dispute.created',
  'charge.dispute.funds_reinstated',
  'charge.dispute.funds_withdrawn',
  'charge.dispute.updated',
  'charge.expired',
  'charge.refunded',
  'payment_intent.amount_capturable_updated',
  'payment_intent.canceled',
  'payment_intent.payment_failed',
  'payment_intent.processing',
  'payment_intent.requires_action',
  'payment_intent.succeeded',
  'refund.created',
  'refund.failed',
  'refund.updated',
  'setup_intent.canceled',
  'setup_intent.requires_action',
  'setup_intent.setup_failed',
  'setup_intent.succeeded',
];

async function register(
  context: StripeContext,
  { accountId }: { readonly accountId: string },
): Promise<{ reference: string; secret: Secret }> {
  const url = context.webhookUrl;
  if (url === undefined) throw new Fault('rejected', 'the switch has no public address');
  // Stripe tells a secret only once: an endpoint whose secret was lost on its way is of no use.
  for (const left of await allOf(context, path, {})) {
    const ours = markOf(left, 'pointsman_account') === accountId;
    if (ours && left['url'] === url) await unregister(context, { reference: textOf(left, 'id') });
  }
  // A key of its own each time: a repeat may not be answered with an endpoint just removed.
  const made = accepted(
    await post(context, path, `${accountId}:${randomUUID()}`, {
      url,
      enabled_events: events,
      api_version: stripeVersion,
      description: 'Pointsman',
      metadata: { pointsman_account: accountId },
    }),
  );
  return { reference: textOf(made, 'id'), secret: new Secret(textOf(made, 'secret')) };
}

async function unregister(
  context: StripeContext,
  { reference }: { readonly reference: string },
): Promise<void> {
  const answer = await remove(context, pathOf('webhook_endpoints', reference));
  if (codeOf(answer) !== 'resource_missing') accepted(answer);
}

export const endpoint = { register, remove: unregister };
