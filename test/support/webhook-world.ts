/**
 * A switch whose webhooks go to a script instead of the network. Nothing runs by itself: a test
 * settles, or moves the sandbox's clock, and looks at what was posted.
 */
import { ManualClock } from '../../core/base/clock.ts';
import type { Plugin } from '../../core/sdk/index.ts';
import { Dispatcher } from '../../core/webhooks/dispatcher.ts';
import { fanOut } from '../../core/webhooks/fan-out.ts';
import type { WebhookAnswer, WebhookPost } from '../../core/webhooks/port.ts';
import { startTestSwitch, testNowMs, type TestSwitch } from './app.ts';
import type { DatabasePlace } from './databases.ts';

/** What the other side does with a post: answers with a status, or whatever the test makes it. */
export type Receiver = (post: WebhookPost) => number | Promise<WebhookAnswer>;

export interface Posted extends WebhookPost {
  readonly at: number;
  readonly event: { readonly id: string; readonly type: string; readonly payment: string | null };
}

export interface WebhookWorld {
  readonly app: TestSwitch;
  /** Everything posted, in order. */
  readonly posts: Posted[];
  /** URL → what is there; anything else answers 204. */
  readonly receivers: Map<string, Receiver>;
  /** Fans out and sends until nothing is due. */
  settle(): Promise<void>;
  /** Fans out and fills the places; with `send` false it only files. */
  settleWithoutWaiting(send?: boolean): Promise<void>;
  advance(by: string): Promise<void>;
  endpoint(body?: Record<string, unknown>): Promise<Endpoint>;
  /** The types posted to a URL, in order. */
  typesTo(url: string): string[];
  deliveries(query?: string): Promise<Delivery[]>;
}

export interface Endpoint {
  readonly id: string;
  readonly url: string;
  readonly secret: string;
}

export interface Delivery {
  readonly id: string;
  readonly event: string;
  readonly event_type: string;
  readonly url: string;
  readonly state: string;
  readonly attempts: number;
  readonly next_attempt_at: string | null;
  readonly last_status: number | null;
  readonly last_error: string | null;
}

export function answered(status: number, excerpt = '', headers = {}): WebhookAnswer {
  return { status, headers, excerpt, durationMs: 1 };
}

/** A process that died and one that took its place, as far as sending goes. */
export function anotherDispatcher({ app }: WebhookWorld): Dispatcher {
  return new Dispatcher(app.running.webhooks);
}

let count = 0;

export async function startWebhookWorld(
  place: DatabasePlace,
  options: {
    readonly startMs?: number;
    readonly clock?: ManualClock;
    readonly plugins?: readonly Plugin[];
  } = {},
): Promise<WebhookWorld> {
  const posts: Posted[] = [];
  const receivers = new Map<string, Receiver>();
  const clock = options.clock ?? new ManualClock(options.startMs ?? testNowMs);
  const port = {
    post: async (post: WebhookPost) => {
      const event = JSON.parse(Buffer.from(post.body).toString('utf8'));
      posts.push({ ...post, at: app.running.webhooks.clock.now(), event });
      const answer = receivers.get(post.url)?.(post) ?? 204;
      return typeof answer === 'number' ? answered(answer) : answer;
    },
  };
  const app: TestSwitch = await startTestSwitch(place, {
    jobs: false,
    clock,
    ...(options.plugins && { plugins: options.plugins }),
    webhooks: {
      port,
      checkUrl: (url) =>
        url.includes('//internal') ? { ok: false, rule: 'it is internal' } : { ok: true },
      close: () => undefined,
    },
  });
  const settle = async () => {
    await fanOut(app.running.webhooks);
    await app.running.dispatcher.drain();
  };
  return {
    app,
    posts,
    receivers,
    settle,
    settleWithoutWaiting: async (send = true) => {
      await fanOut(app.running.webhooks);
      if (send) await app.running.dispatcher.pump();
    },
    advance: async (by) => {
      const admin = { body: { by }, key: app.credentials.admin_key };
      const answer = await app.call('/v1/clock/advance', admin);
      if (answer.status !== 200) throw new Error(answer.text);
    },
    endpoint: async (body = {}) => {
      count += 1;
      const url = `https://shop.example/hooks/${count}`;
      const answer = await app.call('/v1/webhook_endpoints', { body: { url, ...body } });
      if (answer.status !== 201) throw new Error(answer.text);
      return answer.body as unknown as Endpoint;
    },
    typesTo: (url) => posts.filter((post) => post.url === url).map(({ event }) => event.type),
    deliveries: async (query = '') => {
      const answer = await app.call(`/v1/webhook_deliveries?limit=100${query}`);
      if (answer.status !== 200) throw new Error(answer.text);
      return answer.body['data'] as Delivery[];
    },
  };
}
