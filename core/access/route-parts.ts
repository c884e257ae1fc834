/** What the routes of merchants, profiles and keys share. */
import type { Clock } from '../base/clock.ts';
import { Problem } from '../sdk/problem.ts';
import type { Scope } from '../sdk/route.ts';
import { Conflict, type Database } from '../storage/index.ts';
import type { Idempotency } from '../idempotency/idempotency.ts';
import type { Merchants } from './merchants.ts';
import type { Mode } from './record.ts';

export interface AccessRouteDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly merchants: Merchants;
  readonly idempotency: Idempotency;
  /** The mode of new merchants: a box is sandbox or live as a whole. */
  readonly mode: Mode;
}

export const management = { rate: 'management' } as const;

export function withScope(scope: Scope) {
  return { kind: 'merchant', scope } as const;
}

/** A lost race, as the caller should hear it; anything else is thrown on. */
export function refuseRace(error: unknown): never {
  if (error instanceof Conflict && /^(merchant|profile|api_key)_version$/.test(error.guard)) {
    throw new Problem('concurrent_change', 'it was changed meanwhile: read it again');
  }
  // Another profile became the default one between reading and writing.
  if (error instanceof Conflict && error.guard === 'profiles_one_default') {
    throw new Problem('concurrent_change', 'the default profile was changed meanwhile');
  }
  throw error;
}
