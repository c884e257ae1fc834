/** Webhook endpoints and the list of events. */
import type { Call, Route } from './call.ts';
import { page } from './lists.ts';
import { flag, list, mergeMetadata, requiredText, text } from './params.ts';
import { invalid, missing } from './problem.ts';
import type { Endpoint } from './types.ts';

/** Stripe docs, webhooks: endpoints of one account and mode. */
const mostEndpoints = 16;

function checkUrl(url: string): string {
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
    throw invalid('Invalid URL: an explicit scheme (such as https) must be provided.', {
      code: 'url_invalid',
      param: 'url',
    });
  }
  return url;
}

/** The answer carries `secret`, this once. */
function create({ world, account, params }: Call): object {
  const url = checkUrl(requiredText(params, 'url'));
  const enabled = list(params, 'enabled_events');
  if (!enabled || enabled.length === 0) throw missing('enabled_events');
  if (account.all('webhook_endpoint').length >= mostEndpoints) {
    throw invalid(`You have reached the maximum of ${mostEndpoints} test webhook endpoints.`);
  }
  const endpoint = account.add<Endpoint>({
    id: world.id('we'),
    object: 'webhook_endpoint',
    api_version: text(params, 'api_version') ?? null,
    application: null,
    created: world.now(),
    description: text(params, 'description') ?? null,
    enabled_events: enabled,
    livemode: false,
    metadata: mergeMetadata({}, params),
    status: 'enabled',
    url,
  });
  const secret = `whsec_${world.secret(endpoint.id)}`;
  account.secrets.set(endpoint.id, secret);
  return { ...endpoint, secret };
}

function update({ account, params, id }: Call): Endpoint {
  const endpoint = account.get('webhook_endpoint', id);
  const url = text(params, 'url');
  if (url !== undefined) endpoint.url = checkUrl(url);
  endpoint.enabled_events = list(params, 'enabled_events') ?? endpoint.enabled_events;
  const disabled = flag(params, 'disabled');
  if (disabled !== undefined) endpoint.status = disabled ? 'disabled' : 'enabled';
  if (params.description !== undefined) endpoint.description = text(params, 'description') ?? null;
  endpoint.metadata = mergeMetadata(endpoint.metadata, params);
  return endpoint;
}

function remove({ account, id }: Call): object {
  account.get('webhook_endpoint', id);
  account.remove(id);
  account.secrets.delete(id);
  return { id, object: 'webhook_endpoint', deleted: true };
}

function events(call: Call): object {
  const { account, params } = call;
  const type = text(params, 'type');
  const types = list(params, 'types');
  const matches = (pattern: string, actual: string): boolean =>
    pattern.endsWith('*') ? actual.startsWith(pattern.slice(0, -1)) : pattern === actual;
  const delivered = flag(params, 'delivery_success');
  const all = account
    .all('event')
    .filter((it) => type === undefined || matches(type, it.type))
    .filter((it) => types === undefined || types.includes(it.type))
    .filter((it) => delivered === undefined || delivered === (it.pending_webhooks === 0));
  return page(call, '/v1/events', all);
}

const base = '/v1/webhook_endpoints';

export const endpointRoutes: readonly Route[] = [
  { method: 'POST', path: base, handle: create },
  {
    method: 'GET',
    path: base,
    handle: (call) => page(call, base, call.account.all('webhook_endpoint')),
  },
  {
    method: 'GET',
    path: `${base}/:id`,
    handle: ({ account, id }) => account.get('webhook_endpoint', id),
  },
  { method: 'POST', path: `${base}/:id`, handle: update },
  { method: 'DELETE', path: `${base}/:id`, handle: remove },
  { method: 'GET', path: '/v1/events', handle: events },
  { method: 'GET', path: '/v1/events/:id', handle: ({ account, id }) => account.get('event', id) },
];
