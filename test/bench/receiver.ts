/** Somebody who listens to webhooks, in the load's process: reads, counts and answers 200. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Receiver {
  readonly port: number;
  /** Resolves once `count` more deliveries have come; rejects when they stop coming. */
  expect(count: number): Promise<void>;
  close(): Promise<void>;
}

/** Nothing at all for this long: then what is missing will not come. */
const silenceMs = 20_000;

export async function openReceiver(): Promise<Receiver> {
  let received = 0;
  let heard: () => void = () => undefined;
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-length': 0 }).end();
      received += 1;
      heard();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    expect: (count) => {
      const target = received + count;
      return new Promise((resolve, reject) => {
        const fail = () => reject(new Error(`${target - received} deliveries are missing`));
        const timer = setTimeout(fail, silenceMs);
        heard = () => {
          timer.refresh();
          if (received < target) return;
          clearTimeout(timer);
          heard = () => undefined;
          resolve();
        };
      });
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
