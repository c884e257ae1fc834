/** A payment method as a charge needs it: what is sent, to which account, and what it uses up. */
import type { Brand } from '../base/card.ts';
import { Secret } from '../base/secret.ts';
import type { CardInput, Party, TokenInput } from '../sdk/command.ts';
import { Problem } from '../sdk/problem.ts';
import { findOne, type Change } from '../storage/index.ts';
import { assertCvc } from './card.ts';
import { isUsable, referenceFor, unknownMethod, openToken } from './open-method.ts';
import { assertFresh, takeToken } from './single-use.ts';
import { openCard } from './vault.ts';
import type { MethodsDeps, PaymentMethodRecord, StoredInstrument } from './record.ts';

/** What the payment says of itself. */
export interface ChargeWish {
  readonly merchantId: string;
  readonly customerId: string | null;
  readonly offSession: boolean;
  readonly methodId: string;
  readonly cvc: string | undefined;
}

export interface Chargeable {
  readonly input: CardInput | TokenInput;
  /** For the books. */
  readonly summary: StoredInstrument & {
    readonly id: string;
    readonly via?: 'token';
    readonly holder_name?: string;
    readonly fingerprint?: string;
  };
  /** The one account that can charge it; undefined for the vault's cards. */
  readonly account: string | undefined;
  readonly customerReference: string | undefined;
  readonly billing: Party | undefined;
  /** For the commit of the intention: a single-use token goes with it. */
  readonly spends: readonly Change[];
  /** To be called once the intention has landed. */
  begun(): void;
}

/**
 * Throws Problems: `payment_method_unknown` when it is absent, foreign or deleted,
 * `payment_method_used`, `payment_method_expired`, `payment_method_unusable` when it is not for
 * this payment, `invalid_request` and `invalid_card` about the CVC.
 */
export async function chargeableMethod(deps: MethodsDeps, wish: ChargeWish): Promise<Chargeable> {
  const where = { id: wish.methodId, merchant_id: wish.merchantId };
  const record = await findOne<PaymentMethodRecord>(deps.db, 'payment_methods', where);
  if (!record) throw unknownMethod();
  assertFresh(record, deps.clock.now());
  if (!isUsable(record)) throw unknownMethod();
  assertFits(record, wish);
  const common = {
    account: record.account_id ?? undefined,
    billing: record.billing === null ? undefined : (JSON.parse(record.billing) as Party),
  };
  if (record.kind === 'vault') return { ...common, ...cardOf(deps, record, wish) };
  const token = openToken(deps.keyring, record);
  const instrument = JSON.parse(record.summary) as StoredInstrument;
  return {
    ...common,
    input: { type: 'token', token },
    summary: { ...instrument, via: 'token', id: record.id },
    customerReference: await referenceFor(deps, record),
    spends: [],
    begun: () => undefined,
  };
}

function assertFits(record: PaymentMethodRecord, wish: ChargeWish): void {
  const { customerId, offSession, cvc } = wish;
  if (cvc !== undefined && (offSession || record.kind !== 'vault')) {
    throw new Problem(
      'invalid_request',
      offSession
        ? 'nobody types a CVC while the customer is not there'
        : 'a CVC goes with a card in the vault; the processor keeps this method',
      { param: 'payment_method.cvc' },
    );
  }
  if (offSession && record.usage === 'on_session') {
    throw unusable('the payment method was kept for payments with the customer there');
  }
  if (record.customer_id === null || record.customer_id === customerId) return;
  // A processor's method on a payment of nobody in particular: the merchant names the method.
  if (customerId === null && record.kind === 'processor' && !offSession) return;
  throw unusable(
    customerId === null
      ? 'the payment method is a customer’s: the payment needs his customer_id'
      : 'the saved method belongs to another customer',
  );
}

function unusable(detail: string): Problem {
  return new Problem('payment_method_unusable', detail, { param: 'payment_method.id' });
}

function cardOf(
  { keyring, cvcs, clock }: MethodsDeps,
  record: PaymentMethodRecord,
  { cvc, offSession }: ChargeWish,
) {
  const instrument = JSON.parse(record.summary) as StoredInstrument & { readonly brand: Brand };
  if (cvc !== undefined) assertCvc(cvc, instrument.brand, 'payment_method.cvc');
  const typed = cvc === undefined ? cvcs.of(record.id) : new Secret(cvc);
  const input = openCard(keyring, record, offSession ? undefined : typed);
  const { holder_name: holderName } = input;
  return {
    input,
    summary: {
      ...instrument,
      id: record.id,
      ...(holderName === undefined ? {} : { holder_name: holderName }),
      ...(record.fingerprint === null ? {} : { fingerprint: record.fingerprint }),
    },
    customerReference: undefined,
    spends: record.single_use === 1 ? [takeToken(record, clock.now())] : [],
    begun: () => cvcs.forget(record.id),
  };
}
