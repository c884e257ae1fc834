/**
 * What routing looks at: the facts of a payment and the state of each account. Plain data, put
 * together by the caller; the names are those of the wire, because they are stored with the
 * decision and written in rules.
 */
import type { MethodType } from '../../sdk/command.ts';

/** Everything a rule can look at. What is not known is left out. */
export interface PaymentFacts {
  /** Minor units. */
  readonly amount: number;
  readonly currency: string;
  readonly payment_method: MethodType;
  readonly capture_method: 'automatic' | 'manual';
  /** When it is decided, in milliseconds since 1970. */
  readonly at_ms: number;
  /** 1 for the first try of a payment, 2 when it is confirmed again after a failure. */
  readonly attempt: number;
  /** The merchant charges a saved method and the customer is not there. */
  readonly off_session: boolean;
  readonly authentication_type?: 'three_ds' | 'no_three_ds';
  readonly card_brand?: string;
  /** The first six to eight digits. */
  readonly card_bin?: string;
  /** Where the issuer is: ISO 3166-1 alpha-2. */
  readonly card_country?: string;
  readonly card_funding?: string;
  readonly billing_country?: string;
  readonly shipping_country?: string;
  /** The id of the customer. */
  readonly customer?: string;
  /** Whether that customer has paid before. */
  readonly returning_customer?: boolean;
  /** The id of the profile. */
  readonly profile?: string;
  readonly metadata?: Readonly<Record<string, string | number | boolean | null>>;
}

export type LimitName = 'daily_amount' | 'daily_count' | 'monthly_amount' | 'monthly_count';

/** Why the connector or the processor behind an account cannot take the payment. */
export type CapabilityGap =
  | 'method_not_supported'
  | 'method_not_enabled'
  | 'bank_not_supported'
  | 'currency_not_supported'
  | 'capture_method_not_supported'
  | 'amount_out_of_range';

/** Why an account is passed over. */
export type Exclusion =
  'disabled' | CapabilityGap | `limit_reached:${LimitName}` | 'unhealthy' | 'not_in_rule';

/** What the limits of an account say about this payment (see strategies/limits.ts). */
export interface LimitsVerdict {
  /** Undefined when the payment fits. */
  readonly excluded: 'amount_out_of_range' | `limit_reached:${LimitName}` | undefined;
  /** Used and reserved, as a part of the limit that is nearest to full; 0 without limits. */
  readonly usedShare: number;
  /** Payments of today, reserved ones included: tells accounts without limits apart. */
  readonly dayCount: number;
}

/** How an account's recent payments went. */
export interface AccountStats {
  readonly approved: number;
  readonly total: number;
}

/** One account of the merchant, as it stands for this payment. */
export interface AccountView {
  readonly id: string;
  readonly name: string;
  readonly tags: readonly string[];
  readonly active: boolean;
  /** The lowest number goes first. */
  readonly priority: number;
  readonly weight: number;
  /** Undefined when the account can take such a payment. */
  readonly capability: CapabilityGap | undefined;
  readonly limits: LimitsVerdict;
  /** `probe`: on trial after an outage; it may have this one payment. */
  readonly health: 'usable' | 'probe' | 'unhealthy';
  readonly stats: AccountStats;
}

/** Why the account cannot take this payment whatever the rules say; undefined when it can. */
export function exclusionOf(account: AccountView): Exclusion | undefined {
  if (!account.active) return 'disabled';
  if (account.capability) return account.capability;
  if (account.limits.excluded) return account.limits.excluded;
  return account.health === 'unhealthy' ? 'unhealthy' : undefined;
}
