/** `webhooks`: endpoints that hear of events, and the log of what was sent to them. */
import type { JsonObject } from '../../core/base/json.ts';
import {
  define,
  group,
  option,
  pageOptions,
  pageQuery,
  wholeNumber,
  yesOption,
  type PageOptions,
  type Parent,
  type Session,
} from './define.ts';
import { exitCodes, usageError } from './exit.ts';
import { list, show } from './payments.ts';
import { addIncoming } from './webhooks-incoming.ts';
import { objectText } from './present.ts';
import { facts, timeText, word } from './render.ts';

interface EndpointOptions {
  readonly url?: string;
  readonly events?: string;
  readonly description?: string;
  readonly profile?: string;
  readonly success?: string;
  readonly signer?: string;
  readonly schedule?: readonly number[];
  readonly expireAfter?: number;
  readonly jitter?: number;
  readonly timeoutMs?: number;
  readonly alsoPaymentUrls?: boolean;
  readonly enable?: boolean;
  readonly disable?: boolean;
}

const endpoints = '/v1/webhook_endpoints';
const pathOf = (id = '', verb = '') => `${endpoints}/${encodeURIComponent(id)}${verb}`;

const second = wholeNumber('a list of seconds: 0,300,900', 0);
const seconds = (text: string) => text.split(',').map(second);

const adjusting = () => [
  option('--events <list>', 'types and families, parted by commas: payment.*,refund.succeeded'),
  option('--description <text>', 'for people'),
  option('--success <rule>', 'what counts as delivered: 2xx or 200'),
  option('--timeout-ms <ms>', '1000 to 30000').argParser(
    wholeNumber('a number of milliseconds', 1_000),
  ),
  option('--schedule <list>', 'seconds from the first moment to each attempt: 0,300,900').argParser(
    seconds,
  ),
  option('--expire-after <seconds>', 'then it is given up: 60 to 604800').argParser(
    wholeNumber('a number of seconds', 60),
  ),
  option('--jitter <percent>', 'of each pause, at random, on top: 0 to 100').argParser(
    wholeNumber('a number of percent', 0),
  ),
  option('--also-payment-urls', 'also events of payments that have a webhook_url'),
];

export function addWebhooks(parent: Parent): void {
  const webhooks = group(parent, 'webhooks', 'Who is told of events', 'webhooks list');
  addEndpoints(webhooks);
  addVerbs(webhooks);
  addDeliveries(webhooks);
  addIncoming(webhooks);
}

function addEndpoints(webhooks: Parent): void {
  define<EndpointOptions>(webhooks, {
    usage: 'create <url>',
    summary: 'Have events sent to an address; the answer shows the secret, once',
    arguments: ['https://…'],
    options: [
      ...adjusting(),
      option('--profile <prof_id>', 'only this profile’s payments'),
      option('--signer <name>', 'the format: standard, hex-sha256, hex-sha512 …'),
    ],
    examples: ['webhooks create https://shop.example/hooks --events payment.*,refund.*'],
    run: (session, options, url) => {
      const { profile: profile_id, signer } = options;
      return send(session, 'POST', endpoints, { ...bodyOf(options), url, profile_id, signer });
    },
  });
  define<PageOptions>(webhooks, {
    usage: 'list',
    summary: 'List endpoints, newest first',
    options: pageOptions(),
    examples: ['webhooks list'],
    run: (session, options) => list(session, 'endpoint', endpoints, pageQuery(options)),
  });
  define(webhooks, {
    usage: 'show <endpoint>',
    summary: 'Show an endpoint',
    arguments: ['we_…'],
    examples: ['webhooks show we_01…'],
    run: (session, _options, id) => show(session, id ?? '', 'we'),
  });
  define<EndpointOptions>(webhooks, {
    usage: 'update <endpoint>',
    summary: 'Change, enable or disable an endpoint',
    arguments: ['we_…'],
    options: [
      option('--url <url>', 'another address'),
      ...adjusting(),
      option('--enable', 'send again what happens from now on'),
      option('--disable', 'send nothing more'),
    ],
    examples: ['webhooks update we_01… --disable', 'webhooks update we_01… --events payment.*'],
    run: (session, options, id) => send(session, 'PATCH', pathOf(id), bodyOf(options)),
  });
  define<{ yes?: boolean }>(webhooks, {
    usage: 'delete <endpoint>',
    summary: 'Delete an endpoint',
    arguments: ['we_…'],
    options: [yesOption()],
    examples: ['webhooks delete we_01… --yes'],
    run: async (session, { yes }, id) => {
      await session.confirm(`Delete ${id}? What waits for it is not sent.`, yes);
      return send(session, 'DELETE', pathOf(id));
    },
  });
}

