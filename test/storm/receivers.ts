/**
 * The other side of a storm: endpoints on this machine, most of them as they should be and some as
 * bad as they get. All of them write down what came, and whether its signature is good.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { freePort } from '../chaos/node-process.ts';
import type { Receipt } from './judge.ts';

/** What each kind does, and the words of the delivery log that prove that it did. */
export const badKinds = {
  /** Reads the request and never answers. */
  hanging: /^timed_out: /,
  /** Answers 200, and then a byte every 200 ms for ever. */
  trickling: /^timed_out: /,
  /** Answers 200 with 500 MB. It has taken the event, so it counts as delivered. */
  flooding: undefined,
  /** Sends the switch to an address on this machine, where a canary counts connections. */
  redirecting: /^answered 307$/,
  /** Nobody listens. */
  dead: /^refused: /,
} as const;

export type BadKind = keyof typeof badKinds;

export interface Receivers {
  readonly receipts: readonly Receipt[];
  /** Connections that somebody made to where the redirect leads. */
  readonly canaryConnections: number;
  /** Bytes of its 500 MB that the flooding endpoint got rid of, over all requests. */
  readonly floodedBytes: number;
  urlOf(endpoint: string): string;
  /** Before anything is sent there: from now on signatures are held against it. */
  trust(endpoint: string, secret: string): void;
  /** How many different events an endpoint has heard of. */
  heardBy(endpoint: string): number;
  close(): void;
}

const trickleMs = 200;
const floodBytes = 500 * 1024 * 1024;
const chunk = Buffer.alloc(64 * 1024, 'x');

export async function openReceivers(): Promise<Receivers> {
  const receipts: Receipt[] = [];
  const webhooks = new Map<string, Webhook>();
  const heard = new Map<string, Set<string>>();
  const count = { canary: 0, flooded: 0 };

  const canary = await listen(http.createServer((_request, response) => response.end()));
  canary.server.on('connection', () => (count.canary += 1));
  const deadUrl = `http://127.0.0.1:${await freePort()}/hooks/dead`;

  const answers: Readonly<Record<string, (response: http.ServerResponse) => void>> = {
    hanging: () => undefined,
    trickling: trickle,
    flooding: (response) => flood(response, (bytes) => (count.flooded += bytes)),
    redirecting: (response) => void response.writeHead(307, { location: canary.url }).end(),
  };

  const hooks = await listen(
    http.createServer((request, response) => {
      const endpoint = request.url?.slice('/hooks/'.length) ?? '';
      readAll(request).then(
        (body) => {
          const receipt = receiptOf(endpoint, request, body, webhooks.get(endpoint));
          receipts.push(receipt);
          heard.set(endpoint, (heard.get(endpoint) ?? new Set()).add(receipt.id));
          const answer = answers[endpoint];
          if (answer) answer(response);
          else response.writeHead(204).end();
        },
        // The switch died while it sent: nothing was received.
        () => response.destroy(),
      );
    }),
  );

  return {
    receipts,
    get canaryConnections() {
      return count.canary;
    },
    get floodedBytes() {
      return count.flooded;
    },
    urlOf: (endpoint) => (endpoint === 'dead' ? deadUrl : `${hooks.url}/hooks/${endpoint}`),
    trust: (endpoint, secret) => void webhooks.set(endpoint, new Webhook(secret)),
    heardBy: (endpoint) => heard.get(endpoint)?.size ?? 0,
    close: () => {
      for (const { server } of [hooks, canary]) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
}

async function listen(server: http.Server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function readAll(request: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const part of request as AsyncIterable<Buffer>) chunks.push(part);
  return Buffer.concat(chunks);
}

function receiptOf(
  endpoint: string,
  { headers }: http.IncomingMessage,
  body: Buffer,
  webhook: Webhook | undefined,
): Receipt {
  return {
    endpoint,
    id: String(headers['webhook-id']),
    atMs: Date.now(),
    digest: digestOf(body),
    isVerified: isVerified(webhook, body, headers),
  };
}

export function digestOf(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('hex');
}

function isVerified(
  webhook: Webhook | undefined,
  body: Buffer,
  headers: http.IncomingHttpHeaders,
): boolean {
  try {
    webhook?.verify(body, headers as Record<string, string>);
    return webhook !== undefined;
  } catch (error) {
    if (error instanceof WebhookVerificationError) return false;
    throw error;
  }
}

function trickle(response: http.ServerResponse): void {
  response.writeHead(200);
  const drip = setInterval(() => response.write('.'), trickleMs);
  response.once('close', () => clearInterval(drip));
}

function flood(response: http.ServerResponse, wrote: (bytes: number) => void): void {
  let left = floodBytes;
  response.writeHead(200, { 'content-length': String(floodBytes) });
  const pour = () => {
    while (left > 0 && !response.destroyed) {
      left -= chunk.length;
      wrote(chunk.length);
      if (!response.write(chunk)) return;
    }
    response.end();
  };
  response.on('drain', pour);
  // The switch closes the connection when it has read enough.
  response.on('error', () => response.destroy());
  pour();
}
