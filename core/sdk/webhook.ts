/**
 * Incoming webhooks. A connector verifies and reads in one step: what is not verified is never
 * parsed. What it reads is where to look, not what to book: see inspection.ts.
 */

/** A delivery as it arrived, byte for byte: signatures are made over bytes. */
export interface WebhookRequest {
  readonly body: Uint8Array;
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What the news is about: one authorization, by the switch's id of it or by the stored ref. */
export type WebhookSubject<Ref> =
  { readonly operationId: string } | { readonly authorization: Ref } | { readonly setup: Ref };

export interface Delivery<Ref> {
  /**
   * What makes a repeat recognisable: the processor's event id, or what else stays the same when it
   * tells the same again.
   */
  readonly id: string;
  /** The processor's own word for what happened. */
  readonly type: string;
  /** Empty when it is about nothing the switch keeps: then it is filed and left. */
  readonly subjects: readonly WebhookSubject<Ref>[];
}

/** Why a delivery was not accepted. `detail` is for logs: no secret, nothing of the body. */
export class WebhookRefusal extends Error {
  override name = 'WebhookRefusal';
  readonly reason: 'no_secret' | 'no_signature' | 'bad_signature' | 'stale' | 'malformed';

  constructor(reason: WebhookRefusal['reason'], detail: string) {
    super(`${reason}: ${detail}`);
    this.reason = reason;
  }
}
