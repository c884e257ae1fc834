/** The kit on the plugins that tests use, and on broken ones that it has to catch. */
import { expect } from 'chai';
import type { TestDatabase } from '../support/databases.ts';
import { describeOnEachDatabase } from '../support/databases.ts';
import { startTestSwitch } from '../support/app.ts';
import {
  assertNoClashes,
  pluginFault,
  PluginRefused,
  type Contributed,
} from '../../core/plugins/shape.ts';
import { definePlugin, defineRoute, type Plugin } from '../../core/sdk/index.ts';
import { till } from '../support/plugins/till.ts';
import { tipJar } from '../support/plugins/tip-jar.ts';
import { describePlugin } from './plugin-kit.ts';

const card = { number: '4242424242424242', month: 12, year: 2034, cvv: '123' };

describePlugin({
  plugin: till,
  dialect: {
    headers: (credentials) => ({
      'x-till-key': credentials.public_key,
      'x-till-secret': credentials.secret_key,
    }),
    expectError: (body) => {
      expect(body).to.include({ ok: false });
      expect(body['error']).to.match(/^[A-Z_]+$/);
    },
    read: '/api/charges/none',
    write: (turn) => ({
      path: '/api/charges',
      body: { order_no: `kit-${turn}`, amount: '12.50', currency: 'usd', card },
    }),
  },
});

describePlugin({ plugin: tipJar });

const bare: Plugin = { id: 'bare', name: 'Bare', contribute: () => ({}) };
const table = (statement: string): Plugin => ({
  ...bare,
  migrations: [{ name: '0001_x', statements: () => [statement] }],
});

describe('a plugin is refused', () => {
  const broken: readonly (readonly [what: string, plugin: unknown, fault: RegExp])[] = [
    ['that is nothing', 7, /no object/],
    ['with an id in capitals', { ...bare, id: 'Bare' }, /kebab-case/],
    ['without a name', { ...bare, name: '' }, /no name/],
    ['that contributes nothing it could', { ...bare, contribute: {} }, /no function/],
    ['with a part nobody knows', { ...bare, routs: [] }, /"routs" is no part/],
    ['that may do what no scope is', { ...bare, acts: ['everything'] }, /no list of scopes/],
    [
      'whose settings take ours',
      { ...bare, settings: { type: 'object', properties: { prefix: {} } } },
      /"prefix" is the switch's own/,
    ],
    ['that makes another’s table', table('create table payments (id text)'), /touches payments/],
    ['that changes another’s table', table('update api_keys set kind = 1'), /touches api_keys/],
    ['that does what it likes', table('pragma foreign_keys = off'), /no plugin may run/],
    [
      'with migrations out of order',
      {
        ...bare,
        migrations: [
          { name: '0002_b', statements: () => [] },
          { name: '0001_a', statements: () => [] },
        ],
      },
      /order of their numbers/,
    ],
  ];
  for (const [what, plugin, fault] of broken) {
    it(what, () => {
      expect(pluginFault(plugin)).to.match(fault);
    });
  }
});

