/** Accounts at the simulator for a test: made over HTTP, looked at from both sides. */
import type { AccountRecord } from '../../core/accounts/account.ts';
import { contextOf } from '../../core/accounts/context.ts';
import { merchantOf } from '../../connectors/card-simulator/processor/ids.ts';
import { chargeBody, type TestSwitch } from './app.ts';

interface EndpointView {
  readonly id: string;
  readonly url: string;
  readonly description: string | null;
}

export function accountTools(app: TestSwitch) {
  let made = 0;
  const { simulatorUrl, running } = app;
  const settingsOf = (api_key: string) => ({ base_url: simulatorUrl, api_key });
  return {
    settingsOf,
    /** A new account behind those of the sandbox; `more` over the body. */
    create: async (more: Record<string, unknown> = {}, api_key = `sim_own_${made}`) => {
      made += 1;
      const name = `Account ${made}`;
      const body = { connector: 'card-simulator', name, priority: 50, ...more };
      return app.call('/v1/accounts', { body: { settings: settingsOf(api_key), ...body } });
    },
    read: async (id: string) => (await app.call(`/v1/accounts/${id}`)).body,
    row: async (id: string): Promise<AccountRecord> => {
      const [record] = await running.db.find<AccountRecord>('accounts', { id });
      if (!record) throw new Error(`no account ${id}`);
      return record;
    },
    pay: (account: string) => app.call('/v1/payments', { body: { ...chargeBody(), account } }),
    /** How many operations the simulator knows of that key. */
    chargedAt: async (api_key: string): Promise<number> => {
      const answer = await fetch(`${simulatorUrl}/ledger?merchant=${merchantOf(api_key)}`);
      return ((await answer.json()) as { count: number }).count;
    },
    endpointsAt: (api_key: string, url = simulatorUrl) => endpointsOf(url, api_key),
  };
}

/** What is registered at a simulator under a key. */
export async function endpointsOf(url: string, api_key: string): Promise<EndpointView[]> {
  const headers = { authorization: `Bearer ${api_key}` };
  const answer = await fetch(`${url}/v1/webhook_endpoints`, { headers });
  return ((await answer.json()) as { data: EndpointView[] }).data;
}

/**
 * Takes the endpoints of the sandbox's accounts away, behind the switch's back: it hears no news
 * and has to ask. For tests about when it asks.
 */
export async function silenceNews({ running, credentials }: TestSwitch): Promise<void> {
  const { accounts, mode, clock } = running.desk;
  for (const account of await accounts.list(credentials.merchant_id)) {
    const { webhook_reference: reference } = account.record;
    if (reference === null) continue;
    await account.connector.endpoint?.remove(contextOf(account, mode, clock), { reference });
  }
}
