/**
 * The switch's own vault: cards that a customer asked to keep. Number, expiry and holder are sealed
 * together; the CVC is not among them, ever. The same card of the same customer is kept once.
 */
import { day, isoTime } from '../base/clock.ts';
import { newId } from '../base/id.ts';
import type { Keyring } from '../base/keyring.ts';
import { Secret } from '../base/secret.ts';
import type { CustomerRecord } from '../customers/customer.ts';
import { eventChange } from '../events/event.ts';
import type { CardInput, Party } from '../sdk/command.ts';
import { findOne, insert, remove, update, type Change } from '../storage/index.ts';
import { summaryOf, type CardSummary } from './card.ts';
import { fence } from './fence.ts';
import { openToken, tokenBinding } from './open-method.ts';
import type { MethodsDeps, PaymentMethodRecord, Usage } from './record.ts';

type Deps = Pick<MethodsDeps, 'db' | 'keyring' | 'clock'>;

/** The unique index on a customer's cards; also what guards the customer they are kept for. */
export const vaultCardGuard = 'payment_methods_card';

/** The plain text under the seal. */
interface StoredCard {
  readonly number: string;
  readonly exp_month: number;
  readonly exp_year: number;
  readonly holder_name?: string;
}

export interface CardAbout {
  readonly merchantId: string;
  readonly customerId: string;
  readonly card: CardInput;
  readonly usage: Usage;
  readonly billing?: Party | undefined;
}

export interface KeptCard {
  readonly method: PaymentMethodRecord;
  readonly changes: readonly Change[];
}

/** The card of a row, for one call to a processor. */
export function openCard(
  keyring: Keyring,
  record: PaymentMethodRecord,
  cvc: Secret | undefined,
): CardInput {
  const card = JSON.parse(openToken(keyring, record).reveal()) as StoredCard;
  return {
    type: 'card',
    number: new Secret(card.number),
    exp_month: card.exp_month,
    exp_year: card.exp_year,
    cvc,
    holder_name: card.holder_name,
  };
}

/** Everything of a row but whose it is and how long it stays. */
export function cardRow(
  { keyring, clock }: Pick<Deps, 'keyring' | 'clock'>,
  merchantId: string,
  card: CardInput,
  billing: Party | undefined,
) {
  const now = clock.now();
  const at = isoTime(now);
  const id = newId('paymentMethod', now);
  return {
    id,
    merchant_id: merchantId,
    kind: 'vault' as const,
    account_id: null,
    ...sealed(keyring, id, card),
    // Until it is somebody's, nothing has to find it by its number.
    token_digest: keyring.digest('method-token', id),
    customer_reference: null,
    ...shown(summaryOf(card, merchantId, keyring)),
    billing: billing === undefined ? null : JSON.stringify(billing),
    single_use: 0 as const,
    expires_at: null,
    used_at: null,
    held_for: null,
    forget_at: null,
    forget_tries: 0,
    created_at: at,
    updated_at: at,
    deleted_at: null,
    version: 1,
  };
}

function sealed(keyring: Keyring, id: string, card: CardInput): { token: string } {
  const { exp_month, exp_year, holder_name } = card;
  const text: StoredCard = {
    number: card.number.reveal(),
    exp_month,
    exp_year,
    ...(holder_name === undefined ? {} : { holder_name }),
  };
  return { token: keyring.seal('vault-card', tokenBinding(id), JSON.stringify(text)) };
}

/** The holder's name stays under the seal. */
function shown({ fingerprint, holder_name: _sealed, ...instrument }: CardSummary) {
  return { summary: JSON.stringify(instrument), fingerprint };
}

/** Finds a customer's card again without opening any. */
function digestOf(keyring: Keyring, customerId: string, card: CardInput): string {
  return keyring.digest('method-token', `vault ${customerId} ${card.number.reveal()}`);
}

/**
 * The rows that keep a card, for the commit of what brought it; undefined when the customer is
 * gone. A card that is kept already gets the new expiry, holder and billing; `off_session` is
 * remembered.
 *
 * A Conflict with guard {@link vaultCardGuard} means that the card or its customer was changed at
 * the same moment: build the changes again and commit again.
 */
