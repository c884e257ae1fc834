/** Which problem an operation's end is, if it is one. */
import type { JsonObject } from '../base/json.ts';
import { Problem } from '../sdk/problem.ts';
import { storedOr, type OperationResult, type OperationRecord } from './record.ts';

/** The object the operation was for (a payment, a refund) travels inside the problem. */
export function refusalOf(operation: OperationRecord, object: object): Problem | undefined {
  const result = storedOr<OperationResult>(operation.result, {});
  const name = operation.kind === 'refund' ? 'refund' : 'payment';
  const members: JsonObject = { [name]: object as JsonObject };
  if (operation.state === 'declined') {
    const code =
      result.decline_code === 'authentication_required'
        ? 'authentication_required'
        : 'payment_declined';
    return new Problem(code, result.message ?? 'the processor declined the operation', {
      members: {
        decline_code: result.decline_code,
        processor_code: result.processor_code,
        advice: result.advice,
        ...members,
      },
    });
  }
  if (operation.state === 'failed') {
    const refused = result.fault === 'rejected' || result.fault === 'unauthorized';
    return refused
      ? new Problem(
          'processor_refused',
          'the processor refused the request; nothing was carried out',
          { members },
        )
      : new Problem(
          'processor_unreachable',
          'no processor could be reached; nothing was carried out',
          { members },
        );
  }
  return undefined;
}
