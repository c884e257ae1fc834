/** What this dialect reads of native objects. */

export interface NativePayment {
  readonly id: string;
  readonly status: string;
  readonly amount: number;
  readonly currency: string;
  readonly description: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly customer: { readonly email?: string; readonly name?: string } | null;
  readonly next_action: NextAction | null;
  readonly created_at: string;
  readonly updated_at: string;
}

/** With `confirm_in_browser` the processor's own words for what the customer confirms. */
export interface NextAction {
  readonly type: string;
  readonly reference?: string;
  readonly publishable_key?: string;
  readonly client_secret?: string;
}

export interface NativeSession {
  readonly id: string;
  readonly payment: string;
  readonly url: string;
  readonly client_secret: string;
}

export interface NativeRefund {
  readonly id: string;
  readonly payment: string;
  readonly status: string;
  readonly amount: number;
  readonly currency: string;
}

export interface NativeAccount {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly settings: Readonly<Record<string, unknown>> | null;
}

export interface NativeList<T> {
  readonly data: readonly T[];
  readonly has_more: boolean;
}
