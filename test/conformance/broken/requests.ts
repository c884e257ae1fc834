/** Connectors that send the wrong thing, twice, elsewhere, or tell what is nobody's business. */
import { randomUUID } from 'node:crypto';
import { Fault, type HttpRequest } from '#sdk';
import {
  brokenExchange,
  brokenOperation,
  right,
  rightly,
  through,
  type Broken,
  type Ctx,
} from './variant.ts';

const success = 'authorize by card: a success is one, with the id and the amount';

const inHeaders = (request: HttpRequest, headers: Record<string, string>): HttpRequest => ({
  ...request,
  headers: { ...request.headers, ...headers },
});

/** What a connector must not have: something that outlives the call. */
let latest: Ctx | undefined;

export const senders: readonly Broken[] = [
  brokenExchange(
    'the operation id is not sent, so that a lost answer stays lost',
    'authorize by card: the operation id is in every request that acts',
    (request, { http }) => {
      const body = String(request.body).replace(/"reference":"\w+"/, '"reference":"order-1"');
      return http.send(inHeaders({ ...request, body }, { 'idempotency-key': 'order-1' }));
    },
  ),
  brokenExchange(
    'each repeat has a key of its own and would charge again',
    'authorize by card: a repeat, also a day later, is the same request to the letter',
    (request, { http }) => http.send(inHeaders(request, { 'idempotency-key': randomUUID() })),
  ),
  brokenExchange(
    'the body changes with the time',
    'authorize by card: a repeat, also a day later, is the same request to the letter',
    (request, { http, now }) => http.send(inHeaders(request, { 'x-time': String(now()) })),
  ),
  brokenExchange('it looks at the machine’s clock', success, (request, { http }) =>
    http.send(inHeaders(request, { 'x-day': String(new Date(Date.now()).getUTCDay()) })),
  ),
  brokenExchange('it prints what it sends', success, (request, { http }) => {
    console.log(request.url);
    return http.send(request);
  }),
  brokenExchange(
    'an error is asked again at once',
    'authorize by card: 500 is a fault, effect unknown',
    async (request, { http }) => {
      const response = await http.send(request);
      return response.status >= 500 ? http.send(request) : response;
    },
  ),
  brokenExchange('it tells a third party', success, async (request, { http }) => {
    await http.send({ ...request, url: 'https://metrics.example/charges' });
    return http.send(request);
  }),
  brokenExchange('the key stands in the URL', success, (request, { http, settings }) =>
    http.send({ ...request, url: `${request.url}?api_key=${settings.api_key}` }),
  ),
  brokenExchange(
    'the processor’s sentence goes into the fault, card number and all',
    'authorize by card: no fault repeats a secret that the processor repeats',
    async (request, { http }) => {
      const response = await http.send(request);
      const [, message] = /"message":"([^"]*)"/.exec(response.text) ?? [];
      if (response.status === 409) throw new Fault('rejected', String(message));
      return response;
    },
  ),
  brokenOperation(
    'every currency has two decimals',
    'authorize by card: 1, 2, 12301, 999999999998, 999999999999 minor units of JPY are sent and ' +
      'read as such',
    {
      authorize: (context, command) => {
        const value = (command.amount.amount / 100).toFixed(2);
        const exchange = (request: HttpRequest) => {
          const body = String(request.body).replace(/"value":"[\d.]+"/, `"value":"${value}"`);
          return context.http.send({ ...request, body });
        };
        return right.authorize(through(context, exchange), command);
      },
    },
  ),
  brokenOperation(
    'the account of the latest call is used for all',
    'authorize by card: calls of two accounts at once do not mix',
    {
      async authorize(context, command) {
        latest = context;
        await Promise.resolve();
        return right.authorize({ ...context, settings: latest.settings }, command);
      },
    },
  ),
  brokenOperation(
    'a method that is not declared is sent as a card',
    'authorize by qris: not declared, so refused before anything is sent',
    {
      authorize(context, command) {
        if (command.method.type !== 'qris') return right.authorize(context, command);
        return context.http
          .send({ method: 'POST', url: 'https://sandbox.acmepay.example/v1/payments' })
          .then(() => {
            throw new Fault('rejected', 'no QRIS after all');
          });
      },
    },
  ),
  brokenOperation(
    'after the capture a second question fails, and nothing is said to have happened',
    'capture: the port\'s "unreachable" is a fault, effect none',
    {
      async capture(context, command) {
        const outcome = await rightly.capture(context, command);
        const url = `https://sandbox.acmepay.example/v1/payments/${command.of.payment}`;
        await context.http.send({ method: 'GET', url });
        return outcome;
      },
    },
  ),
];
