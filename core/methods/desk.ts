/** What the set-up verbs share: who asks, what is theirs, and how an end is answered. */
import type { Account } from '../accounts/account.ts';
import { Problem } from '../sdk/problem.ts';
import type { JsonObject } from '../base/json.ts';
import type { IdempotencySlot, Principal, Reply } from '../sdk/route.ts';
import { findOne } from '../storage/index.ts';
import { presentSetup } from './present.ts';
import type { MethodsDeps, SetupError, SetupRecord } from './record.ts';
import { faultOf } from '../accounts/fault.ts';

export interface Caller {
  readonly principal: Principal;
  readonly requestId: string;
  readonly slot: IdempotencySlot | undefined;
}

/** The merchant's set-up. Throws `not_found` for absent and foreign ones alike. */
export async function setupFor(
  { db }: Pick<MethodsDeps, 'db'>,
  merchantId: string,
  id: string,
): Promise<SetupRecord> {
  const setup = await findOne<SetupRecord>(db, 'setups', { id, merchant_id: merchantId });
  if (!setup) throw new Problem('not_found', 'there is no such set-up');
  return setup;
}

/** The account of something that was begun there; a deleted one still answers about its past. */
export async function accountOf(
  { accounts }: Pick<MethodsDeps, 'accounts'>,
  merchantId: string,
  accountId: string,
): Promise<Account> {
  const account = await accounts.find(merchantId, accountId);
  if (account) return account;
  throw new Problem('account_unusable', "the account's connector is not installed any more", {
    param: 'account',
  });
}

/**
 * The refusal for a call that is safe to repeat (a cancellation, a forgetting): nothing was written
 * of it here, so the caller may simply send it again.
 */
export function processorProblem(
  { observer }: Pick<MethodsDeps, 'observer'>,
  account: Account,
  subject: string,
  error: unknown,
): Problem {
  const fault = faultOf(error);
  observer.methodFault(account, subject, fault);
  return fault.kind === 'rejected' || fault.kind === 'unauthorized'
    ? new Problem('processor_refused', 'the processor refused the request; nothing was changed')
    : new Problem('processor_unreachable', 'the processor did not confirm it: send it again');
}

/** A set-up as the answer to whoever began it: 202 while nobody knows, a problem when it failed. */
export function answerTo(
  deps: Pick<MethodsDeps, 'keyring'>,
  { requestId }: Pick<Caller, 'requestId'>,
  success: number,
  setup: SetupRecord,
): { status: number; body: unknown } {
  const body = presentSetup(setup, deps.keyring);
  if (setup.status === 'failed' && setup.last_error !== null) {
    const problem = problemOf(JSON.parse(setup.last_error) as SetupError, body);
    return { status: problem.status, body: problem.toJson(requestId) };
  }
  return { status: setup.status === 'processing' ? 202 : success, body };
}

/** The set-up travels inside the problem. */
function problemOf(error: SetupError, body: object): Problem {
  const setup = body as JsonObject;
  if (error.code === 'declined') {
    const { decline_code, processor_code, advice } = error;
    return new Problem('setup_declined', error.message, {
      members: { decline_code, processor_code, advice, setup },
    });
  }
  const code = error.code === 'refused' ? 'processor_refused' : 'processor_unreachable';
  return new Problem(code, error.message, { members: { setup } });
}

/**
 * The answer to a repeated request whose first run left none: how the set-up stands by now. The
 * idempotency row names it in `operation_id` (`seti_…`). Throws Problem `not_found`.
 */
export async function resumeSetup(
  deps: Pick<MethodsDeps, 'db' | 'keyring'>,
  merchantId: string,
  setupId: string,
  requestId: string,
): Promise<Reply> {
  const setup = await setupFor(deps, merchantId, setupId);
  return answerTo(deps, { requestId }, 200, setup);
}
