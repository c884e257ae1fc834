/** What a processor's answer, or its silence, means for a set-up. Pure. */
import { canonicalJson, type Json } from '../base/json.ts';
import type { Fault } from '../sdk/fault.ts';
import type { NextAction, Refusal } from '../sdk/outcome.ts';
import type { SavedMethod, SetupOutcome } from '../sdk/saved-method.ts';
import type { SetupError } from './record.ts';

export type SetupVerdict =
  | { readonly status: 'succeeded'; readonly ref: string; readonly saved: SavedMethod }
  | {
      readonly status: 'requires_action' | 'processing';
      readonly ref: string;
      readonly nextAction: NextAction | undefined;
      readonly error: SetupError | undefined;
    }
  | { readonly status: 'failed'; readonly ref: string | undefined; readonly error: SetupError }
  | { readonly status: 'cancelled'; readonly ref: string }
  /** Nobody knows; it will be asked about. */
  | { readonly status: 'unknown' };

export function storedRef(ref: unknown): string {
  return canonicalJson(ref as Json);
}

function declined(refusal: Refusal): SetupError {
  const { code, advice, processorCode, message } = refusal;
  return {
    code: 'declined',
    decline_code: code,
    advice,
    processor_code: processorCode,
    message: message ?? 'the processor declined the payment method',
  };
}

export function judgeSetup(outcome: SetupOutcome<unknown>): SetupVerdict {
  switch (outcome.status) {
    case 'succeeded':
      return { status: 'succeeded', ref: storedRef(outcome.ref), saved: outcome.saved };
    case 'pending': {
      const { nextAction, lastDecline } = outcome;
      return {
        status: nextAction ? 'requires_action' : 'processing',
        ref: storedRef(outcome.ref),
        nextAction,
        error: lastDecline && declined(lastDecline),
      };
    }
    case 'declined':
      return {
        status: 'failed',
        ref: outcome.ref === undefined ? undefined : storedRef(outcome.ref),
        error: declined(outcome),
      };
    case 'cancelled':
      return { status: 'cancelled', ref: storedRef(outcome.ref) };
  }
}

export function judgeSetupFault(fault: Fault): SetupVerdict {
  return fault.effect === 'unknown' ? { status: 'unknown' } : notSent(fault);
}

/** It surely never began at the processor. */
export function notSent({ kind }: Fault): SetupVerdict {
  const refused = kind === 'rejected' || kind === 'unauthorized';
  return {
    status: 'failed',
    ref: undefined,
    error: refused
      ? { code: 'refused', message: 'the processor refused the request; nothing was carried out' }
      : {
          code: 'not_sent',
          message: 'the processor could not be reached; nothing was carried out',
        },
  };
}

/** The processor has said for long enough that it knows nothing of it. */
export const absent: SetupVerdict = {
  status: 'failed',
  ref: undefined,
  error: { code: 'not_sent', message: 'the processor has never heard of it' },
};
