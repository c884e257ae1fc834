/** What signatures are made with: an endpoint's own secret, sealed; a profile's, derived. */
import { randomBytes } from 'node:crypto';
import { isoTime } from '../base/clock.ts';
import type { Keyring } from '../base/keyring.ts';
import { secretBinding, type EndpointRecord } from './record.ts';

/** Standard Webhooks' spelling: `whsec_` and base64, of 32 bytes here. */
export function newSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}

export function sealSecret(keyring: Keyring, endpointId: string, secret: string): string {
  return keyring.seal('webhook-signing', secretBinding(endpointId), secret);
}

/** The newest first; the previous one as long as its time lasts. */
export function secretsOf(keyring: Keyring, endpoint: EndpointRecord, nowMs: number): string[] {
  const { id, secret, previous_secret: previous, previous_until: until } = endpoint;
  const open = (sealed: string) => keyring.open('webhook-signing', secretBinding(id), sealed);
  if (previous === null || until === null || until <= isoTime(nowMs)) return [open(secret)];
  return [open(secret), open(previous)];
}

/** For URLs that payments bring along. Derived from the master key, stored nowhere. */
export function profileSecretOf(keyring: Keyring, profileId: string): string {
  const digest = Buffer.from(keyring.digest('webhook-secret', profileId), 'hex');
  return `whsec_${digest.toString('base64')}`;
}
