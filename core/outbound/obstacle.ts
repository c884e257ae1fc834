/** Why a webhook got no answer: what the merchant's delivery log says, and never more than that. */

/** What each of them means stands in core/webhooks/port.ts, whose kinds these are. */
export type ObstacleKind = 'blocked' | 'unresolved' | 'refused' | 'tls' | 'timed_out' | 'broken';

/** `message` is a sentence without addresses, paths and secrets. */
export class Obstacle extends Error {
  override name = 'Obstacle';
  readonly kind: ObstacleKind;

  constructor(kind: ObstacleKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** How far an exchange has come. */
export type Stage = 'connecting' | 'securing' | 'exchanging';

/** What a peer or the way to it does; anything else while connecting is a defect of ours. */
const peerCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ETIMEDOUT',
  'EPIPE',
  // A firewall's word, as an administrative "no".
  'EACCES',
  'EPERM',
]);

/**
 * What an error of Node's client means for a delivery. One that is not the receiver's doing (no
 * file descriptor left, say) comes back as it is, and must not be held against the receiver.
 */
export function obstacleOf(error: unknown, stage: Stage, host: string): unknown {
  const code = codeOf(error);
  if (stage === 'connecting') {
    if (!peerCodes.has(code)) return error;
    if (code === 'ETIMEDOUT') return new Obstacle('timed_out', `${host} cannot be connected to.`);
    return new Obstacle('refused', `Nobody takes connections at ${host} (${code}).`);
  }
  if (stage === 'securing') {
    return new Obstacle('tls', `The TLS handshake with ${host} failed (${code}).`);
  }
  if (code.startsWith('HPE_')) {
    return new Obstacle('broken', `The answer of ${host} is no HTTP (${code}).`);
  }
  return new Obstacle('broken', `The connection to ${host} broke off (${code}).`);
}

/** Only the code: Node's messages hold addresses. */
export function codeOf(error: unknown): string {
  const has = error instanceof Error && 'code' in error && typeof error.code === 'string';
  return has ? String(error.code) : 'no code';
}
