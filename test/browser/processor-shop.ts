/** A switch that processors' fakes can reach, and a shop whose customers come back to it. */
import { createServer } from 'node:http';
import { connectors } from '../../connectors/index.ts';
import type { ManualClock } from '../../core/base/clock.ts';
import { checkout } from '../../plugins/checkout/index.ts';
import { booksAreRight, freePort, poster } from '../e2e/place.ts';
import { startTestSwitch, type Answer, type TestSwitch } from '../support/app.ts';
import type { DatabasePlace } from '../support/databases.ts';
import { closing, listening } from './listening.ts';

export interface ProcessorShop {
  readonly app: TestSwitch;
  readonly url: string;
  /** Adds the account, and answers its id. */
  account(connector: string, settings: object, name?: string): Promise<string>;
  session(body: object): Promise<Answer['body']>;
  payment(session: Answer['body']): Promise<Answer['body']>;
  statusOf(session: Answer['body']): Promise<string>;
  /** Breaches of the books; none is the only good answer. */
  breaches(): Promise<string[]>;
  close(): Promise<void>;
}

export async function openProcessorShop(
  place: DatabasePlace,
  clock: ManualClock,
  settings: object = {},
): Promise<ProcessorShop> {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end('<!doctype html><html lang="en"><title>Shop</title><h1>The shop</h1>');
  });
  const url = await listening(server);
  const port = String(await freePort());
  const app = await startTestSwitch(place, {
    clock,
    connectors,
    plugins: [checkout],
    yaml:
      'processors: { absence_grace_ms: 0 }\nrate_limits: { public: { per_second: 100000 } }\n' +
      `plugin_settings: { checkout: ${JSON.stringify(settings)} }\n`,
    env: { POINTSMAN_PORT: port, POINTSMAN_BASE_URL: `http://127.0.0.1:${port}` },
  });
  const post = poster(app);
  const get = async (path: string) => (await app.call(path)).body;
  return {
    app,
    url,
    account: async (connector, more, name = connector) => {
      const body = { connector, name, check: true, settings: more };
      return (await post('/v1/accounts', body, 201))['id'];
    },
    session: (body) =>
      post(
        '/v1/checkout_sessions',
        {
          seller_name: 'Corner Coffee',
          description: 'Order 17',
          success_url: `${url}/thanks?s={CHECKOUT_SESSION_ID}`,
          cancel_url: `${url}/cart`,
          ...body,
        },
        201,
      ),
    payment: (session) => get(`/v1/payments/${session['payment']}`),
    statusOf: async ({ id }) => (await get(`/v1/checkout_sessions/${id}`))['status'],
    breaches: () => booksAreRight(app),
    close: async () => {
      await app.stop();
      await closing(server);
    },
  };
}
