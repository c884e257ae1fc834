/**
 * The wire between the switch and its processor, in the test's hands: it counts what is sent, loses
 * requests, keeps answers back, and knows how many look-ups were under way at a time. The
 * simulator's own ledger cannot tell a repeat it recognised from one that was never sent; this can.
 */
import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * open: passes everything on. lost: requests never arrive. silent: they arrive, answers do not come
 * back. Look-ups always pass.
 */
export type GateMode = 'open' | 'lost' | 'silent';

export class Gate {
  mode: GateMode = 'open';
  /** Every request that would move money, by the reference in it: how often it reached the wire. */
  readonly sent = new Map<string, number>();
  /** How often it reached the processor. */
  readonly arrived = new Map<string, number>();
  /** The most look-ups that were under way at once. */
  lookupsAtOnce = 0;
  /** Kept back this long, so that what runs side by side can be seen to. */
  lookupDelayMs = 0;
  lookups = 0;
  /** Called as a request that would move money reaches the wire. */
  onSent: (() => void) | undefined;
  readonly #target: string;
  readonly #server;
  #asking = 0;
  #events = 0;
  #waiting: { readonly count: number; resolve(): void }[] = [];

  private constructor(target: string) {
    this.#target = target;
    this.#server = createServer((incoming, response) => {
      this.#serve(incoming, response).catch(() => response.destroy());
    });
  }

  static async open(target: string): Promise<Gate> {
    const gate = new Gate(target);
    gate.#server.keepAliveTimeout = 75_000;
    gate.#server.listen(0, '127.0.0.1');
    await once(gate.#server, 'listening');
    return gate;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Requests so far that have come as far as the mode lets them. */
  get count(): number {
    return this.#events;
  }

  /** Resolves when {@link count} has reached `count`. */
  async reached(count: number): Promise<void> {
    if (this.#events >= count) return;
    await new Promise<void>((resolve) => this.#waiting.push({ count, resolve }));
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bytesOf(incoming);
    if (incoming.method !== 'POST' || !incoming.url?.startsWith('/v1/charges')) {
      return this.#ask(incoming, body, response);
    }
    const { reference } = JSON.parse(body.toString()) as { reference: string };
    const { mode } = this;
    increase(this.sent, reference);
    this.onSent?.();
    if (mode !== 'lost') {
      increase(this.arrived, reference);
      const answer = await forward(this.#target, incoming, body);
      if (mode === 'open') send(response, answer);
    }
    this.#events += 1;
    for (const { resolve } of this.#waiting.filter(({ count }) => count <= this.#events)) resolve();
    this.#waiting = this.#waiting.filter(({ count }) => count > this.#events);
  }

  async #ask(incoming: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
    this.lookups += 1;
    this.#asking += 1;
    this.lookupsAtOnce = Math.max(this.lookupsAtOnce, this.#asking);
    try {
      if (this.lookupDelayMs > 0) await delay(this.lookupDelayMs);
      send(response, await forward(this.#target, incoming, body));
    } finally {
      this.#asking -= 1;
    }
  }
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: Buffer;
}

function increase(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

async function bytesOf(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function forward(target: string, incoming: IncomingMessage, body: Buffer): Promise<Answer> {
  const { authorization = '' } = incoming.headers;
  const type = 'application/json';
  const outgoing = request(new URL(incoming.url ?? '/', target), {
    method: incoming.method,
    headers: { authorization, 'content-type': type, 'content-length': body.length },
  });
  outgoing.end(body);
  const [reply] = (await once(outgoing, 'response')) as [IncomingMessage];
  return { status: reply.statusCode ?? 502, type, body: await bytesOf(reply) };
}

function send(response: ServerResponse, { status, type, body }: Answer): void {
  response.writeHead(status, { 'content-type': type, 'content-length': body.length }).end(body);
}
