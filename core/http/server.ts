/** The socket side: limits on what arrives, and a stop that answers what is in flight. */
import { createServer, IncomingMessage, ServerResponse, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Express } from 'express';
import { Problem, type ProblemCode } from '../sdk/problem.ts';

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  readonly requestTimeoutMs: number;
}

export interface Listening {
  readonly port: number;
  /** Refuses new connections, lets the open requests end, cuts what is left after `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

/**
 * Express changes the prototype of every request and response to its own, which costs V8 its fast
 * paths for the rest of the request. Born with that prototype they need no change. They are called
 * the old way, because the same through Reflect.construct cost 170 µs a payment, measured
 * (docs/performance.md).
 */
function bornFor(app: Express) {
  const bornLike = (constructor: object, prototype: object) => {
    function Born(this: object, ...args: unknown[]) {
      (constructor as () => void).apply(this, args as []);
    }
    Born.prototype = prototype;
    return Born as unknown;
  };
  return {
    IncomingMessage: bornLike(IncomingMessage, app.request) as typeof IncomingMessage,
    ServerResponse: bornLike(ServerResponse, app.response) as typeof ServerResponse,
  };
}

/** Listens, or rejects with the reason (port taken, address not ours). */
export function listen(app: Express, options: ListenOptions): Promise<Listening> {
  const server = createServer(
    {
      ...bornFor(app),
      maxHeaderSize: 16 * 1024,
      requestTimeout: options.requestTimeoutMs,
      // Node refuses one longer than the whole request's.
      headersTimeout: Math.min(10_000, options.requestTimeoutMs),
      // How often Node looks for requests past their time; its own 30 s would be the real limit.
      connectionsCheckingInterval: 500,
      keepAliveTimeout: 65_000,
    },
    app,
  );
  server.on('clientError', refuseRaw);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      resolve({
        port: (server.address() as AddressInfo).port,
        stop: (graceMs) => stop(server, graceMs),
      });
    });
  });
}

const rawProblems: Readonly<Record<string, ProblemCode>> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
};

/** What is not even HTTP never reaches Express; it is answered here in the same form. */
function refuseRaw(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const code = rawProblems[error.code ?? ''] ?? 'invalid_request';
  const problem = new Problem(code, 'the request could not be read as HTTP');
  const body = JSON.stringify(problem.toJson(''));
  socket.end(
    `HTTP/1.1 ${problem.status} Refused\r\ncontent-type: application/problem+json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

async function stop(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  // A keep-alive connection that was busy at close time lingers until it is swept.
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(cut);
}
