/** A switch with Paypool before it, a fake Midtrans behind it, and an application that listens. */
import { expect } from 'chai';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connectors } from '../../connectors/index.ts';
import { ManualClock } from '../../core/base/clock.ts';
import { checkout } from '../../plugins/checkout/index.ts';
import { paypool } from '../../plugins/paypool/index.ts';
import { eventually, freePort } from '../e2e/place.ts';
import { startFakeMidtrans } from '../fakes/midtrans/index.ts';
import { startTestSwitch, testNowMs, type Answer } from '../support/app.ts';
import type { DatabasePlace } from '../support/databases.ts';

const yaml = `processors: { absence_grace_ms: 0 }
rate_limits:
  payments: { per_second: 10000 }
  queries: { per_second: 10000 }
  public: { per_second: 10000 }
`;

export const sample = (external_id: string, more: object = {}) => ({
  external_id,
  amount: 250_000,
  currency: 'IDR',
  customer_name: 'Budi',
  customer_email: 'budi@example.com',
  customer_phone: '+628123456789',
  description: 'Order #10001',
  metadata: { order_id: 10_001, cart: { lines: [1, 2] } },
  ...more,
});

/** The application's webhook_url: keeps what comes, and answers as it is told to. */
async function openReceiver() {
  const heard: { readonly raw: string; readonly event: string }[] = [];
  const receiver = { heard, answersWith: 200, url: '', close: () => {} };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const event = String(request.headers['x-paypool-event']);
      heard.push({ raw: Buffer.concat(chunks).toString('utf8'), event });
      response.writeHead(receiver.answersWith).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  receiver.close = () => {
    server.closeAllConnections();
    server.close();
  };
  return receiver;
}

export type PaypoolWorld = Awaited<ReturnType<typeof openWorld>>;

export async function openWorld(place: DatabasePlace) {
  const clock = new ManualClock(testNowMs);
  const fake = await startFakeMidtrans({ now: () => clock.now() });
  const port = await freePort();
  const app = await startTestSwitch(place, {
    clock,
    connectors,
    plugins: [checkout, paypool],
    yaml,
    env: { POINTSMAN_PORT: String(port), POINTSMAN_BASE_URL: `http://127.0.0.1:${port}` },
  });
  const receiver = await openReceiver();
  const settings = {
    server_key: 'SB-Mid-server-paypool',
    api_base_url: fake.apiUrl,
    app_base_url: fake.appUrl,
  };
  for (const [path, body] of [
    ['/v1/accounts', { connector: 'midtrans', name: 'Midtrans', settings }],
    ['/v1/webhook_endpoints', { url: receiver.url, signer: 'paypool' }],
  ] as const) {
    const answer = await app.call(path, { body });
    expect(answer.status, answer.text).to.equal(201);
  }
  return { fake, app, receiver, ...application(app.call), ...news(fake, app.call, receiver.heard) };
}

type Call = (path: string, options?: { body?: object; method?: string }) => Promise<Answer>;

/** What an application does. */
function application(send: Call) {
  let count = 0;
  const call = (path: string, body?: object, method?: string) =>
    send(`/paypool/api/v1/payments${path}`, { ...(body && { body }), ...(method && { method }) });
  const read = async (id: string) => (await call(`/${id}`)).body['data'];
  return {
    call,
    read,
    cancel: (id: string) => call(`/${id}/cancel`, undefined, 'POST'),
    /** A payment that waits on its Snap page. */
    async created(more: object = {}) {
      count += 1;
      const answer = await call('/create', sample(`ORDER-${count}`, more));
      expect(answer.status, answer.text).to.equal(201);
      const data = answer.body['data'] as Record<'external_id' | 'invoice_url' | 'status', string>;
      const token = new URL(data.invoice_url).pathname.split('/').at(-1) ?? '';
      return { ...data, token };
    },
    becomes: (id: string, status: string) =>
      eventually(
        () => read(id),
        (payment) => payment.status === status,
      ),
  };
}

/** What is heard of it, from Midtrans and by the application. */
function news(
  fake: Awaited<ReturnType<typeof startFakeMidtrans>>,
  send: Call,
  heard: readonly { readonly raw: string }[],
) {
  return {
    /** The webhook that says so. */
    async told(id: string, status: string) {
      const fits = ({ payment }: Answer['body']) =>
        payment.external_id === id && payment.status === status;
      const all = await eventually(
        async () => heard.map(({ raw }) => JSON.parse(raw) as Answer['body']),
        (some) => some.some(fits),
      );
      return all.find(fits) ?? {};
    },
    /** All that Midtrans has sent so far was looked into. */
    async newsHeeded() {
      await fake.notifications.idle();
      const waiting = async () => (await send('/v1/incoming_webhooks?state=waiting')).body['data'];
      await eventually(waiting, (left) => left.length === 0);
    },
    /** What the last Snap page was opened with. */
    lastPage() {
      const asked = fake.requests.filter(({ path }) => path === '/snap/v1/transactions').at(-1);
      return asked?.body as Record<string, never>;
    },
  };
}
