/** Calling a set-up off. */
import { commitWithAnswer } from '../idempotency/answer.ts';
import { contextOf } from '../accounts/context.ts';
import { Problem } from '../sdk/problem.ts';
import type { Reply } from '../sdk/route.ts';
import type { JsonObject } from '../base/json.ts';
import { askSetup } from './ask.ts';
import { conclude, isOpen } from './conclude.ts';
import { accountOf, processorProblem, setupFor, type Caller } from './desk.ts';
import { presentSetup } from './present.ts';
import type { MethodsDeps, SetupRecord } from './record.ts';
import { judgeSetup } from './verdict.ts';

/**
 * Answers the cancelled set-up. Throws Problems: `setup_state` when it has ended otherwise or the
 * processor has not confirmed its beginning yet, `processor_unreachable` or `processor_refused`
 * when the processor did not do it; a repeat is safe then.
 */
export async function cancelSetup(deps: MethodsDeps, caller: Caller, id: string): Promise<Reply> {
  const { merchantId } = caller.principal;
  const asked = await askSetup(deps, await setupFor(deps, merchantId, id));
  const after = isOpen(asked) ? await cancel(deps, asked) : asked;
  if (after.status !== 'cancelled') throw notCancelled(deps, after);
  const answer = { status: 200, body: presentSetup(after, deps.keyring) };
  return commitWithAnswer(deps, caller.slot, answer, []);
}

async function cancel(deps: MethodsDeps, setup: SetupRecord): Promise<SetupRecord> {
  const account = await accountOf(deps, setup.merchant_id, setup.account_id);
  const { setups } = account.connector;
  if (setup.ref === null || !setups) throw notCancelled(deps, setup);
  const command = { setupId: setup.id, ref: JSON.parse(setup.ref) as unknown };
  const outcome = await setups
    .cancel(contextOf(account, deps.mode, deps.clock), command)
    .catch((error: unknown) => {
      throw processorProblem(deps, account, setup.id, error);
    });
  return conclude(deps, setup, judgeSetup(outcome));
}

function notCancelled({ keyring }: MethodsDeps, setup: SetupRecord): Problem {
  const detail = isOpen(setup)
    ? 'the processor has not confirmed the set-up yet: sync it, then cancel'
    : `a set-up that is ${setup.status} cannot be cancelled`;
  return new Problem('setup_state', detail, {
    members: { setup: presentSetup(setup, keyring) as JsonObject },
  });
}
