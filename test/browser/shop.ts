/** A switch with the checkout, and the shop whose customers come back to it. */
import { createServer } from 'node:http';
import { checkout } from '../../plugins/checkout/index.ts';
import { startTestSwitch, type Answer, type TestSwitch } from '../support/app.ts';
import { simulatorLedger } from '../support/books.ts';
import type { DatabasePlace } from '../support/databases.ts';
import { closing, listening } from './listening.ts';

export interface BrowserShop {
  readonly app: TestSwitch;
  readonly url: string;
  /** Paths that browsers have opened in the shop. */
  readonly visits: string[];
  session(more?: object): Promise<Answer['body']>;
  /** One that is paid once, by somebody with a name. */
  link(): Promise<Answer['body']>;
  statusOf(session: Answer['body']): Promise<string>;
  /** Authorizations in the simulator's own ledger that were not declined. */
  charges(): Promise<number>;
  close(): Promise<void>;
}

/** Until a condition holds; the suite's own time limit ends a wait for nothing. */
export async function eventually(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 25));
}

export async function openBrowserShop(place: DatabasePlace): Promise<BrowserShop> {
  const visits: string[] = [];
  const server = createServer(({ url = '' }, response) => {
    if (!url.includes('favicon')) visits.push(url);
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end('<!doctype html><html lang="en"><title>Shop</title><h1>The shop</h1>');
  });
  const url = await listening(server);
  const yaml = 'rate_limits: { public: { per_second: 100000 } }\n';
  const app = await startTestSwitch(place, { plugins: [checkout], yaml });
  const path = (id: string) => `/v1/checkout_sessions/${id}`;
  return {
    app,
    url,
    visits,
    session: async (more = {}) => {
      const body = {
        currency: 'USD',
        line_items: [
          { name: 'Coffee beans, 1 kg', quantity: 2, unit_amount: 1450 },
          { name: 'Filter papers', quantity: 1, unit_amount: 390 },
        ],
        discount_amount: 290,
        description: 'Order 17',
        seller_name: 'Corner Coffee',
        success_url: `${url}/thanks?s={CHECKOUT_SESSION_ID}`,
        cancel_url: `${url}/cart`,
        ...more,
      };
      const answer = await app.call('/v1/checkout_sessions', { body });
      if (answer.status !== 201) throw new Error(answer.text);
      return answer.body;
    },
    link: async () => {
      const body = {
        type: 'one_time',
        amount: 4200,
        currency: 'USD',
        customer_info: 'required',
        description: 'Invoice 2026-117',
        seller_name: 'Corner Coffee',
      };
      return (await app.call('/v1/payment_links', { body })).body;
    },
    statusOf: async (session) => (await app.call(path(session['id']))).body['status'],
    charges: async () =>
      (await simulatorLedger(app)).operations.filter(
        ({ kind, status }) => kind === 'authorize' && status !== 'declined',
      ).length,
    close: () => closing(server),
  };
}
