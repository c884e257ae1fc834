/** What this dialect reads of native objects; a browser is shown less of a payment. */
import type { DeclineCode } from '#sdk';

export interface NativePayment {
  readonly id: string;
  readonly status: string;
  readonly amount: number;
  readonly currency: string;
  readonly description: string | null;
  readonly payment_method: { readonly brand?: string; readonly last4?: string } | null;
  readonly last_error: Decline | null;
  readonly next_action: { readonly type: string; readonly url?: string } | null;
  readonly created_at: string;
  readonly merchant_id?: string;
  readonly amount_authorized?: number;
  readonly amount_captured?: number;
  readonly amount_refunded?: number;
  readonly capture_method?: 'automatic' | 'manual';
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly customer?: { readonly email?: string; readonly name?: string } | null;
  readonly verification?: { readonly auth_code?: string } | null;
  readonly attempts?: number;
  readonly authorized_at?: string | null;
  readonly captured_at?: string | null;
  readonly updated_at?: string;
}

export interface Decline {
  readonly code: string;
  readonly decline_code?: DeclineCode;
  readonly processor_code?: string;
  readonly message: string;
  readonly operation: string;
}

export interface NativeSession {
  readonly id: string;
  readonly status: 'open' | 'complete' | 'expired';
  readonly end_reason: 'time' | 'attempts' | 'cancelled' | null;
  readonly payment: string;
  readonly merchant_id: string;
  readonly amount: number;
  readonly currency: string;
  readonly description: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly capture_method: 'automatic' | 'manual';
  readonly customer_email: string | null;
  readonly success_url: string;
  readonly cancel_url: string;
  readonly url: string;
  readonly client_secret?: string;
  readonly created_at: string;
  readonly expires_at: string;
}

export interface NativeRefund {
  readonly id: string;
  readonly payment: string;
  readonly amount: number;
}

export interface NativeEvent {
  readonly id: string;
  /** Its place in the payment's story. */
  readonly sequence: number | null;
  readonly type: string;
  readonly data: { readonly object: unknown };
}

export interface NativeList<T> {
  readonly data: readonly T[];
  readonly has_more: boolean;
}