export async function keepCard(deps: Deps, about: CardAbout): Promise<KeptCard | undefined> {
  const { db, keyring } = deps;
  const { merchantId, customerId, card, usage, billing } = about;
  const where = { id: customerId, merchant_id: merchantId, deleted_at: null };
  const customer = await findOne<CustomerRecord>(db, 'customers', where);
  if (!customer) return undefined;
  const digest = digestOf(keyring, customerId, card);
  const known = await findOne<PaymentMethodRecord>(db, 'payment_methods', {
    customer_id: customerId,
    token_digest: digest,
    deleted_at: null,
  });
  if (known) return renewed(deps, known, about);
  const method: PaymentMethodRecord = {
    ...cardRow(deps, merchantId, card, billing),
    customer_id: customerId,
    token_digest: digest,
    usage,
  };
  const changes = [
    insert('payment_methods', { ...method }),
    fence(customer, vaultCardGuard),
    attached(deps, method),
  ];
  return { method, changes };
}

function attached({ clock }: Pick<Deps, 'clock'>, method: PaymentMethodRecord): Change {
  const { id, merchant_id: merchantId, customer_id } = method;
  const data = { id, object: 'payment_method', customer_id, account: null };
  return eventChange('payment_method.attached', { merchantId }, data, clock.now());
}

function renewed(deps: Deps, known: PaymentMethodRecord, about: CardAbout): KeptCard {
  const { keyring, clock } = deps;
  const { card, usage, merchantId, billing } = about;
  const before = openCard(keyring, known, undefined);
  const holderName = card.holder_name ?? before.holder_name;
  const after: CardInput = { ...card, holder_name: holderName };
  const same =
    before.exp_month === after.exp_month &&
    before.exp_year === after.exp_year &&
    before.holder_name === after.holder_name;
  const set = {
    ...(same ? {} : { ...sealed(keyring, known.id, after) }),
    ...(same ? {} : shown(summaryOf(after, merchantId, keyring))),
    ...(usage === 'off_session' && known.usage !== usage ? { usage } : {}),
    ...(billing === undefined || JSON.stringify(billing) === known.billing
      ? {}
      : { billing: JSON.stringify(billing) }),
  };
  if (Object.keys(set).length === 0) return { method: known, changes: [] };
  const stamps = { updated_at: isoTime(clock.now()), version: known.version + 1 };
  const where = { id: known.id, version: known.version };
  return {
    method: { ...known, ...set, ...stamps },
    changes: [update('payment_methods', { ...set, ...stamps }, where, vaultCardGuard)],
  };
}

/** How long a card waits for its customer to pass a challenge: longer than banks let him try. */
const heldMs = day;

/**
 * Puts a card by, sealed, while its customer is at his bank: it is nobody's method until the
 * authorization succeeds, and erased when it does not.
 */
export function holdCard(deps: Deps, about: CardAbout, operationId: string): readonly Change[] {
  const { merchantId, customerId, card, usage, billing } = about;
  const method: PaymentMethodRecord = {
    ...cardRow(deps, merchantId, card, billing),
    customer_id: customerId,
    usage,
    held_for: operationId,
    expires_at: isoTime(deps.clock.now() + heldMs),
  };
  return [insert('payment_methods', { ...method })];
}

/** What was put by for an authorization: kept now when it succeeded, and gone either way. */
export async function releaseHeld(
  deps: Deps,
  operationId: string,
  keep: boolean,
): Promise<readonly Change[]> {
  const held = await findOne<PaymentMethodRecord>(deps.db, 'payment_methods', {
    held_for: operationId,
    deleted_at: null,
  });
  if (!held) return [];
  const gone = remove('payment_methods', { id: held.id });
  if (!keep || held.customer_id === null) return [gone];
  const kept = await keepCard(deps, {
    merchantId: held.merchant_id,
    customerId: held.customer_id,
    card: openCard(deps.keyring, held, undefined),
    usage: held.usage,
    billing: held.billing === null ? undefined : (JSON.parse(held.billing) as Party),
  });
  return [gone, ...(kept?.changes ?? [])];
}
