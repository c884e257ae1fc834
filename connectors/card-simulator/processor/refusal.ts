/** The processor's "your request is wrong": a 4xx with a stable code, printed as {error:{…}}. */

const statuses = {
  invalid_json: 400,
  invalid_request: 400,
  amount_too_large: 400,
  unauthorized: 401,
  not_found: 404,
  unknown_charge: 404,
  unknown_reference: 404,
  unknown_dispute: 404,
  unknown_refund: 404,
  method_not_allowed: 405,
  reference_reused: 409,
  body_too_large: 413,
  // Not 409: that one stands for "a twin may have been carried out"; here surely nothing was.
  charge_state: 422,
  dispute_state: 422,
} as const;

export type RefusalCode = keyof typeof statuses;

export class Refusal extends Error {
  override name = 'Refusal';
  readonly code: RefusalCode;
  readonly status: number;
  readonly param: string | undefined;

  constructor(code: RefusalCode, message: string, param?: string) {
    super(message);
    this.code = code;
    this.status = statuses[code];
    this.param = param;
  }
}
