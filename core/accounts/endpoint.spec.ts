/** Which endpoint an account is to have, and what becomes of one whose registration went astray. */
import { expect } from 'chai';
import { openBench, type Bench } from '../access/fixture.spec.ts';
import { Secret } from '../base/secret.ts';
import { defineConnector, type AnyConnector } from '../sdk/connector.ts';
import { Fault } from '../sdk/fault.ts';
import { strict } from '../sdk/vocabulary.ts';
import { describeOnEachDatabase } from '../../test/support/databases.ts';
import { Accounts, type AccountRecord } from './account.ts';
import { followPublicUrl, plannedEndpoint, reconcileEndpoints } from './endpoint.ts';
import { draftAccount } from './verbs.ts';

describeOnEachDatabase('endpoints of processor accounts', (database) => {
  let bench: Bench;
  let base: string | undefined;
  /** What the processor has: account id → endpoints. */
  let registered: string[];
  let failing: Fault | undefined;
  let losesAnswers: boolean;
  const told: string[] = [];
  let made = 0;

  const refused = async () => {
    throw new Fault('unreachable', 'the spec calls no processor');
  };
  const parts = {
    webhook: { open: () => ({ id: 'e', type: 't', subjects: [] }) },
    endpoint: {
      register: async () => {
        if (failing) throw failing;
        registered = [`we_${registered.length + told.length}`];
        if (losesAnswers) throw new Fault('timed_out', 'the answer is lost');
        return { reference: String(registered[0]), secret: new Secret('whsec_hidden') };
      },
      remove: async (_context: unknown, { reference }: { readonly reference: string }) => {
        registered = registered.filter((each) => each !== reference);
      },
    },
  };
  function connectorWith(id: string, more: Partial<typeof parts>): AnyConnector {
    return defineConnector({
      id,
      name: id,
      settings: strict({}),
      ref: strict({}),
      replayWindowMs: 0,
      sandboxOnly: false,
      methods: {},
      operations: { authorize: refused, sync: refused },
      ...more,
    });
  }
  const whole = connectorWith('whole', parts);
  const byHand = connectorWith('by-hand', { webhook: parts.webhook });
  const silent = connectorWith('silent', {});
  let accounts: Accounts;
  const deps = (mode: 'sandbox' | 'live' = 'sandbox') => ({ ...bench, accounts, mode });

  before(async () => {
    bench = await openBench(await database.open());
    const list = [whole, byHand, silent];
    const connectors = new Map(list.map((connector) => [connector.id, connector]));
    const registry = { connectors, portOf: () => ({ send: refused }) };
    accounts = new Accounts(bench.db, bench.keyring, registry, {
      webhookBase: () => base,
      endpointFailed: (_record, error, final) => told.push(`${String(error)} ${final}`),
    });
  });
  after(() => (bench as Bench | undefined)?.db.close());
  beforeEach(() => {
    base = 'https://pay.test';
    registered = [];
    failing = undefined;
    losesAnswers = false;
    told.splice(0);
  });

  async function account(connector: AnyConnector): Promise<() => Promise<AccountRecord>> {
    made += 1;
    const body = { connector: connector.id, name: `Account ${made}`, settings: {} };
    const { record, changes } = draftAccount(deps(), bench.own.merchant.id, body);
    await bench.db.commit(changes);
    return async () => {
      const [row] = await bench.db.find<AccountRecord>('accounts', { id: record.id });
      if (!row) throw new Error('the account is gone');
      return row;
    };
  }

  it('are registered where there is an address and an API for it, else by hand or not', () => {
    const stateOf = (connector: AnyConnector, mode: 'sandbox' | 'live', url?: string) => {
      base = url;
      return plannedEndpoint(deps(mode), connector, 'acct_1').webhook_state;
    };
    expect(stateOf(whole, 'sandbox', 'http://pay.test')).to.equal('pending');
    expect(stateOf(whole, 'live', 'https://pay.test')).to.equal('pending');
    expect(stateOf(whole, 'live', 'http://pay.test')).to.equal('manual');
    expect(stateOf(byHand, 'live', 'https://pay.test')).to.equal('manual');
    expect(stateOf(silent, 'live', 'https://pay.test')).to.equal('none');
    expect(stateOf(whole, 'live')).to.equal('none');
  });

  it('whose answer was lost are tried again, and found again when they are to go', async () => {
    const row = await account(whole);
    losesAnswers = true;
    await reconcileEndpoints(deps());
    expect(await row()).to.include({ webhook_state: 'pending', webhook_fault: 'timed_out' });
    expect(registered).to.have.length(1);
    losesAnswers = false;
    base = undefined;
    await followPublicUrl(deps());
    expect((await row()).webhook_state).to.equal('removing');
    // Without an address nothing can be found by registering it: it is let go of.
    base = 'https://pay.test';
    await reconcileEndpoints(deps());
    expect(registered).to.deep.equal([]);
  });

  it('are removed when the public address is taken away, and come back with it', async () => {
    const row = await account(whole);
    await reconcileEndpoints(deps());
    expect((await row()).webhook_state).to.equal('registered');
    base = undefined;
    await followPublicUrl(deps());
    await reconcileEndpoints(deps());
    expect(await row()).to.include({ webhook_state: 'none', webhook_secret: null });
    expect(registered).to.deep.equal([]);
    base = 'https://elsewhere.test';
    await followPublicUrl(deps());
    await reconcileEndpoints(deps());
    const { id, webhook_url, webhook_state } = await row();
    expect(webhook_state).to.equal('registered');
    expect(webhook_url).to.equal(`https://elsewhere.test/webhooks/${id}`);
  });

  it('are tried by one of two at a time, with growing pauses, and given up at last', async () => {
    const row = await account(whole);
    failing = new Fault('unreachable', 'it is away');
    await Promise.all([reconcileEndpoints(deps()), reconcileEndpoints(deps())]);
    expect((await row()).webhook_tries).to.equal(1);
    let rounds = 1;
    while ((await row()).webhook_state === 'pending') {
      bench.clock.advance(24 * 3_600_000);
      await reconcileEndpoints(deps());
      rounds += 1;
    }
    expect(await row()).to.include({ webhook_state: 'failed', webhook_fault: 'unreachable' });
    expect(rounds).to.equal(13);
    expect(told.filter((line) => line.endsWith('true'))).to.have.length(1);
    failing = undefined;
    await followPublicUrl(deps());
    await reconcileEndpoints(deps());
    expect((await row()).webhook_state).to.equal('registered');
  });

  it('of a connector that was taken out wait for it', async () => {
    const row = await account(whole);
    const bare = new Accounts(bench.db, bench.keyring, {
      connectors: new Map(),
      portOf: () => ({ send: refused }),
    });
    await followPublicUrl({ ...deps(), accounts: bare });
    await reconcileEndpoints({ ...deps(), accounts: bare });
    expect(await row()).to.include({ webhook_state: 'pending', webhook_tries: 1 });
  });
});
