/** What the connector's specs share: a tiny port, commands, and the kind of a fault. */
import {
  Fault,
  Secret,
  type Authorize,
  type Context,
  type FaultKind,
  type HttpPort,
  type HttpResponse,
} from '#sdk';
import type { CardSimulatorSettings } from './settings.ts';

/** The smallest port there can be: what breaks is `broken`, every status is an answer. */
export const fetchPort: HttpPort = {
  async send({ method, url, headers, body }) {
    try {
      const response = await fetch(url, { method, ...(headers && { headers }), body });
      const text = await response.text();
      return { status: response.status, headers: Object.fromEntries(response.headers), text };
    } catch (cause) {
      throw new Fault('broken', String(cause));
    }
  },
};

export const scripted = (answer: Partial<HttpResponse>): HttpPort => ({
  send: async () => ({ status: 200, headers: {}, text: '', ...answer }),
});

export const contextOf = (base_url: string, http = fetchPort): Context<CardSimulatorSettings> => ({
  settings: { base_url, api_key: 'sim_connector' },
  mode: 'sandbox',
  http,
  webhookUrl: undefined,
  webhookSecret: undefined,
  now: () => Date.now(),
});

export const usd = (amount: number) => ({ amount, currency: 'USD' });
let made = 0;
export const newOperationId = () => `op_spec_${(made += 1)}`;

export function cardCommand(number: string, changes: Partial<Authorize> = {}): Authorize {
  return {
    operationId: newOperationId(),
    amount: usd(10_000),
    capture: 'manual',
    method: {
      type: 'card',
      number: new Secret(number),
      exp_month: 12,
      exp_year: 2034,
      cvc: new Secret('123'),
      holder_name: 'Jane Doe',
    },
    details: {},
    customerReference: undefined,
    returnUrl: 'http://switch.test/return',
    ...changes,
  };
}

export async function faultOf(work: Promise<unknown>): Promise<FaultKind | 'none'> {
  try {
    await work;
    return 'none';
  } catch (cause) {
    if (cause instanceof Fault) return cause.kind;
    throw cause;
  }
}
