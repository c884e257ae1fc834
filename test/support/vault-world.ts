/**
 * A switch with three processors: the simulator, one that keeps methods (method-keeper.ts), and the
 * simulator once more, which saves cards itself on one account and can be interrupted on the other.
 */
import { connectors } from '../../connectors/index.ts';
import { cardSimulator } from '../../connectors/card-simulator/index.ts';
import { defineConnector, Secret } from '../../core/sdk/index.ts';
import type { PaymentMethodRecord } from '../../core/methods/record.ts';
import { startTestSwitch, type Answer, type TestSwitch } from './app.ts';
import { simulatorFault } from './books.ts';
import { cardScan } from './card-scan.ts';
import type { DatabasePlace } from './databases.ts';
import { methodKeeper, type Keeper } from './method-keeper.ts';

export interface VaultWorld {
  readonly app: TestSwitch;
  readonly keeper: Keeper;
  readonly savingAccount: string;
  readonly spyAccount: string;
  customer: string;
  /** Another customer, and nothing on record yet. */
  begin(): Promise<void>;
  pay(body: object, idempotencyKey?: string): Promise<Answer>;
  /** POST /v1/payment_methods with the secret key. */
  save(body: object, options?: { key?: string }): Promise<Answer>;
  /** The same with the public key. */
  tokenize(body: object): Promise<Answer>;
  keptAtProcessor(): Promise<string>;
  methods(): Promise<Answer['body'][]>;
  /** The customer's rows, whatever their state. */
  rows(): Promise<PaymentMethodRecord[]>;
  row(id: string): Promise<PaymentMethodRecord>;
  typesOf(methodId: string): Promise<string[]>;
  fault(rule?: Record<string, unknown>): Promise<void>;
  /** Runs while the next authorization at {@link spyAccount} is on its way. */
  during(act: () => Promise<void>): void;
  /** What a scan finds in the database, the log, the events and every answer so far. */
  scan(): Promise<string[]>;
}

/** The account that answers what it has saved. */
const savingKey = 'sim_saves';

function spyOn(acts: (() => Promise<void>)[]) {
  let saved = 0;
  return defineConnector({
    ...cardSimulator,
    id: 'spy-simulator',
    operations: {
      ...cardSimulator.operations,
      authorize: async (context, command) => {
        await acts.shift()?.();
        const outcome = await cardSimulator.operations.authorize(context as never, command);
        const { api_key: key } = context.settings as { api_key: string };
        if (outcome.status !== 'succeeded' || key !== savingKey) return outcome;
        saved += 1;
        const instrument = { type: 'card', brand: 'visa', last4: '4242' } as const;
        return { ...outcome, saved: { token: new Secret(`tok_saved_${saved}`), instrument } };
      },
    },
  });
}

export async function startVault(place: DatabasePlace): Promise<VaultWorld> {
  const keeper = methodKeeper();
  const acts: (() => Promise<void>)[] = [];
  const connected = [...connectors, keeper.connector, spyOn(acts)];
  const yaml =
    'rate_limits: { public: { per_second: 100000 }, management: { per_second: 100000 } }\n';
  const app = await startTestSwitch(place, { connectors: connected, jobs: false, yaml });
  const account = async (connector: string, name: string, more: object): Promise<string> => {
    const body = { connector, name, settings: more, priority: 99 };
    return (await app.call('/v1/accounts', { body })).body['id'];
  };
  const simulator = { base_url: app.simulatorUrl, api_key: 'sim_spy' };
  const keeperAccount = await account('method-keeper', 'Keeper', {});
  const answers: string[] = [];
  let tokens = 0;
  const noted = async (answer: Promise<Answer>): Promise<Answer> => {
    answers.push((await answer).text);
    return answer;
  };
  const world: VaultWorld = {
    app,
    keeper,
    savingAccount: await account('spy-simulator', 'Saves', { ...simulator, api_key: savingKey }),
    spyAccount: await account('spy-simulator', 'Spy', simulator),
    customer: '',
    async begin() {
      world.customer = (await app.call('/v1/customers', { body: {} })).body['id'];
      keeper.forgotten.length = 0;
      app.complaints.length = 0;
      await simulatorFault(app);
    },
    pay: (body, key) => {
      const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key };
      return noted(app.call('/v1/payments', { body, headers }));
    },
    save: (body, { key } = {}) => {
      const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key };
      return noted(app.call('/v1/payment_methods', { body, headers }));
    },
    tokenize: (body) =>
      noted(app.call('/v1/payment_methods', { body, key: app.credentials.public_key })),
    keptAtProcessor: async () => {
      tokens += 1;
      const body = {
        customer_id: world.customer,
        account: keeperAccount,
        payment_method: { type: 'token', token: `tok_vault_${tokens}` },
        return_url: 'https://shop.example/cards',
      };
      return (await app.call('/v1/setups', { body })).body['payment_method'] as string;
    },
    methods: async () => {
      const path = `/v1/payment_methods?customer_id=${world.customer}`;
      return (await noted(app.call(path))).body['data'] as Answer['body'][];
    },
    rows: () =>
      app.running.db.find<PaymentMethodRecord>('payment_methods', { customer_id: world.customer }),
    row: async (id) => {
      const [row] = await app.running.db.find<PaymentMethodRecord>('payment_methods', { id });
      if (!row) throw new Error('there is no such row');
      return row;
    },
    typesOf: async (id) => {
      const rows = await app.running.db.find<{ type: string; data: string }>('events', {
        merchant_id: app.credentials.merchant_id,
      });
      return rows
        .filter(({ type, data }) => type.startsWith('payment_method.') && data.includes(id))
        .map(({ type }) => type);
    },
    fault: (rule) => simulatorFault(app, rule),
    during: (act) => void acts.push(act),
    scan: async () => {
      const events = (await app.call('/v1/events?limit=100')).text;
      const texts = { answers: answers.join('\n'), events };
      return cardScan({ db: app.running.db, lines: app.lines, texts });
    },
  };
  return world;
}
