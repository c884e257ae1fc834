/** Set-ups and payment methods as the native API shows them. */
import type { JsonObject } from '../base/json.ts';
import type { Keyring } from '../base/keyring.ts';
import type { PartyBody } from '../sdk/vocabulary.ts';
import { openedAction } from './next-action.ts';
import type {
  PaymentMethodRecord,
  SetupError,
  SetupRecord,
  StoredAction,
  StoredInstrument,
} from './record.ts';

function read<T>(column: string | null): T | null {
  return column === null ? null : (JSON.parse(column) as T);
}

/** For the merchant, with what opens the next action. */
export function presentSetup(setup: SetupRecord, keyring: Keyring) {
  const action = read<StoredAction>(setup.next_action);
  return {
    id: setup.id,
    object: 'setup' as const,
    status: setup.status,
    customer_id: setup.customer_id,
    account: setup.account_id,
    usage: setup.usage,
    payment_method_type: setup.method,
    payment_method: setup.payment_method_id,
    next_action: action && openedAction(action, keyring),
    last_error: read<SetupError>(setup.last_error),
    return_url: setup.return_url,
    created_at: setup.created_at,
    updated_at: setup.updated_at,
  };
}

/** For events, which are never rewritten: nothing of the person, no secret. */
export function presentEvent(setup: SetupRecord): JsonObject {
  return {
    id: setup.id,
    object: 'setup',
    status: setup.status,
    customer_id: setup.customer_id,
    account: setup.account_id,
    payment_method: setup.payment_method_id,
    last_error: read<JsonObject>(setup.last_error),
  };
}

export function presentMethod(method: PaymentMethodRecord) {
  const { type, ...details } = JSON.parse(method.summary) as StoredInstrument;
  return {
    id: method.id,
    object: 'payment_method' as const,
    kind: method.kind,
    type,
    customer_id: method.customer_id,
    account: method.account_id,
    details,
    fingerprint: method.fingerprint,
    billing: read<PartyBody>(method.billing),
    usage: method.usage,
    single_use: method.single_use === 1,
    expires_at: method.expires_at,
    created_at: method.created_at,
    updated_at: method.updated_at,
  };
}
