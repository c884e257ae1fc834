/** The merchants' API: where webhooks go. */
import { randomBytes } from 'node:crypto';
import { readJsonBody } from './exchange.ts';
import { readOptionalText, readOptionalUrl } from './fields.ts';
import { newId } from './ids.ts';
import type { LedgerRecord, WebhookEndpoint } from './model.ts';
import { Refusal } from './refusal.ts';
import type { Route } from './router.ts';
import type { Simulator } from './simulator.ts';

export function webhookRoutes(simulator: Simulator): Route[] {
  const { books, webhooks } = simulator;
  const view = ({ id, url, description, created_at }: WebhookEndpoint) => ({
    object: 'webhook_endpoint',
    id,
    url,
    description: description ?? null,
    created_at,
    deliveries: webhooks.counts(id),
  });
  const route = (method: Route['method'], path: string, handle: Route['handle']): Route => ({
    method,
    path,
    merchant: true,
    handle,
  });
  return [
    route('POST', '/v1/webhook_endpoints', async ({ request, merchant }) => {
      const body = await readJsonBody(request);
      const url = readOptionalUrl(body, 'url');
      if (url === undefined) throw new Refusal('invalid_request', 'url is missing', 'url');
      const description = readOptionalText(body, 'description');
      const nowMs = simulator.now();
      const endpoint: WebhookEndpoint = {
        id: newId('we', nowMs),
        merchant,
        url,
        secret: readOptionalText(body, 'secret') ?? `whsec_${randomBytes(24).toString('hex')}`,
        ...(description !== undefined && { description }),
        created_at: new Date(nowMs).toISOString(),
      };
      await record(simulator, { endpoint });
      // The one answer that shows the secret.
      return { status: 201, body: { ...view(endpoint), secret: endpoint.secret } };
    }),
    route('GET', '/v1/webhook_endpoints', async ({ merchant }) => {
      const data = books.endpointsOf(merchant).map(view);
      return { status: 200, body: { object: 'list', data, has_more: false } };
    }),
    route('DELETE', '/v1/webhook_endpoints/:id', async ({ merchant, params }) => {
      const endpoint = books.endpoint(merchant, params['id'] ?? '');
      if (!endpoint) throw new Refusal('not_found', `no webhook endpoint ${params['id']}`);
      await record(simulator, { endpoint_deleted: endpoint.id });
      return { status: 200, body: { id: endpoint.id, deleted: true } };
    }),
  ];
}

export async function record(simulator: Simulator, entry: LedgerRecord): Promise<void> {
  simulator.books.apply(entry);
  simulator.file.append(entry);
  await simulator.file.flushed();
}
