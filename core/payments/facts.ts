/** A payment as rules see it. */
import type { PaymentFacts } from '../routing/rules/facts.ts';
import type { Rules } from '../routing/rules/rule.ts';
import type { Desk } from './desk.ts';
import { stored, type MethodSummary, type PaymentRecord, type StoredDetails } from './record.ts';

/** What is not known is left out; what has to be looked up is, when a rule looks at it. */
export async function factsOf(
  desk: Pick<Desk, 'db' | 'clock'>,
  payment: PaymentRecord,
  method: MethodSummary,
  asked: readonly Rules[],
): Promise<PaymentFacts> {
  const details = stored<StoredDetails>(payment.details);
  const { brand, bin, via, type } = method;
  const facts: Mutable<PaymentFacts> = {
    amount: payment.amount,
    currency: payment.currency,
    payment_method: via ?? type,
    capture_method: payment.capture_method,
    at_ms: desk.clock.now(),
    attempt: payment.attempts + 1,
    off_session: details.off_session ?? false,
    profile: payment.profile_id,
  };
  if (details.authentication_type !== undefined) {
    facts.authentication_type = details.authentication_type;
  }
  if (brand !== undefined) facts.card_brand = brand;
  if (bin !== undefined) facts.card_bin = bin;
  const billing = details.billing?.address?.country;
  if (billing !== undefined) facts.billing_country = billing;
  const shipping = details.shipping?.address?.country;
  if (shipping !== undefined) facts.shipping_country = shipping;
  if (details.metadata !== undefined) {
    facts.metadata = details.metadata as NonNullable<PaymentFacts['metadata']>;
  }
  if (payment.customer_id !== null) {
    facts.customer = payment.customer_id;
    if (looksAt(asked, 'returning_customer')) {
      facts.returning_customer = await hasPaid(desk, payment);
    }
  }
  return facts;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function looksAt(asked: readonly Rules[], fact: keyof PaymentFacts): boolean {
  return asked.some(({ rules }) => rules.some((rule) => rule.looksAt.includes(fact)));
}

async function hasPaid(
  { db }: Pick<Desk, 'db'>,
  { merchant_id, customer_id }: PaymentRecord,
): Promise<boolean> {
  const [paid] = await db.rows<{ id: string }>(
    db
      .knex('payments')
      .select('id')
      .where({ merchant_id, customer_id })
      .where('amount_captured', '>', 0)
      .limit(1),
  );
  return paid !== undefined;
}
