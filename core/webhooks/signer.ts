/**
 * How an event becomes a body and how the body is signed. The native way is Standard Webhooks;
 * dialects bring their own body and mostly a digest in hexadecimal.
 */
import { createHmac } from 'node:crypto';
import type { presentEvent } from '../payments/history.ts';
import type { SuccessRule } from './record.ts';

/** An event as `GET /v1/events/{id}` shows it. */
export type EventView = Awaited<ReturnType<typeof presentEvent>>;

export interface Signing {
  readonly eventId: string;
  /** Seconds since 1970, of real time: receivers refuse what is old by their own clock. */
  readonly timestampS: number;
  readonly body: Uint8Array;
  /** The newest first; several while a rotation overlaps. */
  readonly secrets: readonly string[];
}

type Encoded = Uint8Array | undefined;

export interface Signer {
  readonly id: string;
  /**
   * The body, the same bytes for the same event whenever it is asked for. Undefined when this
   * format has no word for the event: then nobody is told.
   */
  encode(event: EventView, merchantId: string): Encoded | Promise<Encoded>;
  /** Header names in lower case. */
  sign(signing: Signing): Readonly<Record<string, string>>;
  /** Those of {@link sign} that must not be seen in a log. */
  readonly secretHeaders: readonly string[];
  /** Where nothing else is said; see {@link defaultsOf} in rules.ts. */
  readonly success?: SuccessRule;
  /** Seconds from the first moment to each attempt, ascending. */
  readonly scheduleS?: readonly number[];
  /** Formats that tell of the same events beside this one, to the same receiver. */
  readonly companions?: readonly string[];
}

export type Signers = ReadonlyMap<string, Signer>;

/** The event as JSON. */
export function encodeNative(event: EventView): Uint8Array {
  return Buffer.from(JSON.stringify(event));
}

const secretPrefix = 'whsec_';

/** The bytes behind `whsec_<base64>`. */
function keyOf(secret: string): Buffer {
  const encoded = secret.startsWith(secretPrefix) ? secret.slice(secretPrefix.length) : secret;
  return Buffer.from(encoded, 'base64');
}

/** Standard Webhooks 1.0: HMAC-SHA256 over `id.timestamp.body`, one signature a secret. */
export const standardSigner: Signer = {
  id: 'standard',
  secretHeaders: ['webhook-signature'],
  encode: encodeNative,
  sign: ({ eventId, timestampS, body, secrets }) => ({
    'webhook-id': eventId,
    'webhook-timestamp': String(timestampS),
    'webhook-signature': secrets
      .map((secret) => {
        const hmac = createHmac('sha256', keyOf(secret)).update(`${eventId}.${timestampS}.`);
        return `v1,${hmac.update(body).digest('base64')}`;
      })
      .join(' '),
  }),
};

/**
 * Over the exact bytes of the body, in hexadecimal, by the text of the newest secret: a header with
 * one digest has no room for a second one.
 */
export function hexSigner(facts: {
  readonly id: string;
  readonly algorithm: 'sha256' | 'sha512';
  /** In lower case. */
  readonly header: string;
  readonly encode?: Signer['encode'];
}): Signer {
  const { id, algorithm, header, encode = encodeNative } = facts;
  return {
    id,
    secretHeaders: [header],
    encode,
    sign: ({ body, secrets: [secret = ''] }) => ({
      [header]: createHmac(algorithm, secret).update(body).digest('hex'),
    }),
  };
}
