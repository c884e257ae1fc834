/** Refusals in Paypool's words: `errors` for fields (422), `message` for all else. */
import type { DialectRefusal, DialectReply, FieldFault, Problem } from '#sdk';

/** Native names of what an application said, where they differ. */
const fieldNames: Readonly<Record<string, string>> = {
  'customer.name': 'customer_name',
  'customer.email': 'customer_email',
  created_from: 'start_date',
  created_to: 'end_date',
  offset: 'page',
  return_url: 'success_redirect_url',
  success_url: 'success_redirect_url',
  cancel_url: 'failure_redirect_url',
};

/** Where a native sentence would speak of native names. */
const nativeSentences: Readonly<Record<string, string>> = {
  currency: 'The selected currency is invalid.',
  customer_email: 'The customer email field must be a valid email address.',
  success_redirect_url: 'The success redirect url field must be a valid URL.',
  failure_redirect_url: 'The failure redirect url field must be a valid URL.',
  start_date: 'The start date field must be a valid date.',
  end_date: 'The end date field must be a valid date.',
};

/** `external_id` → `external id`. */
const spoken = (field: string) => field.replaceAll('_', ' ');

const types: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  integer: 'an integer',
};

function sentence({ field, rule, wanted }: FieldFault): string {
  const name = spoken(field);
  const the = `The ${name} field`;
  switch (rule) {
    case 'required':
      return `${the} is required.`;
    case 'minLength':
      // Nothing is as good as missing; only a currency has another length.
      return wanted === 1 ? `${the} is required.` : `${the} must be ${String(wanted)} characters.`;
    case 'maxLength':
      return wanted === 3
        ? `${the} must be 3 characters.`
        : `${the} must not be greater than ${String(wanted)} characters.`;
    case 'minimum':
      return `${the} must be at least ${String(wanted)}.`;
    case 'maximum':
      return `${the} must not be greater than ${String(wanted)}.`;
    case 'enum':
      return `The selected ${name} is invalid.`;
    case 'format':
    case 'pattern':
      if (field.endsWith('_email')) return `${the} must be a valid email address.`;
      return `${the} must be a valid ${field.endsWith('_url') ? 'URL' : 'date'}.`;
    default:
      return `${the} must be ${types[String(wanted)] ?? 'an object'}.`;
  }
}

/** Messages of our own routes are sentences already. */
const asSentence = (text: string) =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`;

export function printedProblem({ problem, fields, requestId }: DialectRefusal): DialectReply {
  const errors = errorsOf(problem, fields);
  if (errors) return { status: 422, body: { success: false, errors } };
  if (problem.status >= 500) {
    const message = 'Internal Paypool error';
    return { status: 500, body: { success: false, message, request_id: requestId } };
  }
  return { status: statusOf(problem), body: { success: false, message: messageOf(problem) } };
}

function errorsOf(
  problem: Problem,
  fields: readonly FieldFault[],
): Readonly<Record<string, readonly string[]>> | undefined {
  if (problem.code === 'reference_taken') {
    return { external_id: ['The external id has already been taken.'] };
  }
  if (fields.some(({ field }) => field !== '')) {
    return Object.fromEntries(fields.map((fault) => [fault.field, [sentence(fault)]]));
  }
  const { param } = problem.options;
  if (param === undefined || problem.status !== 400) return undefined;
  const field = fieldNames[param] ?? param;
  return { [field]: [nativeSentences[field] ?? asSentence(problem.message)] };
}

function statusOf({ code, status }: Problem): number {
  // A payment that is not pending: as if it had been looked at first.
  return code === 'payment_state' || code === 'payment_expired' ? 400 : status;
}

function messageOf({ code, message }: Problem): string {
  switch (code) {
    case 'unauthorized':
      return 'Invalid token';
    case 'not_found':
      return message === 'Payment not found' ? message : 'Not found';
    case 'payment_state':
    case 'payment_expired':
      return 'Only pending payments can be cancelled';
    default:
      return asSentence(message);
  }
}