function addVerbs(webhooks: Parent): void {
  define<{ overlap?: number }>(webhooks, {
    usage: 'rotate <endpoint>',
    summary: 'Give an endpoint a new secret; the answer shows it, once',
    arguments: ['we_…'],
    options: [
      option('--overlap <seconds>', 'both secrets sign for so long; default a day').argParser(
        wholeNumber('a number of seconds', 0),
      ),
    ],
    examples: ['webhooks rotate we_01… --overlap 3600'],
    run: (session, { overlap }, id) =>
      send(session, 'POST', pathOf(id, '/rotate_secret'), { overlap_s: overlap }),
  });
  define(webhooks, {
    usage: 'test <endpoint>',
    summary: 'Send a ping',
    arguments: ['we_…'],
    examples: ['webhooks test we_01…'],
    run: (session, _options, id) => send(session, 'POST', pathOf(id, '/test')),
  });
  define<{ from?: string; to?: string; types?: string }>(webhooks, {
    usage: 'replay <endpoint>',
    summary: 'Tell an endpoint again what happened in a span of time',
    arguments: ['we_…'],
    options: [
      option('--from <time>', '2026-11-21, or 2026-11-21T10:00:00Z').makeOptionMandatory(),
      option('--to <time>', 'default: now'),
      option('--types <list>', 'parted by commas; default: all that it wants'),
    ],
    examples: ['webhooks replay we_01… --from 2026-11-21 --types payment.captured'],
    run: (session, { from, to, types }, id) =>
      send(session, 'POST', pathOf(id, '/replay'), {
        from: moment('--from', from),
        to: moment('--to', to),
        types: types?.split(','),
      }),
  });
  define(webhooks, {
    usage: 'secret <profile>',
    summary: 'Show what signs events that go to webhook_url of a profile’s payments',
    arguments: ['prof_…'],
    examples: ['webhooks secret prof_01…'],
    run: async (session, _options, id = '') => {
      const path = `/v1/profiles/${encodeURIComponent(id)}/webhook_secret`;
      const answer = await session.api().call('GET', path);
      session.print(answer.body, `${word(answer.body['secret'])}\n`);
    },
  });
}

interface DeliveryFilters extends PageOptions {
  readonly endpoint?: string;
  readonly event?: string;
  readonly payment?: string;
  readonly state?: string;
  readonly from?: string;
  readonly to?: string;
}

function addDeliveries(webhooks: Parent): void {
  define<DeliveryFilters>(webhooks, {
    usage: 'deliveries',
    summary: 'List what was sent, newest first',
    options: [
      option('--endpoint <we_id>', 'to one endpoint'),
      option('--event <evt_id>', 'of one event'),
      option('--payment <pay_id>', 'about one payment'),
      option('--state <state>', 'pending, delivered, failed or expired'),
      option('--from <date>', 'filed at or after: 2026-11-21, or with a time'),
      option('--to <date>', 'filed until'),
      ...pageOptions(),
    ],
    examples: ['webhooks deliveries --state failed', 'webhooks deliveries --payment pay_01…'],
    run: (session, { endpoint, event, payment, state, from, to, ...page }) =>
      list(session, 'delivery', '/v1/webhook_deliveries', {
        ...pageQuery(page),
        endpoint,
        event,
        payment,
        state,
        created_from: from,
        created_to: to,
      }),
  });
  define(webhooks, {
    usage: 'delivery <delivery>',
    summary: 'Show one delivery: what was sent, what came back, each time',
    arguments: ['del_…'],
    examples: ['webhooks delivery del_01…'],
    run: async (session, _options, id = '') => {
      const path = `/v1/webhook_deliveries/${encodeURIComponent(id)}`;
      const answer = await session.api().call('GET', path);
      session.print(answer.body, deliveryText(answer.body));
    },
  });
  define(webhooks, {
    usage: 'resend <delivery>',
    summary: 'Send one again, whatever became of it',
    arguments: ['del_…'],
    examples: ['webhooks resend del_01…'],
    run: (session, _options, id = '') =>
      send(session, 'POST', `/v1/webhook_deliveries/${encodeURIComponent(id)}/resend`),
  });
}

/** What is queued (202) is done as far as this command goes: no processor is asked anything. */
async function send(
  session: Session,
  method: 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body?: object,
) {
  const answer = await session.api().call(method, path, body === undefined ? {} : { body });
  session.print(answer.body, objectText(answer.body));
  if (answer.replayed) session.remark('The answer to an earlier request with this key.\n');
  return exitCodes.done;
}

function bodyOf(options: EndpointOptions): object {
  const { enable, disable } = options;
  if (enable && disable) throw usageError('Either --enable or --disable.');
  return {
    url: options.url,
    events: options.events?.split(','),
    description: options.description,
    success: options.success,
    timeout_ms: options.timeoutMs,
    schedule_s: options.schedule,
    expire_after_s: options.expireAfter,
    jitter_percent: options.jitter,
    also_payment_urls: options.alsoPaymentUrls,
    status: enable ? 'enabled' : disable ? 'disabled' : undefined,
  };
}

function moment(flag: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const ms = Date.parse(text);
  if (!Number.isNaN(ms)) return new Date(ms).toISOString();
  throw usageError(`${flag} "${text}" is not a time like 2026-11-21 or 2026-11-21T10:00:00Z`);
}

interface AttemptView {
  readonly n: number;
  readonly at: string;
  readonly duration_ms: number;
  readonly request: { readonly url: string };
  readonly response: { readonly status: number; readonly body: string } | null;
  readonly error: string | null;
}

function deliveryText(body: JsonObject): string {
  const { log, request_body: sent, ...rest } = body;
  const attempts = (log as unknown as AttemptView[]).map(
    ({ n, at, duration_ms: ms, request, response, error }) =>
      `\nAttempt ${n}\n${facts([
        ['At', `${timeText(at)}, ${ms} ms`],
        ['To', request.url],
        ['Answer', response ? String(response.status) : 'none'],
        ['Error', error],
        ['Body', response?.body],
      ])}`,
  );
  return `${objectText(rest)}\n${facts([['Sent', word(sent)]])}${attempts.join('')}`;
}
