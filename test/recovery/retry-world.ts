/**
 * What the specs about later retries share: a processor whose answers are written down beforehand,
 * rules that ask for retries, and a customer with a card in the vault.
 */
import { expect } from 'chai';
import { connectors } from '../../connectors/index.ts';
import { retryDue } from '../../core/payments/retry-later.ts';
import { defineConnector, Fault, type Advice, type DeclineCode } from '../../core/sdk/index.ts';
import { card, type Answer, type TestSwitch } from '../support/app.ts';
import type { DatabasePlace, TestDatabase } from '../support/databases.ts';
import { paperProcessor } from '../support/paper-processor.ts';
import { breaches, post, startStill } from './world.ts';

export type Word = 'approve' | 'lost' | 'unreachable' | readonly [DeclineCode, Advice];

export const soft: Word = ['do_not_honor', 'later'];
export const noFunds: Word = ['insufficient_funds', 'later'];
export const hard: Word = ['do_not_honor', 'never'];

/** The paper processor, whose next answers are written down beforehand; the last one stays. */
function moodyProcessor() {
  const paper = paperProcessor();
  const { operations: honest } = paper.connector;
  const mood = { words: [] as Word[], asked: 0 };
  const connector = defineConnector({
    ...paper.connector,
    operations: {
      ...honest,
      authorize: async (context, command) => {
        mood.asked += 1;
        const word = (mood.words.length > 1 ? mood.words.shift() : mood.words[0]) ?? 'approve';
        if (word === 'approve') return honest.authorize(context as never, command);
        if (word === 'unreachable') throw new Fault('unreachable', 'as the test asked for');
        if (word === 'lost') {
          await honest.authorize(context as never, command);
          throw new Fault('timed_out', 'as the test asked for, after it was done');
        }
        const [code, advice] = word;
        return { status: 'declined' as const, code, advice, processorCode: '51' };
      },
    },
  });
  return { connector, mood };
}

/** All payments go to the account `Paper`; `retry` begins with a comma, or is empty. */
const rules = (retry: string) => `version: 1
rules: []
default: { strategy: failover, accounts: [Paper]${retry} }
`;

/** Call it inside the suite: its hooks start the switch, and look for leftovers after each test. */
export function retryWorld(database: TestDatabase) {
  const { connector, mood } = moodyProcessor();
  const world = {
    app: undefined as unknown as TestSwitch,
    place: undefined as unknown as DatabasePlace,
    customer: '',
    method: '',
    connector,
    mood,
    async ruleSays(retry: string): Promise<void> {
      const body = { rules: rules(retry) };
      const set = await world.app.call('/v1/routing', { method: 'PUT', body });
      expect(set.status, set.text).to.equal(200);
    },
    /** A payment whose first answer is a decline; the other words are for what follows. */
    async declined(words: Word[], more: object = {}): Promise<Answer['body']> {
      mood.words = words;
      const body = {
        amount: 4900,
        currency: 'USD',
        confirm: true,
        off_session: true,
        customer_id: world.customer,
        payment_method: { type: 'saved', id: world.method },
        ...more,
      };
      return (await post(world.app, '/v1/payments', body, 402))['payment'];
    },
    retry(waitMs: number): Promise<number> {
      world.app.clock.advance(waitMs);
      return retryDue(world.app.running.desk);
    },
    inMs: (ms: number): string => new Date(world.app.clock.now() + ms).toISOString(),
  };

  before(async () => {
    world.place = await database.open();
    const app = await startStill(world.place, { connectors: [...connectors, connector] });
    world.app = app;
    const account = { connector: 'paper', name: 'Paper', settings: { key: 'k' } };
    await post(app, '/v1/accounts', account, 201);
    world.customer = (await post(app, '/v1/customers', {}, 201))['id'];
    const kept = { customer_id: world.customer, ...card('4242424242424242') };
    world.method = (await post(app, '/v1/payment_methods', kept, 201))['id'];
  });
  beforeEach(async () => {
    Object.assign(mood, { words: [], asked: 0 });
    await world.ruleSays(', retry_later: { max_attempts: 3, within_hours: 72 }');
  });
  afterEach(async () => {
    const { db } = world.app.running;
    const left = await db.rows(db.knex('payment_retries').select('*'));
    expect(left, 'what ended left nothing behind').to.deep.equal([]);
    expect(await breaches(world.app)).to.deep.equal([]);
  });
  after(async () => {
    const stopped = world.app as TestSwitch | undefined;
    expect(stopped?.complaints ?? []).to.deep.equal([]);
    await stopped?.stop();
  });
  return world;
}
