/** What the payment routes share: who may call, what a processor's part may answer. */
import { Type } from 'typebox';
import type { RouteInput } from '../sdk/route.ts';
import { PaymentSchema, PublicPaymentSchema } from './answer-schema.ts';
import type { Caller } from './create.ts';

export function callerOf(input: RouteInput<unknown, unknown, unknown>): Caller {
  return { principal: input.principal, requestId: input.requestId, slot: input.slot };
}

export const write = { kind: 'merchant', scope: 'payments:write' } as const;
export const read = { kind: 'merchant', scope: 'payments:read' } as const;
export const tag = 'Payments';

/** What every call that reaches a processor may answer besides success. */
export const processorProblems = [
  'payment_declined',
  'processor_refused',
  'processor_unreachable',
  'operation_in_progress',
  'concurrent_change',
] as const;

export const anyPayment = Type.Union([PaymentSchema, PublicPaymentSchema]);
export const settled = { 200: PaymentSchema, 202: PaymentSchema };
