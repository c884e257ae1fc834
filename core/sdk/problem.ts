/**
 * The catalogue of refusals (RFC 9457). A code is a promise: once released it keeps its meaning and
 * its status. docs/errors.md is printed from here.
 */
import type { JsonObject } from '../base/json.ts';

const catalogue = {
  // The request itself
  invalid_request: [400, 'The request breaks a rule'],
  invalid_json: [400, 'The body is not JSON'],
  unknown_field: [400, 'The request has a field we do not know'],
  credentials_refused: [400, 'The processor does not take the credentials'],
  card_data_misplaced: [400, 'A card number stands where none may'],
  invalid_card: [400, 'The card data cannot be right'],
  invalid_cursor: [400, 'The cursor was not made by us'],
  unauthorized: [401, 'No valid API key'],
  client_secret_invalid: [401, 'The client secret is wrong'],
  payment_declined: [402, 'The payment was declined'],
  setup_declined: [402, 'The payment method was declined'],
  forbidden: [403, 'This key may not do that'],
  not_found: [404, 'There is no such thing here'],
  method_not_allowed: [405, 'This path does not take that method'],
  request_timeout: [408, 'The request took too long to arrive'],
  body_too_large: [413, 'The body is too large'],
  unsupported_media_type: [415, 'The body must be application/json'],
  rate_limited: [429, 'Too many requests'],
  headers_too_large: [431, 'The headers are too large'],

  webhook_refused: [400, 'The webhook was not sent by the processor'],

  // The state of things
  payment_state: [409, 'The payment is in a state that does not allow this'],
  setup_state: [409, 'The set-up is in a state that does not allow this'],
  payment_expired: [410, 'The payment has expired'],
  attempts_exhausted: [409, 'The payment was tried too often'],
  review_mismatch: [409, 'The processor still answers about other money'],
  operation_in_progress: [409, 'Another operation on this payment has not finished'],
  concurrent_change: [409, 'Something else changed it at the same moment'],
  reference_taken: [409, 'The reference or name is taken'],
  idempotency_key_in_use: [409, 'The first request with this key is still running'],
  idempotency_key_reused: [422, 'The key was used with another request'],
  amount_too_large: [400, 'The amount is more than what is left'],
  not_supported: [400, 'The processor account cannot do this'],
  payment_method_unknown: [400, 'There is no such payment method'],
  payment_method_unusable: [400, 'The payment method is not for this payment'],
  payment_method_used: [409, 'The single-use payment method was used'],
  payment_method_expired: [410, 'The single-use payment method has expired'],
  customer_unknown: [400, 'There is no such customer'],
  account_unusable: [400, 'The named account cannot take this payment'],
  no_eligible_account: [400, 'No processor account can take this payment'],
  dispute_state: [409, 'The dispute is in a state that does not allow this'],
  authentication_required: [402, 'The customer has to authenticate'],

  // Us and those behind us
  processor_unreachable: [502, 'No processor account could be reached'],
  processor_refused: [502, 'The processor refused the request'],
  storage_unavailable: [503, 'The database cannot be written'],
  internal_error: [500, 'Something broke on our side'],
} as const satisfies Record<string, readonly [number, string]>;

export type ProblemCode = keyof typeof catalogue;

export const problemCodes = Object.keys(catalogue) as readonly ProblemCode[];

/** The HTTP status and the title that belong to a code. */
export function problemFacts(code: ProblemCode): { status: number; title: string } {
  const [status, title] = catalogue[code];
  return { status, title };
}

export interface ProblemOptions {
  /** The field that is to blame, dotted from the body's top: `payment_method.card.number`. */
  readonly param?: string;
  /** More members for the answer: the payment, what would be allowed … */
  readonly members?: JsonObject;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A refusal with a code. Thrown anywhere below a route; the http layer prints it. */
export class Problem extends Error {
  override name = 'Problem';
  readonly code: ProblemCode;
  readonly options: ProblemOptions;

  /** `detail` is a sentence for the developer who reads it: what was wrong and what is allowed. */
  constructor(code: ProblemCode, detail: string, options: ProblemOptions = {}) {
    super(detail);
    this.code = code;
    this.options = options;
  }

  get status(): number {
    return problemFacts(this.code).status;
  }

  /** The RFC 9457 body. */
  toJson(requestId: string): JsonObject {
    const { status, title } = problemFacts(this.code);
    return {
      type: `/docs/errors#${this.code}`,
      title,
      status,
      code: this.code,
      detail: this.message,
      ...(this.options.param === undefined ? {} : { param: this.options.param }),
      request_id: requestId,
      ...this.options.members,
    };
  }
}
