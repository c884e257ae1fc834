/**
 * Tokens of the browser: a card that a customer typed there, for one payment within the hour. The
 * payment's intention takes it, in one commit, so that of two payments one gets it.
 */
import { hour, isoTime } from '../base/clock.ts';
import { Problem } from '../sdk/problem.ts';
import type { Party } from '../sdk/command.ts';
import { Conflict, insert, update, type Change } from '../storage/index.ts';
import type { ReadCard } from './card.ts';
import { cardRow } from './vault.ts';
import type { MethodsDeps, PaymentMethodRecord } from './record.ts';

const lifetimeMs = hour;

const singleUseGuard = 'single_use_method';

export interface Issued {
  readonly method: PaymentMethodRecord;
  readonly changes: readonly Change[];
  /** To be called once the changes have landed: the CVC waits in memory. */
  landed(): void;
}

export function issueToken(
  deps: MethodsDeps,
  merchantId: string,
  { input }: ReadCard,
  billing: Party | undefined,
): Issued {
  const method: PaymentMethodRecord = {
    ...cardRow(deps, merchantId, input, billing),
    customer_id: null,
    usage: 'on_session',
    single_use: 1,
    expires_at: isoTime(deps.clock.now() + lifetimeMs),
  };
  return {
    method,
    changes: [insert('payment_methods', { ...method })],
    landed: () => {
      if (input.cvc) deps.cvcs.keep(method.id, input.cvc);
    },
  };
}

/**
 * Takes the token, card and all; for the commit of the intention. Not by its version: a new billing
 * address in between takes nothing away.
 */
export function takeToken(method: PaymentMethodRecord, nowMs: number): Change {
  const at = isoTime(nowMs);
  const set = {
    token: null,
    billing: null,
    used_at: at,
    deleted_at: at,
    updated_at: at,
    version: method.version + 1,
  };
  const where = { id: method.id, used_at: null, deleted_at: null };
  return update('payment_methods', set, where, singleUseGuard);
}

/** Throws Problems for a token that is used up or too old, whatever became of its row since. */
export function assertFresh(method: PaymentMethodRecord, nowMs: number): void {
  if (method.single_use === 0) return;
  if (method.used_at !== null) throw used();
  if ((method.expires_at ?? '') > isoTime(nowMs)) return;
  throw new Problem(
    'payment_method_expired',
    'a single-use token lasts for an hour: make another',
    {
      param: 'payment_method.id',
    },
  );
}

function used(): Problem {
  return new Problem('payment_method_used', 'a payment has used this single-use token', {
    param: 'payment_method.id',
  });
}

/** For a commit that takes a token: another payment was faster. Anything else is thrown on. */
export function refuseTaken(error: unknown): never {
  if (error instanceof Conflict && error.guard === singleUseGuard) throw used();
  throw error;
}
