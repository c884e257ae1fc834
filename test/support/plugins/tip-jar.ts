/** A feature of nobody's, for tests: tables, a route, a page with a form, a job, a subscriber. */
import { Type } from 'typebox';
import {
  defineRoute,
  definePlugin,
  insertRow,
  Problem,
  StoreConflict,
  updateRow,
  type Host,
  type PageRoute,
  type PluginJob,
  type Route,
  type Subscriber,
} from '#sdk';

interface Jar {
  readonly id: string;
  readonly merchant_id: string;
  readonly payment_id: string;
  readonly state: string;
  readonly closes_at: string;
}

const table = 'tip_jar_jars';
/** Half of what a payment has. */
const lifeMs = 1_800_000;

const JarSchema = Type.Object(
  { id: Type.String(), payment: Type.String(), url: Type.String(), state: Type.String() },
  { additionalProperties: false, title: 'TipJar' },
);

function createJar(host: Host): Route {
  return defineRoute({
    id: 'createTipJar',
    method: 'post',
    path: '/v1/tip_jars',
    tag: 'Tip jars',
    summary: 'A page that takes one tip',
    access: { kind: 'merchant', scope: 'payments:write' },
    rate: 'payments',
    body: Type.Object({ amount: Type.Integer({ minimum: 1 }) }, { additionalProperties: false }),
    replies: { 201: JarSchema },
    problems: [],
    handle: async ({ body, principal, slot, requestId }) => {
      const { merchantId: merchant_id } = principal;
      const { body: payment } = await host.call<{ id: string }>('createPayment', {
        principal,
        requestId,
        body: { amount: body.amount, currency: 'USD' },
        ...(slot ? { idempotencyKey: slot.key } : {}),
      });
      const id = `jar_${payment.id.slice(4)}`;
      const closes_at = new Date(host.clock.now() + lifeMs).toISOString();
      const row = { id, merchant_id, payment_id: payment.id, state: 'open', closes_at };
      const answer = { id, payment: payment.id, url: `${host.baseUrl()}/jar/${id}`, state: 'open' };
      const answered = { status: 201, body: answer };
      return host.store.commitWithAnswer(slot, answered, [insertRow(table, row)]);
    },
  });
}

function pages(host: Host): readonly PageRoute[] {
  const jarOf = async (id = '') => {
    const [jar] = await host.store.find<Jar>(table, { id });
    if (!jar) throw new Problem('not_found', 'there is no such jar');
    return jar;
  };
  const html = (text: string, status = 200) => ({
    status,
    contentType: 'text/html; charset=utf-8',
    body: `<!doctype html><p>${text}</p>`,
  });
  const problem = ({ code, status }: Problem) => html(code, status);
  return [
    {
      id: 'show',
      method: 'get',
      path: '/jar/{id}',
      problem,
      handle: async ({ params }) => html((await jarOf(params['id'])).state),
    },
    {
      id: 'pay',
      method: 'post',
      path: '/jar/{id}',
      cardField: 'number',
      problem,
      handle: async ({ params, form, clientIp }) => {
        const jar = await jarOf(params['id']);
        if (jar.state !== 'open') throw new Problem('payment_expired', 'the jar is closed');
        const card = { number: form['number'], exp_month: 12, exp_year: 2034, cvc: form['cvc'] };
        await host.call('confirmPayment', {
          principal: host.actFor({ merchantId: jar.merchant_id }),
          params: { payment_id: jar.payment_id },
          body: { payment_method: { type: 'card', card } },
          // A double click is one payment.
          idempotencyKey: `${jar.id} ${form['form'] ?? ''}`,
          clientIp,
        });
        return html('thanks');
      },
    },
  ];
}

const closing = (host: Host): PluginJob => ({
  id: 'close',
  every: '* * * * * *',
  alone: true,
  run: async () => {
    const now = new Date(host.clock.now()).toISOString();
    const due = { state: 'open', closes_at: { atMost: now } };
    for (const { id, merchant_id, payment_id } of await host.store.find<Jar>(table, due)) {
      const principal = host.actFor({ merchantId: merchant_id });
      await host.call('cancelPayment', { principal, params: { payment_id }, body: {} });
      await close(host, id, 'closed');
    }
  },
  nextAt: async () => {
    const order = [{ by: 'closes_at' }];
    const [jar] = await host.store.find<Jar>(table, { state: 'open' }, { order, limit: 1 });
    return jar?.closes_at;
  },
});

/** Once: the job and the subscriber may both get there. */
async function close(host: Host, id: string, state: string): Promise<void> {
  try {
    await host.store.commit([updateRow(table, { state }, { id, state: 'open' }, 'jar_open')]);
  } catch (error) {
    if (!(error instanceof StoreConflict) || error.guard !== 'jar_open') throw error;
  }
}

/** How often `thanks` is to fail before it hears. */
export const trouble = { failures: 0 };

const thanks = (host: Host): Subscriber => ({
  id: 'thanks',
  types: ['payment.captured'],
  handle: async ({ payment }, merchant_id) => {
    if (trouble.failures > 0) {
      trouble.failures -= 1;
      throw new Error('not in the mood');
    }
    const [jar] = await host.store.find<Jar>(table, { payment_id: payment, merchant_id });
    if (!jar) return;
    await close(host, jar.id, 'tipped');
    await host.outbox.write(`${jar.id}.eml`, `Subject: thanks\n\n${jar.payment_id}\n`);
  },
});

export const tipJar = definePlugin({
  id: 'tip-jar',
  name: 'Tip jar',
  acts: ['payments:read', 'payments:write'],
  migrations: [
    {
      name: '0001_jars',
      statements: ({ id, clustered }) => [
        `create table tip_jar_jars (
          id ${id} not null primary key,
          merchant_id ${id} not null,
          payment_id ${id} not null,
          state text not null,
          closes_at text not null
        ) ${clustered}`,
        'create index tip_jar_jars_due on tip_jar_jars (state, closes_at)',
      ],
    },
  ],
  contribute: (host) => ({
    routes: [createJar(host)],
    pages: pages(host),
    jobs: [closing(host)],
    subscribers: [thanks(host)],
  }),
});
