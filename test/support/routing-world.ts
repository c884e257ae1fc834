/** A switch with the accounts `a`, `b` and `c` at the simulator, rules set over its API. */
import { expect } from 'chai';
import { accountTools } from './accounts.ts';
import { chargeBody, startTestSwitch, type Answer, type TestSwitch } from './app.ts';
import { closeBooks, simulatorFault } from './books.ts';
import type { DatabasePlace, TestDatabase } from './databases.ts';

const names = ['a', 'b', 'c'] as const;

/** As much of a decision as tests look at. */
export interface PaymentDecision {
  readonly decided_by: string;
  readonly sentence: string;
  readonly rule: string | null;
  readonly version: string | null;
  readonly order: readonly { readonly name: string }[];
  readonly excluded: readonly { readonly name: string; readonly reason: string }[];
}

/** Called inside a suite: brings its hooks along. */
export function routingWorld(database: TestDatabase) {
  let place: DatabasePlace;
  let app: TestSwitch;
  let ids: Record<string, string> = {};
  const idOf = (name: string) => ids[name] ?? '';

  before(async () => {
    place = await database.open();
    app = await startTestSwitch(place, { jobs: false });
    const { create } = accountTools(app);
    for (const name of names) {
      const made = await create({ name }, `sim_${name}`);
      expect(made.status, made.text).to.equal(201);
      ids = { ...ids, [name]: made.body['id'] };
    }
  });
  after(() => closeBooks(app));
  afterEach(async () => {
    await simulatorFault(app);
    // Outages of the test before are over: its breakers have cooled down and their window is past.
    app.running.desk.routing.health.forget();
  });

  /** Each rule has its own name, and so its own shares and turns. */
  async function use(name: string, strategy: string, more: object = {}, failover?: object) {
    const rule = { name, when: { currency: 'USD' }, use: { strategy, accounts: names, ...more } };
    const rules = {
      version: 1,
      rules: [failover ? { ...rule, failover } : rule],
      default: { strategy: 'failover', accounts: 'all' },
    };
    const set = await app.call('/v1/routing', { method: 'PUT', body: { rules } });
    expect(set.status, set.text).to.equal(200);
    return set.body['version'] as string;
  }

  const pay = (more: Record<string, unknown> = {}, on = app) =>
    on.call('/v1/payments', { body: chargeBody(more) });

  async function patch(name: string, body: object): Promise<void> {
    const set = await app.call(`/v1/accounts/${idOf(name)}`, { method: 'PATCH', body });
    expect(set.status, set.text).to.equal(200);
  }

  const limit = (name: string, limits: object | null) => patch(name, { limits });

  const nameOf = (id: string) => names.find((name) => idOf(name) === id) ?? id;

  /** Payments, so many at once, over the nodes in turn; the answers in the order of the bodies. */
  async function payAll(
    bodies: readonly Record<string, unknown>[],
    atOnce: number,
    nodes: readonly TestSwitch[] = [],
  ) {
    const answers: Answer[] = [];
    let next = 0;
    const worker = async () => {
      while (next < bodies.length) {
        const at = next;
        next += 1;
        answers[at] = await pay(bodies[at], nodes[at % nodes.length]);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    return answers;
  }

  /** The successes of each account, by name. */
  function successes(answers: readonly Answer[]): Record<string, number> {
    const each: Record<string, number> = { a: 0, b: 0, c: 0 };
    for (const { status, body } of answers) {
      if (status !== 201) continue;
      const name = nameOf(body['account']);
      each[name] = (each[name] ?? 0) + 1;
    }
    return each;
  }

  async function routingOf(id: string) {
    const { body } = await app.call(`/v1/payments/${id}/routing`);
    const attempts: { name: string; state: string; decision: PaymentDecision | null }[] =
      body['attempts'];
    return {
      decision: body['decision'],
      attempts: attempts.map(({ name, state }) => `${name} ${state}`),
      decisions: attempts.map(({ decision }) => decision),
    };
  }

  // Memory is exact on SQLite. On Postgres the board is read anew for each decision, and what is
  // just being committed may be counted twice or not yet: as many as are on their way.
  const near = (atOnce: number) => (database.name === 'sqlite' ? 1 : atOnce);

  /** Another process on the same database, with a clock of the same time. */
  const another = (): Promise<TestSwitch> => {
    const { simulatorUrl, clock } = app;
    return startTestSwitch(place, { jobs: false, simulatorUrl, clock });
  };

  async function restart(): Promise<void> {
    const first = app;
    await first.running.stop();
    const again = await another();
    // The simulator belongs to the first one.
    const stop = async () => {
      await again.stop();
      await first.stop();
    };
    app = { ...again, stop };
  }

  const current = () => app;
  return {
    current,
    idOf,
    use,
    pay,
    patch,
    limit,
    nameOf,
    payAll,
    successes,
    routingOf,
    near,
    another,
    restart,
  };
}
