/** Rows of the plugin's tables, and what they hold as JSON. */
import type { LocaleName } from './locales/index.ts';

export interface LineItem {
  readonly name: string;
  readonly quantity: number;
  readonly unit_amount: number;
}

export const pageMethods = ['card', 'hosted', 'qris', 'gopay', 'bank_transfer'] as const;
export type PageMethod = (typeof pageMethods)[number];

/** What is sold and how it may be paid: of a session and of a link. */
export interface Offer {
  readonly amount: number;
  readonly currency: string;
  readonly line_items?: readonly LineItem[];
  readonly subtotal?: number;
  readonly discount_amount?: number;
  readonly description?: string;
  readonly metadata?: Readonly<Record<string, string | number | boolean | null>>;
  readonly allowed_methods: readonly PageMethod[];
  readonly bank?: string;
  readonly capture_method: 'automatic' | 'manual';
  readonly locale: LocaleName | 'auto';
  readonly seller_name: string;
  /** Without one the customer stays on our page. Links may do without, sessions may not. */
  readonly success_url?: string;
  readonly cancel_url?: string;
  /** This account and no other; routing decides without. */
  readonly account?: string;
  /** Gets the payment's events, in the words of `webhook_signer`. */
  readonly webhook_url?: string;
  readonly webhook_signer?: string;
}

export interface SessionDetails extends Offer {
  readonly reference?: string;
  readonly customer_id?: string;
  readonly customer_email?: string;
  readonly customer_name?: string;
  /** The merchant wants to charge the card again. */
  readonly setup_future_usage?: 'on_session' | 'off_session';
}

export interface LinkDetails extends Offer {
  readonly customer_info: 'none' | 'required';
}

export type EndReason = 'time' | 'attempts' | 'cancelled';

export interface SessionRow {
  readonly id: string;
  readonly merchant_id: string;
  readonly profile_id: string;
  readonly payment_id: string;
  readonly link_id: string | null;
  readonly status: 'open' | 'complete' | 'expired';
  readonly end_reason: EndReason | null;
  readonly details: string;
  readonly expires_at: string;
  /** When the job looks next; null once the session is over. */
  readonly check_at: string | null;
  readonly completed_at: string | null;
  readonly created_at: string;
}

export interface LinkRow {
  readonly id: string;
  readonly merchant_id: string;
  /** Of the key that made it; null for the default one. */
  readonly profile_id: string | null;
  readonly kind: 'one_time' | 'reusable';
  readonly status: 'active' | 'paid' | 'inactive' | 'expired';
  /** The one session that a one-time link has at any time. */
  readonly session_id: string | null;
  readonly details: string;
  readonly expires_at: string | null;
  readonly created_at: string;
}

export interface MailRow {
  readonly link_id: string;
  readonly recipient: string;
  readonly status: 'pending' | 'sent' | 'failed';
  readonly attempts: number;
  readonly next_at: string;
}

export const sessionTable = 'checkout_sessions';
export const linkTable = 'checkout_links';
export const mailTable = 'checkout_mails';

/** Written by us, so it is what we wrote. */
export const detailsOf = <T extends SessionDetails | LinkDetails = SessionDetails>(row: {
  readonly details: string;
}) => JSON.parse(row.details) as T;
