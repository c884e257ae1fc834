/**
 * Acme Pay with more to it (credentials tried, totals read, an endpoint registered, customers), and
 * the ways to get those wrong. No tutorial shows them, so they are kept small and in one place.
 */
import { expect } from 'chai';
import { Secret, type Connector, type HttpRequest, type Inspection, type Json } from '#sdk';
import { fieldsOf, moneyOf, textOf, wordOf } from '../acme-pay/fields.ts';
import { find } from '../acme-pay/calls.ts';
import { acmePay } from '../acme-pay/index.ts';
import { acmePaySample } from '../acme-pay/spec-sample.ts';
import type { AcmePayRef, AcmePaySettings } from '../acme-pay/settings.ts';
import type { EndpointProcessor, Sample } from '../kit.ts';
import { right, type Broken, type Ctx } from './variant.ts';

type Desk = Required<
  Pick<Connector<AcmePaySettings, AcmePayRef>, 'check' | 'endpoint' | 'customers'>
>;

/** Acme Pay's one question serves for all: what is asked for tells them apart. */
const ask = async (context: Ctx, what: string) => fieldsOf(await find(context, what), 'the answer');

async function inspect(context: Ctx): Promise<Inspection<AcmePayRef>> {
  const fields = await ask(context, 'totals');
  wordOf(fields, 'status', ['captured']);
  const total = moneyOf(fields);
  return { authorized: total, captured: total, released: 'captured', refunds: [], disputes: [] };
}

const urlOf = (fields: Readonly<Record<string, unknown>>) => textOf(fields, 'url');

const parts: Desk = {
  check: async (context) => ({ reference: textOf(await ask(context, 'account'), 'id') }),
  endpoint: {
    async register(context) {
      const fields = await ask(context, `register ${String(context.webhookUrl)}`);
      return { reference: urlOf(fields), secret: new Secret(textOf(fields, 'secret')) };
    },
    async remove(context, { reference }) {
      await ask(context, `remove ${reference}`);
    },
  },
  customers: {
    create: async (context, { customerId }) => textOf(await ask(context, customerId), 'id'),
  },
};

const wantedOf = ({ url }: HttpRequest) => new URL(url).searchParams.get('reference') ?? '';

function startEndpoints(): EndpointProcessor {
  const kept: string[] = [];
  const answer = (request: HttpRequest) => {
    const [verb, url = ''] = wantedOf(request).split(' ');
    if (verb === 'again') kept.push(url);
    if (verb === 'register' && !kept.includes(url)) kept.push(url);
    if (verb === 'remove' && !kept.includes(url)) {
      return { status: 404, body: { error: { code: 'endpoint_unknown' } } };
    }
    if (verb === 'remove') kept.splice(kept.indexOf(url), 1);
    const body: Json = { url, secret: 'es_told' };
    return { body };
  };
  return { answer, urls: () => [...kept] };
}

const gone: Desk['endpoint']['remove'] = async (context, { reference }) => {
  try {
    await parts.endpoint.remove(context, { reference });
  } catch (error) {
    if (!String(error).includes('endpoint_unknown')) throw error;
  }
};

export const deskSample: Sample<AcmePaySettings, AcmePayRef> = {
  ...acmePaySample,
  inspect: {
    answer: ({ amount }) => {
      const answer = acmePaySample.capture?.succeeds;
      if (!answer || answer === 'never') throw new Error('Acme Pay captures');
      const said = answer({ ...command, amount }, request).body as Record<string, Json>;
      return { body: { ...said, status: 'captured' } };
    },
    expects: ({ amount: { amount } }) => ({ authorized: amount, captured: amount, refunds: 0 }),
  },
  check: { answer: () => ({ body: { id: 'acme_1' } }), facts: { reference: 'acme_1' } },
  endpoint: { start: startEndpoints },
  errands: {
    'customers.create': {
      call: (context) => parts.customers.create(context, { customerId: 'cus_1', party: {} }),
      answer: () => ({ body: { id: 'acme_cus_1' } }),
      expects: (result) => expect(result).to.equal('acme_cus_1'),
    },
  },
};

const command = {
  operationId: 'op_totals',
  of: { payment: 'pay_7Qa' },
  final: true,
  amount: { amount: 1, currency: 'USD' },
};
const request: HttpRequest = { method: 'GET', url: 'https://sandbox.acmepay.example' };

const made = (changes: Partial<Desk> = {}, totals = inspect) =>
  Object.freeze({
    ...acmePay,
    ...parts,
    endpoint: { ...parts.endpoint, remove: gone },
    ...changes,
    operations: { ...right, inspect: totals },
  });

export const desk = made();

export const deskBugs: readonly Broken[] = [
  {
    bug: 'wrong credentials are said to be right',
    noticedBy: 'check: 401 is a fault',
    connector: made({ check: (context) => parts.check(context).catch(() => ({})) }),
  },
  {
    bug: 'the account’s name is made up',
    noticedBy: 'check: reads the processor’s answer',
    connector: made({ check: async () => ({ reference: 'ours' }) }),
  },
  {
    bug: 'what cannot be read is nothing captured',
    noticedBy: 'inspect: HTML and 200 is a fault',
    connector: made({}, async (context) => {
      const none = { amount: 0, currency: 'USD' };
      const empty = { released: false, refunds: [], disputes: [] } as const;
      return inspect(context).catch(() => ({ authorized: none, captured: none, ...empty }));
    }),
  },
  {
    bug: 'more is captured than was authorized',
    noticedBy: 'inspect: reads the processor’s answer',
    connector: made({}, async (context) => {
      const found = await inspect(context);
      return { ...found, authorized: { ...found.authorized, amount: 1 } };
    }),
  },
  {
    bug: 'each registration leaves an endpoint more',
    noticedBy: 'endpoint: registering twice leaves one, with a secret that is told',
    connector: made({
      endpoint: {
        remove: gone,
        async register(context) {
          const fields = await ask(context, `again ${String(context.webhookUrl)}`);
          return { reference: urlOf(fields), secret: new Secret(textOf(fields, 'secret')) };
        },
      },
    }),
  },
  {
    bug: 'an endpoint that is gone cannot be removed',
    noticedBy: 'endpoint: removing it twice is a success twice',
    connector: made({ endpoint: parts.endpoint }),
  },
];
