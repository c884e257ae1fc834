/**
 * What every plugin has to keep to, from some twenty lines of sample: it mounts beside the core and
 * clashes with nothing, and a dialect answers everything below its prefix in its own shape, lets
 * nobody in without keys, and repeats as its policy says.
 */
import { expect } from 'chai';
import { pluginFault } from '../../core/plugins/index.ts';
import type { Contributions, DialectRoute, Plugin } from '../../core/sdk/index.ts';
import type { Credentials } from '../../core/wiring/sandbox.ts';
import { startTestSwitch, type Answer, type TestSwitch } from '../support/app.ts';
import { closeBooks, simulatorLedger } from '../support/books.ts';
import { describeOnEachDatabase } from '../support/databases.ts';
import { skipped } from '../support/skipped.ts';

export interface DialectSample {
  /** The headers of a merchant's server; for the routes with access `secret`. */
  headers(credentials: Credentials): Record<string, string>;
  /** Throws (an expectation) when a refusal is not in the dialect's shape. */
  expectError(body: Answer['body'], status: number): void;
  /** The path of a GET that needs a key, below the prefix, ids filled in. */
  readonly read: string;
  /** How much its writes have left behind, where they do not charge. */
  written?(app: TestSwitch): Promise<number>;
  /** A request that charges once; `turn` makes it another one (another order number, say). */
  write(turn: number): { readonly path: string; readonly body: Readonly<Record<string, unknown>> };
  /** The status of a repeat with another body, where the policy refuses that. */
  readonly mismatch?: number;
}

