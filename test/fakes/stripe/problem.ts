/** Stripe's errors: the HTTP status, the body, and whether an idempotency key remembers them. */

/** The body's `error` object. */
export interface ErrorBody {
  type: 'api_error' | 'card_error' | 'idempotency_error' | 'invalid_request_error';
  message: string;
  code?: string;
  decline_code?: string;
  advice_code?: string;
  network_decline_code?: string;
  param?: string;
  charge?: string;
  payment_intent?: object;
  setup_intent?: object;
  payment_method?: object;
}

export class Problem extends Error {
  readonly status: number;
  readonly body: ErrorBody;
  /**
   * Replayed to a repetition under the same key. Not so for what Stripe refuses before the
   * endpoint starts executing: keys, limits, parameters (Stripe docs, idempotent requests).
   */
  readonly stored: boolean;

  constructor(status: number, body: ErrorBody, stored: boolean) {
    super(body.message);
    this.name = 'Problem';
    this.status = status;
    this.body = body;
    this.stored = stored;
  }
}

type Detail = Partial<Omit<ErrorBody, 'type' | 'message'>>;

/** 400: a parameter is wrong, nothing was begun. */
export function invalid(message: string, detail: Detail = {}): Problem {
  return new Problem(400, { type: 'invalid_request_error', message, ...detail }, false);
}

export function missing(param: string): Problem {
  return invalid(`Missing required param: ${param}.`, { code: 'parameter_missing', param });
}

/** 400: the request is well formed, but the object's state does not allow it. */
export function refused(message: string, detail: Detail = {}): Problem {
  return new Problem(400, { type: 'invalid_request_error', message, ...detail }, true);
}

/** 404 for an object named in the path, 400 for one named by a parameter. */
export function absent(kind: string, id: string, param?: string): Problem {
  const body: ErrorBody = {
    type: 'invalid_request_error',
    code: 'resource_missing',
    message: `No such ${kind.replaceAll('_', '')}: '${id}'`,
    param: param ?? 'id',
  };
  return new Problem(param === undefined ? 404 : 400, body, true);
}

/** 402: valid, but the bank or Radar says no. */
export function cardProblem(message: string, detail: Detail): Problem {
  return new Problem(402, { type: 'card_error', message, ...detail }, true);
}

export function unauthorized(message: string, code?: string): Problem {
  const body: ErrorBody = { type: 'invalid_request_error', message, ...(code && { code }) };
  return new Problem(401, body, false);
}
