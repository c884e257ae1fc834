/**
 * What went wrong when there is no answer to read. Callers look at `effect` and nothing else:
 * `none` means surely nothing happened at the processor, `unknown` means only asking can tell.
 */

/** fault → what may have happened at the processor. */
export const faultEffects = {
  /** Never left this machine: name not found, connection refused, TLS handshake failed. */
  unreachable: 'none',
  /** The processor is busy and says so (429). */
  throttled: 'none',
  /** Understood and refused: our request is wrong or the object is in another state (4xx). */
  rejected: 'none',
  /** The account's credentials are wrong (401, 403). */
  unauthorized: 'none',
  /** Sent, no answer in time. */
  timed_out: 'unknown',
  /** The connection broke after bytes may have left, or the processor failed (5xx). */
  broken: 'unknown',
  /** An answer we cannot read, or a word that is not in the connector's table. */
  unintelligible: 'unknown',
} as const;

export type FaultKind = keyof typeof faultEffects;
export type Effect = (typeof faultEffects)[FaultKind];

export class Fault extends Error {
  override name = 'Fault';
  readonly kind: FaultKind;
  readonly effect: Effect;

  /** `detail` is for operators' logs: no secret, no card data, no raw body. */
  constructor(kind: FaultKind, detail: string) {
    super(`${kind}: ${detail}`);
    this.kind = kind;
    this.effect = faultEffects[kind];
  }
}
