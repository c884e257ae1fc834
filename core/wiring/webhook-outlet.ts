/**
 * What outgoing webhooks need of the outside: the outbox around the database, and the way out with
 * its guard.
 */
import type { Clock } from '../base/clock.ts';
import { Bell } from '../jobs/bell.ts';
import type { Database } from '../storage/index.ts';
import { Listeners } from '../webhooks/listeners.ts';
import { listening } from '../webhooks/outbox.ts';
import type { UrlCheck, WebhookPort } from '../webhooks/port.ts';
import { hexSigner, standardSigner, type Signer, type Signers } from '../webhooks/signer.ts';

/** The way out, and what may be saved as an address. */
export interface WebhookExit {
  readonly port: WebhookPort;
  checkUrl(url: string): UrlCheck;
  /** Ends what is under way. */
  close(): void;
}

export interface WebhookOutlet extends WebhookExit {
  /** Commits through it leave an outbox row beside every event that somebody listens for. */
  readonly db: Database;
  readonly listeners: Listeners;
  readonly bell: Bell;
  /** The installed ones, and those of plugins. */
  readonly signers: Map<string, Signer>;
  /** Real time, whatever the sandbox's clock says. */
  readonly wall: Clock;
}

export function openOutlet(
  db: Database,
  clocks: { readonly clock: Clock; readonly wall: Clock },
  exit: WebhookExit,
): WebhookOutlet {
  const bell = new Bell();
  const listeners = new Listeners(db, clocks.clock);
  const { port } = exit;
  return {
    db: listening(db, listeners, bell.ring),
    listeners,
    bell,
    signers: new Map(installedSigners),
    wall: clocks.wall,
    port,
    checkUrl: (url) => exit.checkUrl(url),
    close: () => exit.close(),
  };
}

/** Every way to sign, by the name that an endpoint gives. Plugins add theirs. */
const installed: readonly Signer[] = [
  standardSigner,
  hexSigner({ id: 'hex-sha256', algorithm: 'sha256', header: 'x-webhook-signature' }),
  hexSigner({ id: 'hex-sha512', algorithm: 'sha512', header: 'x-webhook-signature-512' }),
];

export const installedSigners: Signers = new Map(installed.map((signer) => [signer.id, signer]));
