/** Payment accounts as the document knows them: by whole numbers. */
import { listAll, Problem, type Call, type Host, type NativeAccount, type NativeList } from '#sdk';

/** Numbers run through all merchants, so that a stranger's is no account of mine. */
const everybody = '';

export interface NumberedAccount {
  readonly number: number;
  readonly account: NativeAccount;
}

/** The caller's own, the oldest first. */
export async function accountsOf(host: Host, call: Call): Promise<readonly NumberedAccount[]> {
  const accounts = await listAll((query) =>
    call<NativeList<NativeAccount>>('listAccounts', { query }),
  );
  const numbered: NumberedAccount[] = [];
  for (const account of accounts.toReversed()) {
    numbered.push({
      account,
      number: await host.aliases.number(everybody, 'account', account.id),
    });
  }
  return numbered;
}

/** Throws `forbidden` for a number that is no account of the caller's. */
export async function accountIn(host: Host, call: Call, number: number): Promise<string> {
  const found = (await accountsOf(host, call)).find((one) => one.number === number);
  if (found) return found.account.id;
  throw new Problem('forbidden', 'This payment account does not belong to you', {
    param: 'payment_account_id',
  });
}
