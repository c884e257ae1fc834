/**
 * The way out for webhooks: one POST, no redirect followed, nothing thrown but a DeliveryFault. The
 * guard against addresses that are none of ours to reach stands behind it (core/outbound).
 */

export interface WebhookPost {
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** For the whole exchange, from the look-up of the name to the last byte that is read. */
  readonly timeoutMs: number;
}

/** An answer came, whatever its status: 302 and 500 are answers as well. */
export interface WebhookAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The beginning of the body as text; the rest is not read. Not masked yet. */
  readonly excerpt: string;
  readonly durationMs: number;
}

export interface WebhookPort {
  /** Throws DeliveryFault when no answer came; anything else it throws is a defect. */
  post(post: WebhookPost): Promise<WebhookAnswer>;
}

export const deliveryFaultKinds = [
  /** The address may not be reached: private, metadata, forbidden port … */
  'blocked',
  /** No address for the name. */
  'unresolved',
  /** Nobody listens there. */
  'refused',
  /** The certificate, or the handshake. */
  'tls',
  'timed_out',
  /** The connection ended, or what came is no HTTP. */
  'broken',
] as const;

export type DeliveryFaultKind = (typeof deliveryFaultKinds)[number];

/** No answer. `message` is for the merchant's delivery log: no address of ours, no secret. */
export class DeliveryFault extends Error {
  override name = 'DeliveryFault';
  readonly kind: DeliveryFaultKind;
  readonly durationMs: number;

  constructor(kind: DeliveryFaultKind, message: string, durationMs = 0) {
    super(message);
    this.kind = kind;
    this.durationMs = durationMs;
  }
}

/**
 * What an address that is about to be saved is held against. Whatever passes is looked at again
 * when the connection is made: names change their answers.
 */
export type UrlCheck =
  | { readonly ok: true }
  | {
      readonly ok: false;
      /** Which rule it breaks, as a sentence for the merchant. */
      readonly rule: string;
    };
