/** The yardstick: a JSON echo as Express's documentation writes it, nothing tuned. */
import express from 'express';
import type { AddressInfo } from 'node:net';
import type { Subject } from './subject.ts';

export async function openEcho(_options: object): Promise<Subject> {
  const app = express();
  app.use(express.json());
  app.post('/v1/payments', (request, response) => {
    response.status(201).json(request.body);
  });
  return new Promise((resolve) => {
    const server = app.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      resolve({
        facts: { url: `http://127.0.0.1:${port}`, key: 'none' },
        verbs: {},
        stop: async () => {
          server.closeAllConnections();
          server.close();
        },
      });
    });
  });
}
