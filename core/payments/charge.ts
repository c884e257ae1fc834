/** What every charge needs before it begins: the method read and checked, the accounts in order. */
import type { Account } from '../accounts/account.ts';
import { choose } from '../routing/choose.ts';
import type { MethodInput } from '../sdk/command.ts';
import { readMethod } from './card.ts';
import type { Desk } from './desk.ts';
import type { PaymentRecord } from './record.ts';
import type { MethodBody } from './schema.ts';

export interface PreparedCharge {
  readonly method: MethodInput;
  readonly account: Account;
  /** Where else it may go when it surely did not leave. */
  readonly alternatives: readonly Account[];
  /** What the payment keeps of it. */
  readonly columns: Pick<PaymentRecord, 'account_id' | 'method' | 'routing'>;
}

/** Throws Problems about the card, the named account, or that nothing can take the payment. */
export async function prepareCharge(
  desk: Desk,
  payment: PaymentRecord,
  methodBody: MethodBody,
  accountId: string | undefined,
): Promise<PreparedCharge> {
  const { merchant_id: merchantId, amount, currency, capture_method: capture } = payment;
  const method = readMethod(methodBody, merchantId, desk.keyring, desk.clock.now());
  const wish = { amount, currency, capture, method: method.input.type, account: accountId };
  const { accounts, decision } = choose(wish, await desk.accounts.list(merchantId));
  const [account, ...alternatives] = accounts;
  return {
    method: method.input,
    account,
    alternatives,
    columns: {
      account_id: account.record.id,
      method: JSON.stringify(method.summary),
      routing: JSON.stringify(decision),
    },
  };
}
