/**
 * A stateful stand-in for Stripe's API, for tests. It keeps accounts, money and events in memory,
 * speaks HTTP, refuses what Stripe would refuse, and is itself judged by Stripe's own client and
 * contracts (stripe.spec.ts and its neighbours).
 *
 * ```ts
 * const stripe = await startFakeStripe({ now: () => new Date(0) });
 * // point the connector at stripe.url with sk_test_<any name>; each name is an account of its own
 * const dashboard = stripe.dashboard('sk_test_shop');      // the owner, the customer, the bank
 * dashboard.answerChallenge(intentId, 'passed');            // 3-D Secure; or GET/POST its page
 * dashboard.expireAuthorization(intentId);                  // as if from outside our API
 * stripe.faults.next(1, { path: '/capture' }, { kind: 'close', acted: true }); // unknown result
 * stripe.webhooks.hold();                                   // events wait …
 * await stripe.webhooks.release((held) => [...held].reverse());  // … and come in another order
 * const { headers, body } = stripe.webhooks.signed(stripe.webhooks.deliveries[0]!); // to alter
 * expect(stripe.violations()).to.deep.equal([]);            // nothing Stripe would not know
 * await stripe.close();
 * ```
 *
 * Cards: the numbers and `pm_card_…` names of Stripe's sandbox (cards.ts). A customer's browser:
 * POST …/confirm with `key=pk_test_<name>` and `client_secret`. What is missing (search, files,
 * mandates, Connect, payment methods other than cards) answers 404 and counts as a violation.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { stripeContracts } from '../contracts.ts';
import { answerTo, type Desk, type Outcome, type RecordedRequest } from './answering.ts';
import { challengePage } from './challenges.ts';
import type { Violation } from './checks.ts';
import { answerChallenge, Dashboard } from './dashboard.ts';
import { Faults } from './faults.ts';
import { IdempotencyKeys } from './idempotency.ts';
import { parseForm } from './params.ts';
import { Webhooks } from './webhooks.ts';
import { World, type WorldOptions } from './world.ts';

export type { RecordedRequest } from './answering.ts';
export type { Violation } from './checks.ts';
export type { Dashboard } from './dashboard.ts';

export interface FakeStripeOptions extends WorldOptions {
  /** Hold every answer against the contracts as well; a wrong one becomes the fake's own 500. */
  readonly checksAnswers?: boolean;
}

export interface FakeStripe {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Every API request, in order. */
  readonly requests: readonly RecordedRequest[];
  readonly faults: Faults;
  readonly webhooks: Webhooks;
  /** What the requests had in them that Stripe would not take. */
  violations(): (Violation & { readonly request: string })[];
  /** What the account's owner, its customers and the banks can do. */
  dashboard(key: string): Dashboard;
  /** Mistakes of the fake itself; a suite should find none. */
  readonly mistakes: readonly Error[];
  close(): Promise<void>;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

async function recorded(request: IncomingMessage): Promise<RecordedRequest> {
  const { method = 'GET', url = '/' } = request;
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(request.headers)) headers[name] = String(value);
  const path = url.split('?')[0] ?? '/';
  return { method, target: url, path, headers, body: await bodyOf(request), violations: [] };
}

/** The bank's page, and the way back from it. */
function challenge(world: World, request: RecordedRequest, response: ServerResponse): void {
  const id = request.path.split('/')[2] ?? '';
  const token = new URL(request.target, 'http://fake').searchParams.get('token') ?? '';
  const account = world.accounts().find((it) => it.challenges.get(id)?.token === token);
  if (!account) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('No such challenge.');
    return;
  }
  if (request.method !== 'POST') {
    const headers = { 'content-type': 'text/html; charset=utf-8' };
    response.writeHead(200, headers).end(challengePage(id, token));
    return;
  }
  const answer = parseForm(request.body).answer === 'passed' ? 'passed' : 'failed';
  const location = answerChallenge(world, account, id, answer);
  if (location === undefined) response.writeHead(200).end('You can close this page.');
  else response.writeHead(303, { location }).end();
}

function conclude(outcome: Outcome, record: RecordedRequest, response: ServerResponse): void {
  if (outcome.kind === 'hang') return;
  if (outcome.kind === 'close') {
    response.socket?.destroy();
    return;
  }
  const { status, headers, body } = outcome.answer;
  if (outcome.kind === 'cut') {
    const length = String(Buffer.byteLength(body));
    response.writeHead(status, { ...headers, 'content-length': length });
    const half = body.slice(0, Math.floor(body.length / 2));
    response.write(half, () => response.socket?.destroy());
    return;
  }
  record.status = status;
  response.writeHead(status, headers).end(body);
}

/**
 * Starts a fake on a free port of 127.0.0.1. Accounts come into being with the first use of a key
 * (`sk_test_…` or `rk_test_…`, unless it contains "invalid").
 */
export async function startFakeStripe(options: FakeStripeOptions = {}): Promise<FakeStripe> {
  const world = new World(options);
  const faults = new Faults();
  const webhooks = new Webhooks(world);
  const requests: RecordedRequest[] = [];
  const mistakes: Error[] = [];
  const desk: Desk = {
    world,
    faults,
    keys: new IdempotencyKeys(),
    contracts: await stripeContracts(),
    checksAnswers: options.checksAnswers ?? false,
  };
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const record = await recorded(request);
    if (record.path.startsWith('/3d-secure/')) {
      challenge(world, record, response);
      return;
    }
    requests.push(record);
    conclude(await answerTo(desk, record), record, response);
  };
  // Longer than a test: a connection that is closed while a call goes out is a fault of its own.
  const server = createServer({ keepAliveTimeout: 75_000 }, (request, response) => {
    handle(request, response).catch((error: unknown) => {
      const mistake = error instanceof Error ? error : new Error(String(error));
      mistakes.push(mistake);
      response.writeHead(500, { 'content-type': 'text/plain' }).end(`The fake: ${mistake.stack}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  world.url = `http://127.0.0.1:${port}`;
  return {
    url: world.url,
    port,
    requests,
    faults,
    webhooks,
    mistakes,
    violations: () =>
      requests.flatMap((it) =>
        it.violations.map((found) => ({ ...found, request: `${it.method} ${it.path}` })),
      ),
    dashboard: (key) => new Dashboard(world, world.account(key)),
    close: async () => {
      await webhooks.settled();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
