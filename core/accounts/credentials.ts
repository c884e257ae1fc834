/** Asks a processor whether credentials work, and tells a caller what its faults mean. */
import type { Clock } from '../base/clock.ts';
import type { AccountFacts, AnyConnector } from '../sdk/connector.ts';
import { Fault } from '../sdk/fault.ts';
import { Problem } from '../sdk/problem.ts';
import type { Accounts } from './account.ts';
import { contextOf } from './context.ts';

export interface CredentialDeps {
  readonly accounts: Accounts;
  readonly clock: Clock;
  readonly mode: 'sandbox' | 'live';
}

/**
 * Asks with settings that need not be stored. Throws Problem `credentials_refused`,
 * `processor_refused`, `processor_unreachable`, or `not_supported` when the connector cannot ask.
 */
export async function checkCredentials(
  { accounts, clock, mode }: CredentialDeps,
  merchantId: string,
  connector: AnyConnector,
  settings: unknown,
): Promise<AccountFacts> {
  if (!connector.check) {
    throw new Problem('not_supported', `${connector.name} offers no check of credentials`);
  }
  const given = { settings, http: accounts.portFor(merchantId) };
  const nowhere = { webhookUrl: undefined, webhookSecret: undefined };
  try {
    return await connector.check(contextOf({ ...given, ...nowhere }, mode, clock));
  } catch (error) {
    throw problemOf(error);
  }
}

/** A fault where nothing was to be moved, as the caller should hear it; other errors as is. */
export function problemOf(error: unknown): unknown {
  if (!(error instanceof Fault)) return error;
  switch (error.kind) {
    case 'unauthorized':
      return new Problem(
        'credentials_refused',
        'the processor does not take the credentials: look at them, then rotate them',
        { param: 'settings' },
      );
    case 'rejected':
      return new Problem('processor_refused', 'the processor refused the request');
    case 'unreachable':
    case 'timed_out':
    case 'broken':
    case 'throttled':
      return new Problem('processor_unreachable', 'the processor could not be reached');
    case 'unintelligible':
      return new Problem('processor_unreachable', 'the processor gave no answer we can read');
  }
}
