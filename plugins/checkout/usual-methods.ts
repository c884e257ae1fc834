/** What a page offers when nobody said: cards, where an account takes them; else its own page. */
import { listAll, type NativeAccount, type NativeList } from '#sdk';
import type { PageMethod } from './record.ts';
import type { CheckoutHost } from './store.ts';

interface NativeConnector {
  readonly id: string;
  readonly methods: readonly {
    readonly type: string;
    readonly currencies: 'all' | readonly string[];
    /** A setting of the account that has to be true. */
    readonly requires?: string;
  }[];
}

/** `card`, unless nothing takes card numbers in this currency and something has a page for them. */
export async function usualMethods(
  host: CheckoutHost,
  merchantId: string,
  asked: { readonly currency: string; readonly account?: string | undefined },
): Promise<readonly PageMethod[]> {
  const principal = host.actFor({ merchantId });
  const { body } = await host.call<NativeList<NativeConnector>>('listConnectors', { principal });
  const connectors = new Map(body.data.map((connector) => [connector.id, connector]));
  const takes = ({ connector, settings }: NativeAccount, method: PageMethod) => {
    const facts = connectors.get(connector)?.methods.find(({ type }) => type === method);
    if (!facts) return false;
    const { currencies, requires } = facts;
    const isEnabled = requires === undefined || settings?.[requires] === true;
    return isEnabled && (currencies === 'all' || currencies.includes(asked.currency));
  };
  const accounts = await listAll((query) =>
    host.call<NativeList<NativeAccount>>('listAccounts', { principal, query }),
  );
  let hasPage = false;
  for (const account of accounts) {
    const isMeant = asked.account === undefined || account.id === asked.account;
    if (!isMeant || account.status !== 'active') continue;
    if (takes(account, 'card')) return ['card'];
    hasPage ||= takes(account, 'hosted');
  }
  return hasPage ? ['hosted'] : ['card'];
}
