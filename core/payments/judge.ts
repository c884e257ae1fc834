/**
 * From an answer (or its absence) to a verdict. Pure. The processor's word is held against what was
 * asked, to the unit: an answer about other money is not a success, it is a question.
 */
import { canonicalJson, type Json } from '../base/json.ts';
import { Fault } from '../sdk/fault.ts';
import type { Outcome } from '../sdk/outcome.ts';
import type { OperationRecord, OperationResult } from './record.ts';

/** What an operation has come to: its next state, the handle, and what is known besides. */
export interface Verdict {
  readonly state: 'succeeded' | 'pending' | 'declined' | 'failed' | 'unknown' | 'review';
  readonly ref: string | null;
  readonly result: OperationResult;
}

/** The verdict on a connector's outcome. */
export function judge(operation: OperationRecord, outcome: Outcome<unknown>): Verdict {
  const ref = outcome.ref === undefined ? operation.ref : canonicalJson(outcome.ref as Json);
  switch (outcome.status) {
    case 'succeeded': {
      const { amount, currency } = outcome.amount;
      const verification = outcome.verification ? { verification: outcome.verification } : {};
      if (
        amount === operation.amount &&
        currency === operation.currency &&
        outcome.operationId === operation.id
      ) {
        return { state: 'succeeded', ref, result: verification };
      }
      const found = { amount, currency, operation: outcome.operationId };
      return { state: 'review', ref, result: { ...verification, found } };
    }
    case 'pending':
      return {
        state: 'pending',
        ref,
        result: {
          waiting_for: outcome.waitingFor,
          ...(outcome.nextAction ? { next_action: outcome.nextAction } : {}),
        },
      };
    case 'declined':
      return {
        state: 'declined',
        ref,
        result: {
          decline_code: outcome.code,
          advice: outcome.advice,
          processor_code: outcome.processorCode,
          ...(outcome.message === undefined ? {} : { message: outcome.message }),
        },
      };
  }
}

/** The verdict on a fault: surely nothing, or only asking can tell. */
export function judgeFault(operation: OperationRecord, fault: Fault): Verdict {
  return {
    state: fault.effect === 'none' ? 'failed' : 'unknown',
    ref: operation.ref,
    result: { fault: fault.kind },
  };
}

/**
 * Whatever a connector threw, as a fault. What is not a Fault is a bug in the connector, and a bug
 * may strike after the money moved.
 */
export function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const fault = new Fault('unintelligible', 'the connector broke');
  fault.cause = error;
  return fault;
}
