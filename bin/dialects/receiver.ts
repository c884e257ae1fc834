/** A receiver of webhooks on this machine: keeps what comes, byte for byte, and answers 200. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Caught, Receiver } from '../../core/sdk/conformance.ts';

export interface OpenReceiver extends Receiver {
  close(): Promise<void>;
}

/** Longer than a healthy server takes to send what has just happened. */
const patienceMs = 20_000;

export async function openReceiver(): Promise<OpenReceiver> {
  const caught: Caught[] = [];
  const waiting = new Set<() => void>();
  const server = createServer((request, response) => {
    void read(request).then((one) => {
      caught.push(one);
      response.writeHead(200).end();
      for (const look of waiting) look();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}/hook`,
    caught,
    next: (fits) =>
      new Promise((resolve, reject) => {
        const end = (settle: () => void) => {
          clearTimeout(timer);
          waiting.delete(look);
          settle();
        };
        const look = () => {
          const found = caught.find(fits);
          if (found) end(() => resolve(found));
        };
        const timer = setTimeout(() => {
          const came = caught.map(({ raw }) => Buffer.from(raw).toString('utf8'));
          end(() => reject(new Error(`no such webhook; came: ${came.join(' ').slice(0, 1000)}`)));
        }, patienceMs);
        waiting.add(look);
        look();
      }),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function read(request: IncomingMessage): Promise<Caught> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const raw = Buffer.concat(chunks);
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
  let body: unknown;
  try {
    body = JSON.parse(raw.toString('utf8'));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return { headers: Object.fromEntries(headers), raw, body };
}
