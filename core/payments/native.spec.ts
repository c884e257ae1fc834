/**
 * The sdk's words for native objects are those of the schemas that answers are made by. What the
 * types say is proven by the compiler: a `true` below does not compile when a member differs.
 */
import { expect } from 'chai';
import type { Static } from 'typebox';
import type { AccountSchema } from '../accounts/schema.ts';
import type { RefundSchema } from '../refunds/schema.ts';
import type {
  NativeAccount,
  NativeEvent,
  NativePayment,
  NativePaymentStatus,
  NativePublicPayment,
  NativeRefund,
} from '../sdk/index.ts';
import type { PaymentSchema, PublicPaymentSchema } from './answer-schema.ts';
import type { EventSchema } from './event-routes.ts';
import { paymentStatuses } from './machine.ts';

/** The same without the right to write. */
type Read<T> = T extends (infer Item)[]
  ? readonly Read<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Read<T[Key]> }
    : T;

type Fits<A, B> = A extends B ? true : false;

/** The same members, optional ones too, all the way down. */
type Same<A, B> =
  (<T>() => T extends Read<A> ? 1 : 2) extends <T>() => T extends Read<B> ? 1 : 2 ? true : false;

const proofs = {
  payment: true satisfies Same<Static<typeof PaymentSchema>, NativePayment>,
  shown: true satisfies Same<Static<typeof PublicPaymentSchema>, NativePublicPayment>,
  refund: true satisfies Same<Static<typeof RefundSchema>, NativeRefund>,
  account: true satisfies Same<Static<typeof AccountSchema>, NativeAccount>,
  // Plugins hear types that they do not know yet, and objects of any kind.
  event: true satisfies Fits<Static<typeof EventSchema>, NativeEvent>,
};

const statuses: Readonly<Record<NativePaymentStatus, true>> = {
  created: true,
  requires_action: true,
  processing: true,
  in_review: true,
  authorized: true,
  partially_captured: true,
  captured: true,
  partially_refunded: true,
  refunded: true,
  voided: true,
  cancelled: true,
  failed: true,
  expired: true,
};

describe('native objects in the sdk', () => {
  it('are in the states that the machine has, and proven for every kind of object', () => {
    expect(Object.keys(statuses)).to.have.members([...paymentStatuses]);
    expect(proofs).to.have.all.keys('payment', 'shown', 'refund', 'account', 'event');
  });
});
