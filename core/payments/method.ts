/** From the payment method of a request to what we pass on and what we keep. */
import type { Keyring } from '../base/keyring.ts';
import { Secret } from '../base/secret.ts';
import { readCard } from '../methods/index.ts';
import type { MethodInput } from '../sdk/command.ts';
import { Problem } from '../sdk/problem.ts';
import type { MethodSummary } from './record.ts';
import type { MethodBody } from './schema.ts';

export interface ReadMethod {
  /** For one processor call; lives in memory only. */
  readonly input: MethodInput;
  /** For the books and for answers. */
  readonly summary: MethodSummary;
}

/** A saved method is read from our own tables: see saved.ts. */
export type Unsaved = Exclude<MethodBody['type'], 'saved'>;

/** The one field that each type needs beside `type`; but for a CVC the others may not be there. */
const fieldOf = {
  card: 'card',
  token: 'token',
  bank_transfer: 'bank',
  saved: 'id',
  hosted: undefined,
  qris: undefined,
  gopay: undefined,
} as const satisfies Record<MethodBody['type'], Exclude<keyof MethodBody, 'type'> | undefined>;

/** Throws Problem `invalid_request` when the fields are not those of the type. */
export function assertFields(body: MethodBody): void {
  const needed = fieldOf[body.type];
  if (needed !== undefined && body[needed] === undefined) {
    throw new Problem('invalid_request', `a payment method of type ${body.type} has a ${needed}`, {
      param: `payment_method.${needed}`,
    });
  }
  for (const field of ['card', 'token', 'bank', 'id', 'cvc'] as const) {
    if (field === needed || body[field] === undefined) continue;
    if (field === 'cvc' && body.type === 'saved') continue;
    throw new Problem('invalid_request', `a payment method of type ${body.type} has no ${field}`, {
      param: `payment_method.${field}`,
    });
  }
}

/**
 * Splits a checked payment method into what is sent and what is kept.
 * Throws Problem `invalid_card` that names the field and the rule.
 */
export function readMethod(
  body: MethodBody & { readonly type: Unsaved },
  merchantId: string,
  keyring: Keyring,
  nowMs: number,
): ReadMethod {
  const { type, card, token = '', bank = '' } = body;
  switch (type) {
    case 'card':
      if (!card) throw new Problem('invalid_request', 'a card is missing');
      return readCard(card, merchantId, keyring, nowMs, 'payment_method.card');
    case 'token':
      return { input: { type, token: new Secret(token) }, summary: { type } };
    case 'bank_transfer':
      return { input: { type, bank }, summary: { type, bank } };
    case 'hosted':
    case 'qris':
    case 'gopay':
      return { input: { type }, summary: { type } };
  }
}
