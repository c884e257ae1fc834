/** What outgoing webhooks stand on. */
import type { Clock } from '../base/clock.ts';
import type { Keyring } from '../base/keyring.ts';
import type { Database } from '../storage/index.ts';
import type { Listeners } from './listeners.ts';
import type { Payloads } from './payloads.ts';
import type { UrlCheck, WebhookPort } from './port.ts';
import type { DeliveryRecord, EndpointRecord } from './record.ts';
import type { Signers } from './signer.ts';

export interface WebhookObserver {
  /** One attempt has ended and is in the books. */
  attempted(delivery: DeliveryRecord, durationMs: number): void;
  disabled(endpoint: EndpointRecord): void;
  /** A defect of ours or a database that is away; the attempt is made again later. */
  broke(deliveryId: string | undefined, error: unknown): void;
}

export interface WebhookDesk {
  readonly db: Database;
  readonly clock: Clock;
  /** Real time, never moved: what a signature is dated with. */
  readonly wall: Clock;
  readonly keyring: Keyring;
  readonly port: WebhookPort;
  readonly signers: Signers;
  readonly payloads: Payloads;
  readonly listeners: Listeners;
  readonly observer: WebhookObserver;
  /** What stands against an address, when it is saved. */
  checkUrl(url: string): UrlCheck;
  /** Something was filed: work now, not at the next tick. */
  wake(): void;
}
