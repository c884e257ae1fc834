/** What the incoming webhooks stand on. */
import type { Account } from '../accounts/account.ts';
import type { Desk } from '../payments/desk.ts';
import type { WebhookRefusal } from '../sdk/webhook.ts';
import type { IncomingRecord } from './record.ts';

export interface IncomingObserver {
  /** Not the processor's; somebody tries his luck, or a secret is out of date. */
  refused(account: Account, refusal: WebhookRefusal): void;
  repeated(account: Account): void;
  applied(record: IncomingRecord): void;
  /** It will be tried again, unless it was given up. */
  failed(record: IncomingRecord, error: unknown): void;
}

export interface IncomingDesk {
  readonly desk: Desk;
  readonly observer: IncomingObserver;
  /** Something was filed: look now, not at the next tick. */
  wake(): void;
}
