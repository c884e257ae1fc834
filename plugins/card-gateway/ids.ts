/** One payment, three names: the document speaks of payments, intents and transactions. */
import { Problem } from '#sdk';

export type Kind = 'pay' | 'pi' | 'txn';

/** `pay_…` → the same payment as `pi_…` or `txn_…`. */
export const idOf = (kind: Kind, paymentId: string) => `${kind}_${paymentId.slice('pay_'.length)}`;

/** Throws `not_found` for what can be nobody's id of this kind. */
export function paymentIdOf(kind: Kind, id: string): string {
  const [, prefix, ulid] = /^([a-z]+)_([0-9a-z]{26})$/.exec(id) ?? [];
  if (prefix === kind && ulid !== undefined) return `pay_${ulid}`;
  throw new Problem('not_found', `there is no ${nouns[kind]} with this id`);
}

const nouns: Readonly<Record<Kind, string>> = {
  pay: 'payment',
  pi: 'payment intent',
  txn: 'transaction',
};

/** `pay_…_secret_…` as its document has it. */
export const shownSecret = (secret: string) => secret.replace(/^pay_/, 'pi_');

/** And back. */
export const nativeSecret = (secret: string) => secret.replace(/^pi_/, 'pay_');
