/**
 * Sends webhooks to wherever merchants point them, and nowhere else: the URL's text, then every
 * address behind its name is held against the policy, and only those addresses are connected to.
 */
import http from 'node:http';
import https from 'node:https';
import { performance } from 'node:perf_hooks';
import { mayReach } from './address-guard.ts';
import { codeOf, Obstacle, type ObstacleKind } from './obstacle.ts';
import { addressesOf, createResolve, type Resolve } from './resolve.ts';
import { exchange, type ExchangeAnswer } from './webhook-exchange.ts';
import { readReceiver, type Receiver, type WebhookPolicy } from './webhook-url.ts';

export interface WebhookPortOptions {
  /** What `post` throws when there is no answer; the feature that sends has its own. */
  readonly fault: new (kind: ObstacleKind, message: string, durationMs: number) => Error;
  /** The name server and the operating system, unless told. */
  readonly resolve?: Resolve;
  /** Passed to the agent for https: `ca`. */
  readonly agentOptions?: https.AgentOptions;
}

export interface GuardedPost {
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** For everything, from the look-up of the name to the last byte that is read. */
  readonly timeoutMs: number;
}

export interface GuardedAnswer extends ExchangeAnswer {
  readonly durationMs: number;
}

export interface GuardedPort {
  /** Throws `options.fault` when no answer came; anything else it throws is a defect. */
  post(post: GuardedPost): Promise<GuardedAnswer>;
  /** Ends what is running as `broken`, and what comes later likewise. */
  close(): void;
}

// Of several addresses Node gives each 250 ms, which a handshake across an ocean may need.
const nextAddressMs = 500;

/** A port that holds every single attempt against `policy`. */
export function createWebhookPort(policy: WebhookPolicy, options: WebhookPortOptions): GuardedPort {
  const resolve = options.resolve ?? createResolve();
  // No connection is kept: each attempt looks at the addresses again, and a receiver cannot leave
  // an answer in an idle socket for the next delivery. TLS sessions are resumed all the same.
  const habits = {
    keepAlive: false,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: nextAddressMs,
  };
  const agents = {
    http: new http.Agent(habits),
    https: new https.Agent({ ...options.agentOptions, ...habits }),
  };
  const running = new Set<AbortController>();
  const closing = new Obstacle('broken', 'The switch is stopping.');
  let closed = false;

  async function attempt(post: GuardedPost, signal: AbortSignal): Promise<ExchangeAnswer> {
    if (closed) throw closing;
    const receiver = admitted(post.url, policy);
    const addresses = await beforeAbort(reachable(receiver, resolve, signal), signal);
    const { headers, body } = post;
    return exchange({ receiver, addresses, headers, body, agents, signal });
  }

  return {
    async post(post) {
      const startedMs = performance.now();
      const elapsedMs = () => Math.round(performance.now() - startedMs);
      const deadline = new AbortController();
      const late = new Obstacle('timed_out', `No whole answer within ${post.timeoutMs} ms.`);
      const timer = setTimeout(() => deadline.abort(late), post.timeoutMs);
      running.add(deadline);
      try {
        return { ...(await attempt(post, deadline.signal)), durationMs: elapsedMs() };
      } catch (error) {
        if (!(error instanceof Obstacle)) throw error;
        throw new options.fault(error.kind, error.message, elapsedMs());
      } finally {
        clearTimeout(timer);
        running.delete(deadline);
      }
    },

    close() {
      closed = true;
      for (const deadline of running) deadline.abort(closing);
    },
  };
}

function admitted(url: string, policy: WebhookPolicy): Receiver {
  const ruling = readReceiver(url, policy);
  if (!ruling.ok) throw new Obstacle('blocked', ruling.rule);
  return ruling.receiver;
}

/**
 * The addresses of a receiver, all of which may be reached. One forbidden among them is enough to
 * refuse: which one is connected to would be the name server's choice.
 */
async function reachable(
  receiver: Receiver,
  resolve: Resolve,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { host, trust } = receiver;
  let addresses: readonly string[];
  try {
    addresses = await addressesOf(receiver, resolve, signal);
  } catch (error) {
    throw new Obstacle('unresolved', `${host} has no address (${codeOf(error)}).`);
  }
  if (addresses.length === 0) throw new Obstacle('unresolved', `${host} has no address.`);
  if (!addresses.every((address) => mayReach(address, trust))) {
    throw new Obstacle('blocked', `${host} leads to an address that webhooks may not be sent to.`);
  }
  return addresses;
}

/** The result, or the signal's reason if that comes first. */
async function beforeAbort<T>(result: Promise<T>, signal: AbortSignal): Promise<T> {
  let giveUp: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    giveUp = () => reject(signal.reason as Error);
    signal.addEventListener('abort', giveUp, { once: true });
  });
  try {
    return await Promise.race([result, aborted]);
  } finally {
    if (giveUp) signal.removeEventListener('abort', giveUp);
  }
}
