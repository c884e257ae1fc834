/** Puts the processor together and serves it over HTTP. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { balanceRoutes } from './balance-routes.ts';
import { Books } from './books.ts';
import { challengeRoutes } from './challenge-routes.ts';
import { chargeRoutes } from './charge-routes.ts';
import { controlRoutes } from './control-routes.ts';
import { dashboardRoutes } from './dashboard-routes.ts';
import { Desk } from './desk.ts';
import { disputeRoutes } from './dispute-routes.ts';
import { refusalReply, writeReply, type Answer } from './exchange.ts';
import { Faults } from './faults.ts';
import { merchantOf } from './ids.ts';
import { memoryLedger, openLedgerFile } from './ledger-file.ts';
import { ledgerRoutes } from './ledger-routes.ts';
import { lookupRoutes } from './lookup-routes.ts';
import { Refusal } from './refusal.ts';
import { Router } from './router.ts';
import type { Simulator } from './simulator.ts';
import { pause } from './strikes.ts';
import { webhookRoutes } from './webhook-routes.ts';
import { Webhooks } from './webhooks.ts';

export interface ProcessorOptions {
  /** 0 or missing: any free port. */
  readonly port?: number;
  readonly host?: string;
  /** Missing: the books live in memory only. */
  readonly ledgerFile?: string;
  /** Milliseconds since 1970; the system's clock when missing. */
  readonly now?: () => number;
  /** Where browsers reach the 3-D Secure page, when that is not where the server listens. */
  readonly publicUrl?: string;
  readonly retryDelaysMs?: readonly number[];
  readonly overtakeMs?: number;
}

export interface Processor {
  readonly url: string;
  readonly port: number;
  /** Drops open connections, ends hanging requests, closes the ledger file. Harmless twice. */
  close(): Promise<void>;
}

/** Loads the ledger, listens and answers with the address. Rejects when the port is taken. */
export async function startProcessor(options: ProcessorOptions = {}): Promise<Processor> {
  const { port = 0, host = '127.0.0.1', ledgerFile, now = Date.now } = options;
  const books = new Books();
  const file = ledgerFile
    ? await openLedgerFile(ledgerFile, (record) => books.apply(record))
    : memoryLedger;
  const { retryDelaysMs = [200, 1_000, 5_000], overtakeMs = 1_000 } = options;
  const webhooks = new Webhooks(books, { now, retryDelaysMs, overtakeMs });
  let url = '';
  const simulator: Simulator = {
    books,
    file,
    webhooks,
    desk: new Desk(books, file, now),
    faults: new Faults(),
    baseUrl: () => options.publicUrl ?? url,
    now,
    visibleFrom: new Map(),
    latencyMs: 0,
  };
  const server = createProcessorServer(simulator);
  const closeAll = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
    await webhooks.close();
    await file.close();
  };
  let closing: Promise<void> | undefined;
  const close = () => (closing ??= closeAll());
  try {
    const address = await listen(server, port, host);
    url = `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
    return { url, port: address.port, close };
  } catch (cause) {
    await file.close();
    throw cause;
  }
}

function listen(server: Server, port: number, host: string): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve(server.address() as AddressInfo));
  });
}

function createProcessorServer(simulator: Simulator): Server {
  const router = new Router([
    ...chargeRoutes(simulator),
    ...lookupRoutes(simulator),
    ...webhookRoutes(simulator),
    ...challengeRoutes(simulator),
    ...ledgerRoutes(simulator),
    ...controlRoutes(simulator),
    ...dashboardRoutes(simulator),
    ...disputeRoutes(simulator),
    ...balanceRoutes(simulator),
  ]);
  const server = createServer((request, response) => {
    answer(simulator, router, request, response)
      .catch((cause: unknown): Answer => {
        if (cause instanceof Refusal) return refusalReply(cause);
        // The caller hung up while sending: there is nobody to answer.
        if (request.destroyed && !request.complete) return 'gone';
        console.error(JSON.stringify({ event: 'failed', message: String(cause) }));
        return {
          status: 500,
          body: { error: { code: 'internal_error', message: 'the processor failed' } },
        };
      })
      .then((reply) => {
        if (reply !== 'gone') writeReply(response, reply);
      })
      .catch((cause: unknown) => {
        console.error(JSON.stringify({ event: 'not_answered', message: String(cause) }));
        response.destroy();
      });
  });
  // Longer than any client's idle time: the server never closes a connection a request is entering.
  server.keepAliveTimeout = 75_000;
  return server;
}

async function answer(
  simulator: Simulator,
  router: Router,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Answer> {
  const target = request.url ?? '/';
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  const match = router.find(request.method ?? '', path);
  if (!match) {
    throw router.knows(path)
      ? new Refusal('method_not_allowed', `${path} does not take ${request.method}`)
      : new Refusal('not_found', `there is no ${path}`);
  }
  const { route, params } = match;
  const exchange = {
    request,
    response,
    params,
    query: new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1)),
    merchant: route.merchant ? readMerchant(request) : '',
  };
  if (!route.merchant || simulator.latencyMs === 0) return route.handle(exchange);
  return (await pause(exchange, simulator.latencyMs)) ? route.handle(exchange) : 'gone';
}

function readMerchant(request: IncomingMessage): string {
  const [, apiKey] =
    /^Bearer (sim_[\x21-\x7e]{1,200})$/.exec(request.headers.authorization ?? '') ?? [];
  if (apiKey === undefined) {
    throw new Refusal('unauthorized', 'send Authorization: Bearer sim_…');
  }
  return merchantOf(apiKey);
}
