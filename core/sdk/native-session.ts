/**
 * A checkout session as native calls answer it. The plugin `checkout` makes it; it stands here
 * because plugins cannot see each other. Its presentSession is held to this type.
 */
import type { NativeMetadata } from './native.ts';

/** Of the plugin `checkout`: the page for one payment. */
export interface NativeSession {
  readonly id: string;
  readonly object: 'checkout_session';
  readonly status: 'open' | 'complete' | 'expired';
  readonly end_reason: 'time' | 'attempts' | 'cancelled' | null;
  readonly payment: string;
  readonly payment_link: string | null;
  readonly profile_id: string;
  readonly reference: string | null;
  readonly customer_id: string | null;
  readonly customer_email: string | null;
  readonly customer_name: string | null;
  readonly merchant_id: string;
  readonly amount: number;
  readonly currency: string;
  readonly line_items: readonly NativeLineItem[] | null;
  readonly subtotal: number | null;
  readonly discount_amount: number | null;
  readonly description: string | null;
  readonly metadata: NativeMetadata;
  readonly allowed_methods: readonly ('card' | 'hosted' | 'qris' | 'gopay' | 'bank_transfer')[];
  readonly capture_method: 'automatic' | 'manual';
  readonly locale: string;
  readonly seller_name: string;
  readonly success_url: string | null;
  readonly cancel_url: string | null;
  readonly account: string | null;
  readonly webhook_url: string | null;
  readonly webhook_signer: string | null;
  /** The page to send the customer to. */
  readonly url: string;
  readonly created_at: string;
  readonly expires_at: string;
  readonly completed_at: string | null;
  /** The payment's, with the answer that opened the session. */
  readonly client_secret?: string;
}

export interface NativeLineItem {
  readonly name: string;
  readonly quantity: number;
  readonly unit_amount: number;
}
