/** One payment that is refused: what is sent, and what the refusal says. */
export interface BadPayment {
  readonly title: string;
  /** JSON text or a value. */
  readonly body: unknown;
  readonly code: string;
  readonly param?: string;
}

export const bad = (
  title: string,
  body: unknown,
  param: string,
  code = 'invalid_request',
): BadPayment => ({
  title,
  body,
  code,
  param,
});
