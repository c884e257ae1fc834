/** A switch whose processor keeps methods, and one customer at a time: for core/methods. */
import { connectors } from '../../connectors/index.ts';
import { startTestSwitch, type Answer, type TestSwitch } from './app.ts';
import type { DatabasePlace } from './databases.ts';
import { methodKeeper, type Keeper } from './method-keeper.ts';
import type { SetupRecord } from '../../core/methods/record.ts';

export interface KeepingWorld {
  readonly app: TestSwitch;
  readonly keeper: Keeper;
  /** The account at the processor that keeps methods. */
  readonly account: string;
  customer: string;
  /** Another customer; what the processor and the log said so far is forgotten. */
  begin(): Promise<void>;
  bodyOf(more?: object): object;
  withToken(token: string, more?: object): object;
  create(body?: object, idempotencyKey?: string): Promise<Answer>;
  read(id: string): Promise<Answer['body']>;
  sync(id: string): Promise<Answer>;
  cancel(id: string): Promise<Answer>;
  /** The customer's payment methods. */
  methods(): Promise<Answer['body'][]>;
  /** The events about one object, newest first. */
  typesOf(id: string): Promise<string[]>;
  /** The customer's one set-up, as stored. */
  stored(): Promise<SetupRecord>;
}

export async function startKeeping(place: DatabasePlace): Promise<KeepingWorld> {
  const keeper = methodKeeper();
  const connected = { connectors: [...connectors, keeper.connector], jobs: false };
  const app = await startTestSwitch(place, connected);
  const body = { connector: 'method-keeper', name: 'Keeper', settings: {}, priority: 99 };
  const account: string = (await app.call('/v1/accounts', { body })).body['id'];
  const world: KeepingWorld = {
    app,
    keeper,
    account,
    customer: '',
    async begin() {
      const jane = { name: 'Jane Doe', email: 'jane@example.com' };
      world.customer = (await app.call('/v1/customers', { body: jane })).body['id'];
      keeper.calls.length = 0;
      app.complaints.length = 0;
    },
    bodyOf: (more = {}) => ({
      customer_id: world.customer,
      account,
      payment_method: { type: 'hosted' },
      return_url: 'https://shop.example/cards',
      ...more,
    }),
    withToken: (token, more = {}) =>
      world.bodyOf({ payment_method: { type: 'token', token }, ...more }),
    create: (wanted = world.bodyOf(), key) =>
      app.call('/v1/setups', {
        body: wanted,
        ...(key === undefined ? {} : { headers: { 'idempotency-key': key } }),
      }),
    read: async (id) => (await app.call(`/v1/setups/${id}`)).body,
    sync: (id) => app.call(`/v1/setups/${id}/sync`, { body: {} }),
    cancel: (id) => app.call(`/v1/setups/${id}/cancel`, { body: {} }),
    methods: async () => {
      const path = `/v1/payment_methods?customer_id=${world.customer}`;
      return (await app.call(path)).body['data'] as Answer['body'][];
    },
    typesOf: async (id) => {
      const events = (await app.call('/v1/events?limit=100')).body['data'] as {
        type: string;
        data: { object: { id: string } };
      }[];
      return events.filter(({ data }) => data.object.id === id).map(({ type }) => type);
    },
    stored: async () => {
      const where = { customer_id: world.customer };
      const [row] = await app.running.db.find<SetupRecord>('setups', where);
      if (!row) throw new Error('no set-up was written');
      return row;
    },
  };
  return world;
}
