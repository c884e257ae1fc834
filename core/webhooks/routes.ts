/** Everything about outgoing webhooks over HTTP. */
import { Problem } from '../sdk/problem.ts';
import { defineRoute, type Route } from '../sdk/route.ts';
import { idOf, strict } from '../sdk/vocabulary.ts';
import { deliveryRoutes } from './delivery-routes.ts';
import type { WebhookDesk } from './desk.ts';
import { endpointRoutes } from './endpoint-routes.ts';
import type { WebhookRouteDeps } from './endpoint-verbs.ts';
import { ProfileSecretSchema } from './schema.ts';
import { profileSecretOf } from './secrets.ts';

/** `rest` is what the payment verbs stand on: it has what is needed besides. */
export function webhookRoutes(
  webhooks: WebhookDesk,
  rest: Pick<WebhookRouteDeps, 'merchants'> & WebhookRouteDeps['commit'],
): readonly Route[] {
  const deps = { webhooks, merchants: rest.merchants, commit: rest };
  return [...endpointRoutes(deps), ...deliveryRoutes(deps), profileSecretRoute(deps)];
}

function profileSecretRoute({ webhooks, merchants }: WebhookRouteDeps): Route {
  return defineRoute({
    id: 'getProfileWebhookSecret',
    method: 'get',
    path: '/v1/profiles/{profile_id}/webhook_secret',
    tag: 'Webhooks',
    summary: 'The secret that signs what goes to webhook_url of payments',
    access: { kind: 'merchant', scope: 'webhooks:write' },
    rate: 'management',
    params: strict({ profile_id: idOf('profile', 'prof_…') }),
    replies: { 200: ProfileSecretSchema },
    problems: ['not_found'],
    examples: [{ summary: 'Of a profile', params: { profile_id: '{profile_id}' }, status: 200 }],
    async handle({ principal, params }) {
      const { merchantId, profileId: bound } = principal;
      const known = await merchants.profile(merchantId, params.profile_id);
      if (!known || (bound !== undefined && bound !== known.id)) {
        throw new Problem('not_found', 'there is no such profile');
      }
      const secret = profileSecretOf(webhooks.keyring, known.id);
      const body = { object: 'webhook_secret' as const, profile_id: known.id, secret };
      return { status: 200, body };
    },
  });
}
