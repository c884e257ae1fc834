/** `events`: what happened, and telling it again. */
import type { JsonObject } from '../../core/base/json.ts';
import {
  define,
  group,
  option,
  pageOptions,
  pageQuery,
  type PageOptions,
  type Parent,
  type Session,
} from './define.ts';
import { CliError, exitCodes } from './exit.ts';
import { list, show } from './payments.ts';
import { columns, listText, type ListView } from './present.ts';
import { word } from './render.ts';

interface EventFilters extends PageOptions {
  readonly payment?: string;
  readonly type?: string;
  readonly from?: string;
  readonly to?: string;
}

export function addEvents(parent: Parent): void {
  const events = group(parent, 'events', 'Look through events, send them again', 'events list');
  define<EventFilters>(events, {
    usage: 'list',
    summary: 'List events, newest first',
    options: [
      option('--payment <pay_id>', 'of one payment'),
      option('--type <type>', 'payment.captured, refund.succeeded, …'),
      option('--from <date>', 'at or after: 2026-11-21, or with a time'),
      option('--to <date>', 'until'),
      ...pageOptions(),
    ],
    examples: ['events list --payment pay_01…', 'events list --type payment.captured'],
    run: (session, { payment, type, from, to, ...page }) =>
      list(session, 'event', '/v1/events', {
        ...pageQuery(page),
        payment,
        type,
        created_from: from,
        created_to: to,
      }),
  });
  define(events, {
    usage: 'show <event>',
    summary: 'Show one event with its object as it stood then',
    arguments: ['evt_…'],
    examples: ['events show evt_01…', 'events show evt_01… --json'],
    run: (session, _options, id) => show(session, id ?? '', 'evt'),
  });
  define<{ endpoint?: string }>(events, {
    usage: 'resend <event>',
    summary: 'Send an event again to everybody it went to, or to one endpoint',
    arguments: ['evt_…'],
    options: [option('--endpoint <we_id>', 'this endpoint, also when it never got the event')],
    examples: ['events resend evt_01…', 'events resend evt_01… --endpoint we_01…'],
    run: (session, { endpoint }, id) => resend(session, id ?? '', endpoint),
  });
}

async function resend(session: Session, event: string, endpoint: string | undefined) {
  const api = session.api();
  const query = { event, endpoint, limit: 100 };
  const found = await api.call('GET', '/v1/webhook_deliveries', { query });
  const { data } = found.body as unknown as ListView;
  const sent: JsonObject[] = [];
  for (const { id } of data) {
    const path = `/v1/webhook_deliveries/${word(id)}/resend`;
    sent.push((await api.call('POST', path)).body);
  }
  if (sent.length === 0 && endpoint !== undefined) return replayOne(session, event, endpoint);
  if (sent.length === 0) {
    throw new CliError(
      exitCodes.refused,
      'The event went to nobody, or longer ago than the delivery log reaches.',
      'Send it to an endpoint with: --endpoint we_…',
    );
  }
  const text = listText(columns.delivery, sent);
  session.print({ object: 'list', data: sent, has_more: false }, text);
  return exitCodes.done;
}

/** An endpoint that never got it is told by way of a replay that holds this event's moment. */
async function replayOne(session: Session, event: string, endpoint: string) {
  const api = session.api();
  const { body: found } = await api.call('GET', `/v1/events/${encodeURIComponent(event)}`);
  const { created_at: at, type } = found;
  const path = `/v1/webhook_endpoints/${encodeURIComponent(endpoint)}/replay`;
  const answer = await api.call('POST', path, { body: { from: at, to: at, types: [type] } });
  session.print(answer.body, `Replaying ${word(type)} of ${word(at)} to ${endpoint}.\n`);
  return exitCodes.done;
}
