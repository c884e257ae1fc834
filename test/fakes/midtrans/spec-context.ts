/** What the specs of the fake share: a fake at a known time, the official client, a listener. */
import midtransClient from 'midtrans-client';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startFakeMidtrans, type FakeMidtrans } from './index.ts';
import { basicHeader } from './wire.ts';

export const serverKey = 'SB-Mid-server-test';

/** 2026-11-21 10:00 UTC, which is 17:00 in Jakarta. */
export const startMs = Date.UTC(2026, 10, 21, 10);

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawBody: string;
  readonly body: Record<string, unknown>;
}

/** A merchant's notification address. */
export class Listener {
  readonly received: Received[] = [];
  /** What is answered. */
  status = 200;
  url = '';
  readonly #server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const rawBody = Buffer.concat(chunks).toString('utf8');
      const body = JSON.parse(rawBody) as Record<string, unknown>;
      this.received.push({ path: request.url ?? '', headers: request.headers, rawBody, body });
      response.writeHead(this.status).end();
    });
  });

  async open(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/notify`;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }
}

export interface SpecContext {
  readonly fake: FakeMidtrans;
  readonly listener: Listener;
  readonly core: InstanceType<typeof midtransClient.CoreApi>;
  readonly snap: InstanceType<typeof midtransClient.Snap>;
  /** Moves the fake's clock. */
  wait(ms: number): void;
  close(): Promise<void>;
}

export async function openContext(): Promise<SpecContext> {
  let nowMs = startMs;
  const listener = new Listener();
  await listener.open();
  const fake = await startFakeMidtrans({ now: () => nowMs, notificationUrl: listener.url });
  const options = { isProduction: false, serverKey, clientKey: 'SB-Mid-client-test' };
  const core = new midtransClient.CoreApi(options);
  const snap = new midtransClient.Snap(options);
  for (const { apiConfig } of [core, snap]) {
    apiConfig.getCoreApiBaseUrl = () => fake.apiUrl;
    apiConfig.getSnapApiBaseUrl = () => `${fake.appUrl}/snap/v1`;
  }
  return {
    fake,
    listener,
    core,
    snap,
    wait: (ms) => {
      nowMs += ms;
    },
    close: async () => {
      await fake.close();
      await listener.close();
    },
  };
}

export interface Reply {
  readonly status: number;
  readonly text: string;
  readonly body: Record<string, unknown>;
}

/** A request that the official client cannot make: other keys, other headers, other bodies. */
export async function send(
  url: string,
  options: {
    readonly method?: string;
    readonly body?: unknown;
    readonly key?: string;
    readonly headers?: Record<string, string>;
    readonly signal?: AbortSignal;
  } = {},
): Promise<Reply> {
  const { body, key = serverKey, headers = {}, signal } = options;
  const response = await fetch(url, {
    method: options.method ?? (body === undefined ? 'GET' : 'POST'),
    ...(signal ? { signal } : {}),
    headers: {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      authorization: basicHeader(key),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  const parsed = isJson ? (JSON.parse(text) as Record<string, unknown>) : {};
  return { status: response.status, text, body: parsed };
}

/** A charge by any method: `{orderId: 'A-1', amount: 20000, payment_type: 'qris'}`. */
export function chargeBody(
  orderId: string,
  amount: number,
  more: Record<string, unknown>,
): Record<string, unknown> {
  return { transaction_details: { order_id: orderId, gross_amount: amount }, ...more };
}

/** The error the official client rejects with: `ApiResponse` is the body. */
export async function rejection(
  work: Promise<unknown>,
): Promise<{ readonly httpStatusCode: unknown; readonly ApiResponse: Record<string, unknown> }> {
  try {
    await work;
  } catch (cause) {
    return cause as Awaited<ReturnType<typeof rejection>>;
  }
  throw new Error('the client resolved');
}
