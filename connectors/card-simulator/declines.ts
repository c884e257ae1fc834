/** The simulator's decline codes in the switch's vocabulary. */
import type { Advice, DeclineCode } from '#sdk';

const declines: Readonly<Record<string, readonly [DeclineCode, Advice]>> = {
  '05': ['do_not_honor', 'other_account'],
  '14': ['incorrect_number', 'fix_input'],
  '51': ['insufficient_funds', 'later'],
  '54': ['expired_card', 'fix_input'],
  '96': ['processing_error', 'other_account'],
  N7: ['incorrect_cvc', 'fix_input'],
  fraud: ['fraud_suspected', 'never'],
  authentication_failed: ['authentication_failed', 'authenticate'],
  review_rejected: ['fraud_suspected', 'never'],
  withdrawn: ['withdrawn', 'never'],
  refund_failed: ['processing_error', 'never'],
};

/** A "no" is a "no" whatever its reason: an unknown code is not a fault, and never tried again. */
export function readDeclineCode(processorCode: string): { code: DeclineCode; advice: Advice } {
  const known = Object.hasOwn(declines, processorCode) ? declines[processorCode] : undefined;
  const [code, advice] = known ?? (['other', 'never'] as const);
  return { code, advice };
}
