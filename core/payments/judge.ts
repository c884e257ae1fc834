/**
 * From an answer (or its absence) to a verdict. Pure. The processor's word is held against what was
 * asked, to the unit: an answer about other money is not a success, it is a question.
 */
import { canonicalJson, type Json } from '../base/json.ts';
import type { Fault } from '../sdk/fault.ts';
import type { Keyring } from '../base/keyring.ts';
import type { Outcome, Refusal } from '../sdk/outcome.ts';
import type { SavedMethod } from '../sdk/saved-method.ts';
import { storedAction } from '../methods/next-action.ts';
import { storedOr, type OperationRecord, type OperationResult } from './record.ts';

/** What an operation has come to: its next state, the handle, and what is known besides. */
export interface Verdict {
  readonly state: 'succeeded' | 'pending' | 'declined' | 'failed' | 'unknown' | 'review';
  readonly ref: string | null;
  readonly result: OperationResult;
  /** The method was saved on the way: kept with the outcome, never in its row. */
  readonly saved?: SavedMethod;
}

/** The verdict on a connector's outcome. */
export function judge(
  operation: OperationRecord,
  outcome: Outcome<unknown>,
  keyring: Keyring,
): Verdict {
  const ref = outcome.ref === undefined ? operation.ref : canonicalJson(outcome.ref as Json);
  switch (outcome.status) {
    case 'succeeded': {
      const { amount, currency } = outcome.amount;
      const told = {
        ...(outcome.verification && { verification: outcome.verification }),
        ...(outcome.instrument && { instrument: outcome.instrument }),
      };
      if (
        amount === operation.amount &&
        currency === operation.currency &&
        // What began at the processor does not bear our id there; its ref says which one it is.
        (operation.origin === 'processor' || outcome.operationId === operation.id)
      ) {
        const saved = outcome.saved && { saved: outcome.saved };
        return { state: 'succeeded', ref, result: told, ...saved };
      }
      const found = { amount, currency, operation: outcome.operationId };
      return { state: 'review', ref, result: { ...told, found } };
    }
    case 'pending': {
      const { next_action: known } = storedOr<OperationResult>(operation.result, {});
      const action = outcome.nextAction && storedAction(outcome.nextAction, known, keyring);
      return {
        state: 'pending',
        ref,
        result: {
          waiting_for: outcome.waitingFor,
          ...(action && { next_action: action }),
          ...(outcome.lastDecline && refusal(outcome.lastDecline)),
        },
      };
    }
    case 'declined':
      return { state: 'declined', ref, result: refusal(outcome) };
  }
}

function refusal({ code, advice, processorCode, message }: Refusal): OperationResult {
  return {
    decline_code: code,
    advice,
    processor_code: processorCode,
    ...(message === undefined ? {} : { message }),
  };
}

/** The verdict on a fault: surely nothing, or only asking can tell. */
export function judgeFault(operation: OperationRecord, fault: Fault): Verdict {
  return {
    state: fault.effect === 'none' ? 'failed' : 'unknown',
    ref: operation.ref,
    result: { fault: fault.kind },
  };
}
