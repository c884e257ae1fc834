/** Methods that a processor keeps for later: its customers, its set-ups, its tokens. */
import type { Secret } from '../base/secret.ts';
import type { HostedInput, Party, TokenInput } from './command.ts';
import type { Instrument, NextAction, Refusal } from './outcome.ts';

/** A method the processor keeps; only this account can charge it. */
export interface SavedMethod {
  /** What is charged later: `pm_…`. Stored sealed. */
  readonly token: Secret;
  /** The processor's own id of the customer it belongs to. */
  readonly customerReference?: string;
  readonly instrument: Instrument;
}

export interface CustomerCommand {
  /** The switch's id of the customer: the idempotency key, and how he is found again. */
  readonly customerId: string;
  readonly party: Party;
}

export interface Setup {
  /** The switch's id of the set-up: the processor's idempotency key or reference. */
  readonly setupId: string;
  readonly customerReference: string;
  readonly usage: 'on_session' | 'off_session';
  readonly method: TokenInput | HostedInput;
  readonly returnUrl: string;
}

export type SetupOutcome<Ref> =
  | { readonly status: 'succeeded'; readonly ref: Ref; readonly saved: SavedMethod }
  | {
      readonly status: 'pending';
      readonly ref: Ref;
      readonly nextAction?: NextAction;
      readonly lastDecline?: Refusal;
    }
  | ({ readonly status: 'declined'; readonly ref?: Ref } & Refusal)
  | { readonly status: 'cancelled'; readonly ref: Ref };
