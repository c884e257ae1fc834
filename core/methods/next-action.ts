/**
 * What the customer has to do, as it is stored and as it is shown. The one part that opens
 * something, the secret for the processor's script, is sealed in the books and shown only to those
 * who may act on the payment: never in events, lists or logs.
 */
import type { Keyring } from '../base/keyring.ts';
import type { NextAction } from '../sdk/outcome.ts';
import type { StoredAction } from './record.ts';

const binding = (reference: string) => `next-action/${reference}`;

/** `known` is what was stored before: the same secret is not sealed anew whenever it is heard. */
export function storedAction(
  action: NextAction,
  known: StoredAction | undefined,
  keyring: Keyring,
): StoredAction {
  if (action.type !== 'confirm_in_browser') return action;
  const { reference, client_secret: secret } = action;
  if (known?.type === 'confirm_in_browser' && known.reference === reference) {
    if (keyring.open('next-action', binding(reference), known.client_secret) === secret.reveal()) {
      return { ...action, client_secret: known.client_secret };
    }
  }
  const sealed = keyring.seal('next-action', binding(reference), secret.reveal());
  return { ...action, client_secret: sealed };
}

/** The action for whoever may carry it out. */
export function openedAction(action: StoredAction, keyring: Keyring): StoredAction {
  if (action.type !== 'confirm_in_browser') return action;
  const { reference, client_secret: sealed } = action;
  return { ...action, client_secret: keyring.open('next-action', binding(reference), sealed) };
}

/** The action for everybody else. */
export function closedAction(action: StoredAction) {
  if (action.type !== 'confirm_in_browser') return action;
  const { client_secret: _sealed, ...open } = action;
  return open;
}