describe('contributions clash', () => {
  const route = (id: string, path: string) =>
    defineRoute({
      id,
      method: 'get',
      path,
      tag: 'X',
      summary: 'X',
      access: { kind: 'anyone' },
      rate: 'public',
      replies: {},
      problems: [],
      handle: async () => ({ status: 200, body: {} }),
    });
  const page = (id: string, path: string) => ({
    id,
    method: 'get' as const,
    path,
    handle: async () => ({ status: 200, body: '' }),
  });
  const dialect = {
    routes: [],
    authenticate: () => undefined,
    problem: () => ({ status: 400, body: {} }),
  };
  const job = { id: 'tick', every: '* * * * * *', alone: true, run: async () => {} };
  const one = (id: string, contributions: Contributed['contributions'], prefix = `/${id}`) => ({
    id,
    prefix,
    hosts: ['same.example'],
    contributions,
  });
  const taken = {
    routes: [route('getPayment', '/v1/payments/{payment_id}')],
    pages: [{ path: '/docs' }],
    jobs: ['recovery'],
    formats: ['standard'],
  };
  const format = (id: string) => ({
    id,
    encode: () => undefined,
    sign: () => ({}),
    secretHeaders: [],
  });

  const clashes: readonly (readonly [what: string, all: readonly Contributed[], told: RegExp])[] = [
    [
      'in an operation',
      [one('a', { routes: [route('getPayment', '/x')] })],
      /getPayment is taken by/,
    ],
    ['in a path', [one('a', { routes: [route('x', '/v1/payments/{id}')] })], /taken by the core/],
    ['in a page', [one('a', { pages: [page('x', '/docs')] })], /get \/docs is taken by the core/],
    ['with themselves', [one('a', { jobs: [job, job] })], /a\.tick is taken by a/],
    [
      'in a format',
      [one('a', { webhookFormats: [format('standard')] })],
      /format standard is taken/,
    ],
    ['in an id', [one('a', {}), one('a', {})], /the id a is taken/],
    ['in their tables', [one('a', {}), one('a-b', {})], /its tables look like those of a/],
    ['in a prefix of the core', [one('a', { dialect }, '/v1')], /hides paths of the core/],
    ['in a prefix', [one('a', { dialect }), one('b', { dialect }, '/a')], /host|hides/],
    [
      'in a host',
      [one('a', { dialect }), one('b', { dialect })],
      /the host same\.example is taken/,
    ],
    [
      'below a prefix',
      [one('a', { dialect }), one('b', { pages: [page('x', '/a/x')] })],
      /hides what b mounts/,
    ],
    ['with nothing', [one('a', { rotes: [] } as never)], /contributes "rotes"/],
  ];
  for (const [what, all, told] of clashes) {
    it(what, () => {
      expect(() => assertNoClashes(all, taken)).to.throw(PluginRefused, told);
    });
  }

  it('not, where there is room for both', () => {
    const apart = [one('a', { dialect, jobs: [job] }), one('b', { jobs: [job] })];
    expect(() => assertNoClashes(apart, taken)).not.to.throw();
  });
});

describeOnEachDatabase('a start with plugins', (database: TestDatabase) => {
  const refusal = async (options: object, yaml = ''): Promise<string> => {
    const begun = await startTestSwitch(await database.open(), { yaml, ...options }).catch(
      (error: unknown) => error as Error,
    );
    if (begun instanceof Error) return begun.message;
    await begun.stop();
    return expect.fail('it started');
  };

  it('tells of wrong settings with their places, and of plugins that are not there', async () => {
    const yaml = 'plugin_settings:\n  till:\n    store_on: some\n  tlil: {}\n';
    const told = await refusal({ plugins: [till] }, yaml);
    expect(told).to.contain('pointsman.yaml:3:15: plugin_settings.till.store_on: found "some"');
    expect(told).to.match(/pointsman\.yaml:4:3: plugin_settings\.tlil: .*did you mean "till"/);
  });

  it('leaves out what is turned off', async () => {
    const yaml = 'plugin_settings: { till: { enabled: false } }\n';
    const app = await startTestSwitch(await database.open(), { plugins: [till, tipJar], yaml });
    try {
      expect((await app.call('/till/api/ping')).body['code']).to.equal('not_found');
      expect((await app.call('/v1/tip_jars', { body: { amount: 1 } })).status).to.equal(201);
    } finally {
      await app.stop();
    }
  });

  it('is refused when one of them clashes, throws, or is there twice', async () => {
    const thrower = definePlugin({
      id: 'thrower',
      name: 'Thrower',
      contribute: () => {
        throw new Error('not today');
      },
    });
    expect(await refusal({ plugins: [till, till] })).to.contain('plugin till: there are two');
    expect(await refusal({ plugins: [thrower] })).to.contain('contribute failed: not today');
    const yaml = 'plugin_settings: { till: { prefix: /v1 } }\n';
    expect(await refusal({ plugins: [till] }, yaml)).to.contain('hides paths of the core');
  });
});
