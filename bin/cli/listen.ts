/**
 * `listen`: a developer's machine gets the events without a public URL. They are asked for over the
 * API, signed like the switch signs, and posted to an address that only this machine need reach.
 */
import type { JsonObject } from '../../core/base/json.ts';
import { newSecret, standardSigner } from '../../core/wiring/local-webhooks.ts';
import type { Api } from './api.ts';
import { define, option, wholeNumber, type Parent, type Session } from './define.ts';
import { CliError, exitCodes, usageError } from './exit.ts';
import type { ListView } from './present.ts';
import { clean, word } from './render.ts';
import { credentialsOf } from './settings.ts';

interface ListenOptions {
  readonly forwardTo?: string;
  readonly events?: string;
  readonly secret?: string;
  readonly count?: number;
  readonly since?: string;
}

/** Short enough to feel like a push, long enough to be no load. */
const pollMs = 500;

/** An event may be seen this long after one that was made later: its commit took longer. */
const lateMs = 10_000;

/** As long as the switch gives an endpoint at most. */
const receiverMs = 30_000;

export function addListen(parent: Parent): void {
  define<ListenOptions>(parent, {
    usage: 'listen',
    summary: 'Follow events as they happen, and post them, signed, to a local address',
    options: [
      option('--forward-to <url>', 'where to; without it they are only printed'),
      option('--events <list>', 'types and families, parted by commas: payment.*,refund.succeeded'),
      option('--secret <whsec>', 'signs; default POINTSMAN_WEBHOOK_SECRET, then credentials.json'),
      option('--since <evt_id>', 'begin after this event instead of now'),
      option('--count <events>', 'end after so many').argParser(wholeNumber('a number', 1)),
    ],
    examples: [
      'listen --forward-to http://localhost:3000/webhooks',
      'listen --events payment.* --json',
    ],
    run: listen,
  });
}

interface Event extends JsonObject {
  readonly id: string;
  readonly type: string;
}

async function listen(session: Session, options: ListenOptions) {
  const url = options.forwardTo;
  if (url !== undefined && !/^https?:\/\//.test(url)) {
    throw usageError(`--forward-to "${url}" is not an http address`);
  }
  const secret = secretOf(session, options);
  const feed = new Feed(session.api(), options.since);
  await feed.begin();
  session.remark(
    url === undefined
      ? 'Listening. Ctrl-C ends it.\n'
      : `Forwarding to ${url}. Ctrl-C ends it.\nVerify with: ${secret}\n`,
  );
  const filters = options.events?.split(',') ?? ['*'];
  let told = 0;
  for (;;) {
    for (const event of await next(session, feed)) {
      if (!passes(filters, event.type)) continue;
      const result = url === undefined ? undefined : await forward(url, event, secret);
      tell(session, event, result);
      told += 1;
      if (told === options.count) return exitCodes.done;
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

function secretOf({ terminal, options }: Session, { secret }: ListenOptions): string {
  const given = secret ?? (terminal.env['POINTSMAN_WEBHOOK_SECRET'] || undefined);
  if (given !== undefined && !/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/.test(given)) {
    throw usageError('A webhook secret begins with whsec_, and base64 follows.');
  }
  return given ?? credentialsOf(terminal, options)?.webhook_secret ?? newSecret();
}

function passes(filters: readonly string[], type: string): boolean {
  return filters.some(
    (filter) =>
      filter === '*' ||
      filter === type ||
      (filter.endsWith('.*') && type.startsWith(filter.slice(0, -1))),
  );
}

/** A switch that is being restarted is waited for: that is what one does while developing. */
async function next(session: Session, feed: Feed): Promise<Event[]> {
  try {
    const events = await feed.next();
    if (feed.away) session.remark('The switch is back.\n');
    feed.away = false;
    return events;
  } catch (error) {
    if (!(error instanceof CliError) || error.exitCode !== exitCodes.unavailable) throw error;
    if (!feed.away) session.remark(`${error.message}; waiting for it.\n`);
    feed.away = true;
    return [];
  }
}

/** Events in their order, each once. */
class Feed {
  away = false;
  readonly #api: Api;
  #anchor: string | undefined;
  readonly #seen = new Map<string, number>();

  constructor(api: Api, since: string | undefined) {
    this.#api = api;
    this.#anchor = since;
  }

  /** From now on, unless an event was named to begin after. */
  async begin(): Promise<void> {
    if (this.#anchor !== undefined) return;
    const { data } = await this.#page(undefined, 1);
    this.#anchor = data[0]?.['id'] as string | undefined;
  }

  async next(): Promise<Event[]> {
    const fresh: Event[] = [];
    let cursor = this.#anchor;
    for (;;) {
      const { data, has_more: more } = await this.#page(cursor, 100);
      const events = data.toReversed() as unknown as Event[];
      for (const event of events) {
        if (this.#seen.has(event.id)) continue;
        this.#seen.set(event.id, performance.now());
        fresh.push(event);
      }
      cursor = events.at(-1)?.id ?? cursor;
      // Without a cursor the page was the newest one; there was nothing before it at the start.
      if (!more || events.length === 0) break;
    }
    this.#moveOn();
    return fresh;
  }

  /** The anchor stays behind by as long as an event may come late. */
  #moveOn(): void {
    for (const [id, atMs] of this.#seen) {
      if (performance.now() - atMs < lateMs) continue;
      if (this.#anchor === undefined || id > this.#anchor) this.#anchor = id;
      this.#seen.delete(id);
    }
  }

  async #page(after: string | undefined, limit: number): Promise<ListView> {
    const query = { limit, ending_before: after };
    const { body } = await this.#api.call('GET', '/v1/events', { query });
    return body as unknown as ListView;
  }
}

interface Forwarded {
  readonly status: number | undefined;
  readonly error: string | undefined;
  readonly durationMs: number;
}

async function forward(url: string, event: Event, secret: string): Promise<Forwarded> {
  const body = Buffer.from(JSON.stringify(event));
  const timestampS = Math.floor(Date.now() / 1000);
  const signed = standardSigner.sign({ eventId: event.id, timestampS, body, secrets: [secret] });
  const startedMs = performance.now();
  const durationMs = () => Math.round(performance.now() - startedMs);
  try {
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'manual', // the switch follows none either
      headers: { 'content-type': 'application/json', ...signed },
      body,
      signal: AbortSignal.timeout(receiverMs),
    });
    await response.arrayBuffer();
    return { status: response.status, error: undefined, durationMs: durationMs() };
  } catch (error) {
    // Whatever fetch throws is the receiver's business: it is told, and the next event goes on.
    return { status: undefined, error: reasonOf(error), durationMs: durationMs() };
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof AggregateError) return reasonOf(error.cause.errors[0]);
  if (error.cause instanceof Error) return reasonOf(error.cause);
  return 'code' in error ? String(error.code) : error.message;
}

/** A line an event; with --json one document a line, because this output has no end. */
function tell({ terminal, json }: Session, event: Event, result: Forwarded | undefined): void {
  if (json) {
    const { status, error, durationMs } = result ?? {};
    const document = { event, ...(result && { status, error, duration_ms: durationMs }) };
    terminal.out(`${JSON.stringify(document)}\n`);
    return;
  }
  const time = word(event['created_at']).slice(11, 19);
  const answer = result && `  → ${result.status ?? result.error} (${result.durationMs} ms)`;
  terminal.out(`${time}  ${clean(event.type)}  ${clean(event.id)}${answer ?? ''}\n`);
}
