/**
 * The way of the processor's webhooks to the switch: one address for all nodes that stays through
 * kills, as a load balancer's does. It passes the bytes on as they are; some it hands to two nodes
 * at once, some it holds back. What was answered with 2xx it writes down: that must not get lost.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { randomOf, type Random } from './random.ts';

/** A node may hold a connection and say nothing: the processor itself waits for 5 s. */
const nodeLimitMs = 3_000;
/** How long a delivery waits for a node that listens. */
const patienceMs = 4_500;
const pollMs = 100;

export interface PostTally {
  /** Requests of the processor's, its own repeats included. */
  readonly deliveries: number;
  /** Handed to two nodes, or to one of them twice, at the same moment. */
  readonly doubled: number;
  readonly heldBack: number;
  /** Told without success: the processor tries again, a few times. */
  readonly unanswered: number;
}

export class Post {
  readonly url: string;
  /** Delivery id → the address it was for; of those that a node answered with 2xx. */
  readonly acknowledged = new Map<string, string>();
  /** Ids of the refunds, disputes, charges … that an acknowledged delivery was about. */
  readonly told = new Set<string>();
  /** Answers by status, 2xx aside. */
  readonly refusals = new Map<number, number>();
  readonly #tally = { deliveries: 0, doubled: 0, heldBack: 0, unanswered: 0 };
  readonly #server: Server;
  readonly #random: Random;
  #nodes: readonly string[] = [];
  #underWay = 0;
  #lastMs = performance.now();

  private constructor(server: Server, seed: number) {
    this.#server = server;
    this.#random = randomOf(seed, 'post');
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void this.#carry(request, response);
    });
  }

  static async open(seed: number): Promise<Post> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Post(server, seed);
  }

  get tally(): PostTally {
    return this.#tally;
  }

  /** Who may be handed deliveries; none yet at the beginning. */
  serve(nodes: readonly string[]): void {
    this.#nodes = nodes;
  }

  /** Milliseconds since anything was carried; 0 while something is. */
  get idleMs(): number {
    return this.#underWay > 0 ? 0 : performance.now() - this.#lastMs;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** Never rejects: what goes wrong is an answer that the processor understands. */
  async #carry(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#underWay += 1;
    this.#tally.deliveries += 1;
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const status = await this.#handOver(request, Buffer.concat(chunks));
      if (status >= 300) this.#tally.unanswered += 1;
      response.writeHead(status).end();
    } catch {
      response.destroy(); // the processor hung up while sending; it tries again
    } finally {
      this.#underWay -= 1;
      this.#lastMs = performance.now();
    }
  }

  async #handOver(request: IncomingMessage, body: Buffer): Promise<number> {
    if (this.#random.chance(0.05)) {
      this.#tally.heldBack += 1;
      await delay(this.#random.between(100, 1_500));
    }
    const copies = this.#random.chance(0.1) ? 2 : 1;
    if (copies === 2) this.#tally.doubled += 1;
    const tries = Array.from({ length: copies }, () => this.#insist(request, body));
    const statuses = await Promise.all(tries);
    if (statuses.some((status) => status < 300)) this.#note(request.url ?? '', body);
    return Math.min(...statuses);
  }

  /** The first answer of any node, or 504 when none gave one in time. */
  async #insist(request: IncomingMessage, body: Buffer): Promise<number> {
    const startedMs = performance.now();
    while (performance.now() - startedMs < patienceMs) {
      const status = await this.#send(request, body);
      if (status !== undefined && status < 500) return status;
      await delay(pollMs);
    }
    return 504;
  }

  async #send({ url = '', headers }: IncomingMessage, body: Buffer): Promise<number | undefined> {
    if (this.#nodes.length === 0) return undefined;
    try {
      const response = await fetch(this.#random.pick(this.#nodes) + url, {
        method: 'POST',
        headers: {
          'content-type': headers['content-type'] ?? '',
          'simulator-signature': String(headers['simulator-signature'] ?? ''),
        },
        body,
        signal: AbortSignal.timeout(nodeLimitMs),
      });
      await response.body?.cancel();
      const { status } = response;
      if (status >= 300) this.refusals.set(status, (this.refusals.get(status) ?? 0) + 1);
      return status;
    } catch {
      return undefined; // killed, frozen or not up yet: another try, until patienceMs
    }
  }

  #note(path: string, body: Buffer): void {
    const event = JSON.parse(body.toString()) as { id: string; data: { object: { id: string } } };
    this.acknowledged.set(event.id, path);
    this.told.add(event.data.object.id);
  }
}