export interface PluginSample {
  readonly plugin: Plugin;
  /** Others whose operations it calls. */
  readonly beside?: readonly Plugin[];
  /** Its part of `plugin_settings`. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly dialect?: DialectSample;
}

/** Declares the suite, on both databases. */
export function describePlugin(sample: PluginSample): void {
  const { plugin, dialect } = sample;
  describe(`plugin ${plugin.id}, as a literal`, () => {
    it('is a plugin', () => {
      expect(pluginFault(plugin)).to.equal(undefined);
    });
  });
  describeOnEachDatabase(`plugin ${plugin.id}, mounted`, (database) => {
    let app: TestSwitch;
    let contributed: Contributions = {};
    const watched: Plugin = {
      ...plugin,
      contribute: (host) => (contributed = plugin.contribute(host)),
    };

    const yaml = `plugin_settings: ${JSON.stringify({ [plugin.id]: sample.settings ?? {} })}\n`;
    before(async () => {
      app = await startTestSwitch(await database.open(), {
        plugins: [...(sample.beside ?? []), watched],
        yaml,
      });
    });
    after(() => closeBooks(app));

    it('clashes with nothing of the core', () => {
      expect(Object.keys(contributed)).not.to.deep.equal([]);
    });
    it('leaves the native API as it is', async () => {
      expect((await app.call('/v1/payments')).status).to.equal(200);
      const lost = await app.call('/nothing-here', { key: null });
      expect(lost.body['code']).to.equal('not_found');
    });
    if (dialect) {
      dialectCases(dialect, () => ({
        app,
        routes: contributed.dialect?.routes ?? [],
        policy: contributed.dialect?.idempotency,
        base: contributed.dialect?.prefix ?? `/${plugin.id}`,
      }));
    }
  });
}

interface Mounted {
  readonly app: TestSwitch;
  readonly routes: readonly DialectRoute[];
  readonly policy: NonNullable<Contributions['dialect']>['idempotency'];
  readonly base: string;
}

interface Sent {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

function dialectCases(sample: DialectSample, mounted: () => Mounted): void {
  let turns = 0;
  const ask = (path: string, { headers, ...more }: Sent = {}) => {
    const { app, base } = mounted();
    const keys = headers ?? sample.headers(app.credentials);
    return app.call(base + path, { key: null, headers: keys, ...more });
  };
  /** In the dialect's shape, with nothing of ours in it. */
  const expectRefusal = (answer: Answer, statuses: readonly number[]) => {
    expect(statuses, answer.text).to.include(answer.status);
    sample.expectError(answer.body, answer.status);
    expect(answer.headers.get('content-type')).not.to.contain('problem+json');
    expect(answer.text).not.to.match(/\.(ts|js):\d+|node_modules/);
  };
  const filled = (path: string) => path.replaceAll(/\{\w+\}/g, 'none');

  it('answers unknown paths and methods in its own shape', async () => {
    expectRefusal(await ask('/there/is/nothing'), [404]);
    expectRefusal(await ask('/'), [404, 405]);
    const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
    for (const { path } of mounted().routes) {
      const taken = mounted().routes.filter((route) => route.path === path);
      const free = methods.find((one) => !taken.some(({ method }) => method === one.toLowerCase()));
      if (free) expectRefusal(await ask(filled(path), { method: free }), [404, 405]);
    }
  });

  it('lets nobody in without keys', async () => {
    const strangers = { 'content-type': 'application/json' };
    for (const { path, method, access } of mounted().routes) {
      if (access === 'anyone') continue;
      const body = ['get', 'delete'].includes(method) ? {} : { body: {} };
      const answer = await ask(filled(path), {
        method: method.toUpperCase(),
        headers: strangers,
        ...body,
      });
      expectRefusal(answer, [401, 403]);
    }
    expect((await ask(sample.read)).status).not.to.equal(401);
  });

  it('refuses what is no JSON, no object or too long', async () => {
    const { path } = sample.write((turns += 1));
    for (const body of ['{"half":', '[1,2', '"text"', '[]', '{"a":"\u0000"}']) {
      expectRefusal(await ask(path, { body }), [400, 422]);
    }
    expectRefusal(await ask(path, { body: { text: 'x'.repeat(70_000) } }), [413]);
    const { app } = mounted();
    const plain = { ...sample.headers(app.credentials), 'content-type': 'text/plain' };
    expectRefusal(await ask(path, { body: 'a=b', headers: plain }), [415, 400]);
  });

  it('has no words for our details when fields are wrong, one after the other', async () => {
    const { path, body } = sample.write((turns += 1));
    for (const field of Object.keys(body)) {
      const answer = await ask(path, { body: { ...body, [field]: { odd: [field] } } });
      expectRefusal(answer, [400, 422]);
    }
  });

  repeatCases(sample, mounted, ask, () => (turns += 1));
}

function skipRepeats(test: Mocha.Context): void {
  skipped.set('Repeats of a dialect', 'its document knows no idempotency key');
  test.skip();
}

function repeatCases(
  sample: DialectSample,
  mounted: () => Mounted,
  ask: (path: string, sent?: Sent) => Promise<Answer>,
  nextTurn: () => number,
): void {
  const charges = async () =>
    sample.written
      ? sample.written(mounted().app)
      : (await simulatorLedger(mounted().app)).operations.length;
  const keyed = (key: string, turn: number, more: object = {}) => {
    const { app, policy } = mounted();
    const { path, body } = sample.write(turn);
    const headers = { ...sample.headers(app.credentials), [policy?.header ?? '']: key };
    return ask(path, { body: { ...body, ...more }, headers });
  };

  it('repeats the same request as its policy says, and charges once', async function () {
    const { policy, app } = mounted();
    if (!policy?.methods.includes('post')) return skipRepeats(this);
    const turn = nextTurn();
    const key = 'kit-key-1'.padEnd(policy.minLength, '-');
    const before = await charges();
    const first = await keyed(key, turn);
    expect(first.status, first.text).to.be.lessThan(300);
    const again = await keyed(key, turn);
    expect([again.status, again.text]).to.deep.equal([first.status, first.text]);
    expect(await charges()).to.equal(before + 1);
    const other = await keyed(key, nextTurn());
    if (policy.onMismatch === 'replay') expect(other.text).to.equal(first.text);
    else expect(other.status).to.equal(sample.mismatch ?? 422);
    expect(await charges()).to.equal(before + 1);
    app.clock.advance(policy.ttlMs + 1);
    const later = await keyed(key, nextTurn());
    expect(later.status, later.text).to.equal(first.status);
    expect(await charges()).to.equal(before + 2);
  });

  it('refuses a key that is too short, and charges once in a storm', async function () {
    const { policy } = mounted();
    if (!policy?.methods.includes('post')) return skipRepeats(this);
    if (policy.minLength > 1) {
      const short = await keyed('k'.repeat(policy.minLength - 1), nextTurn());
      expect(short.status).to.be.within(400, 422);
    }
    const before = await charges();
    const turn = nextTurn();
    const key = 'kit-storm'.padEnd(policy.minLength, '-');
    const storm = await Promise.all(Array.from({ length: 12 }, () => keyed(key, turn)));
    expect(storm.some(({ status }) => status < 300)).to.equal(true);
    expect(storm.filter(({ status }) => status >= 500)).to.deep.equal([]);
    expect(await charges()).to.equal(before + 1);
  });
}
