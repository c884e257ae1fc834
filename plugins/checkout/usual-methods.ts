/** What a page offers when nobody said: cards, where an account takes them; else its own page. */
import type { Principal } from '#sdk';
import type { PageMethod } from './record.ts';
import type { CheckoutHost } from './store.ts';

interface NativeAccount {
  readonly id: string;
  readonly connector: string;
  readonly status: string;
  readonly settings: Readonly<Record<string, unknown>> | null;
}

interface NativeConnector {
  readonly id: string;
  readonly methods: readonly {
    readonly type: string;
    readonly currencies: 'all' | readonly string[];
    /** A setting of the account that has to be true. */
    readonly requires?: string;
  }[];
}

interface List<T> {
  readonly data: readonly T[];
  readonly has_more: boolean;
}

/** `card`, unless nothing takes card numbers in this currency and something has a page for them. */
export async function usualMethods(
  host: CheckoutHost,
  merchantId: string,
  asked: { readonly currency: string; readonly account?: string | undefined },
): Promise<readonly PageMethod[]> {
  const principal = host.actFor({ merchantId });
  const { body } = await host.call<List<NativeConnector>>('listConnectors', { principal });
  const connectors = new Map(body.data.map((connector) => [connector.id, connector]));
  const takes = ({ connector, settings }: NativeAccount, method: PageMethod) => {
    const facts = connectors.get(connector)?.methods.find(({ type }) => type === method);
    if (!facts) return false;
    const { currencies, requires } = facts;
    const isEnabled = requires === undefined || settings?.[requires] === true;
    return isEnabled && (currencies === 'all' || currencies.includes(asked.currency));
  };
  let hasPage = false;
  for await (const account of accountsOf(host, principal)) {
    const isMeant = asked.account === undefined || account.id === asked.account;
    if (!isMeant || account.status !== 'active') continue;
    if (takes(account, 'card')) return ['card'];
    hasPage ||= takes(account, 'hosted');
  }
  return hasPage ? ['hosted'] : ['card'];
}

async function* accountsOf(host: CheckoutHost, principal: Principal) {
  let query: Record<string, string | number> = { limit: 100 };
  for (;;) {
    const { body } = await host.call<List<NativeAccount>>('listAccounts', { principal, query });
    yield* body.data;
    const last = body.data.at(-1);
    if (!body.has_more || !last) return;
    query = { limit: 100, starting_after: last.id };
  }
}
