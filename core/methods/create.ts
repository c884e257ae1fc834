/** Beginning a set-up: the intention is durable before the processor hears of it. */
import { isoTime } from '../base/clock.ts';
import { newId } from '../base/id.ts';
import { Secret } from '../base/secret.ts';
import type { Account } from '../accounts/account.ts';
import { contextOf } from '../accounts/context.ts';
import type { CustomerRecord } from '../customers/customer.ts';
import type { HostedInput, TokenInput } from '../sdk/command.ts';
import type { Setups } from '../sdk/connector.ts';
import { Problem } from '../sdk/problem.ts';
import type { Reply } from '../sdk/route.ts';
import { insert } from '../storage/index.ts';
import { callMsMax, faultOf } from '../accounts/fault.ts';
import { conclude } from './conclude.ts';
import { customerReference, partyOf } from './customer-reference.ts';
import { answerTo, type Caller } from './desk.ts';
import type { MethodsDeps, SetupRecord } from './record.ts';
import type { SetupCreateBody } from './schema.ts';
import { judgeSetup, judgeSetupFault, notSent, type SetupVerdict } from './verdict.ts';

interface Begun {
  readonly account: Account;
  readonly setups: Setups<unknown, unknown>;
  readonly customer: CustomerRecord;
  readonly method: HostedInput | TokenInput;
}

export async function createSetup(
  deps: MethodsDeps,
  caller: Caller,
  body: SetupCreateBody,
): Promise<Reply> {
  const { merchantId } = caller.principal;
  const begun = await prepare(deps, merchantId, body);
  const setup = draft(deps, merchantId, body);
  const { slot } = caller;
  await deps.db.commit([
    insert('setups', { ...setup }),
    ...(slot ? [deps.idempotency.take(slot, { operationId: setup.id })] : []),
  ]);
  const verdict = await call(deps, setup, begun);
  // What was stored is what is sent: the last one made is of the commit that landed.
  let stored: Reply | undefined;
  const after = await conclude(deps, setup, verdict, (settled) => {
    if (!slot) return [];
    stored = undefined;
    if (settled.status === 'processing') return [deps.idempotency.leaveOpen(slot)];
    const answer = answerTo(deps, caller, 201, settled);
    const text = JSON.stringify(answer.body);
    stored = { ...answer, text };
    return [deps.idempotency.finish(slot, { status: answer.status, text })];
  });
  return stored ?? answerTo(deps, caller, 201, after);
}

/** Throws Problems about the customer, the account, or that the account cannot keep methods. */
async function prepare(
  deps: MethodsDeps,
  merchantId: string,
  body: SetupCreateBody,
): Promise<Begun> {
  const customer = await deps.customers.find(merchantId, body.customer_id);
  if (!customer) {
    throw new Problem('customer_unknown', 'there is no such customer: create it first', {
      param: 'customer_id',
    });
  }
  const listed = await deps.accounts.list(merchantId);
  const account = listed.find(({ record }) => record.id === body.account);
  const { connector } = account ?? {};
  const outOfPlace = connector?.sandboxOnly === true && deps.mode === 'live';
  if (!account || account.record.status !== 'active' || outOfPlace) {
    throw new Problem('account_unusable', 'there is no such account, or it is disabled', {
      param: 'account',
    });
  }
  const { setups, customers } = account.connector;
  if (!setups || !customers) {
    throw new Problem('not_supported', 'this processor account keeps no methods for later', {
      param: 'account',
    });
  }
  return { account, setups, customer, method: methodOf(body.payment_method) };
}

function methodOf({ type, token }: SetupCreateBody['payment_method']): HostedInput | TokenInput {
  const param = 'payment_method.token';
  if (type === 'token') {
    if (token !== undefined) return { type, token: new Secret(token) };
    throw new Problem('invalid_request', 'a payment method of type token has a token', { param });
  }
  if (token === undefined) return { type };
  throw new Problem('invalid_request', 'a payment method of type hosted has no token', { param });
}

function draft({ clock }: MethodsDeps, merchantId: string, body: SetupCreateBody): SetupRecord {
  const nowMs = clock.now();
  return {
    id: newId('setup', nowMs),
    merchant_id: merchantId,
    customer_id: body.customer_id,
    account_id: body.account,
    status: 'processing',
    method: body.payment_method.type,
    usage: body.usage ?? 'off_session',
    return_url: body.return_url,
    ref: null,
    next_action: null,
    last_error: null,
    payment_method_id: null,
    checks: 0,
    // While we are calling nobody asks; a call that is older has died with its process.
    next_check_at: isoTime(nowMs + callMsMax),
    absent_since: null,
    created_at: isoTime(nowMs),
    updated_at: isoTime(nowMs),
    version: 1,
  };
}

/** Never throws: whatever a connector throws is a fault with an effect. */
async function call(deps: MethodsDeps, setup: SetupRecord, begun: Begun): Promise<SetupVerdict> {
  const { account, setups, customer, method } = begun;
  const report = (error: unknown) => {
    const fault = faultOf(error);
    deps.observer.methodFault(account, setup.id, fault);
    return fault;
  };
  let reference: string | undefined;
  try {
    const party = partyOf(customer);
    reference = await customerReference(deps, account, setup.merchant_id, customer.id, party);
  } catch (error) {
    // Whatever became of the customer there: the set-up itself was surely not sent.
    return notSent(report(error));
  }
  try {
    const outcome = await setups.create(contextOf(account, deps.mode, deps.clock), {
      setupId: setup.id,
      customerReference: reference ?? '',
      usage: setup.usage,
      method,
      returnUrl: setup.return_url,
    });
    return judgeSetup(outcome);
  } catch (error) {
    return judgeSetupFault(report(error));
  }
}
