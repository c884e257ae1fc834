/**
 * The bank's `channel_response_code` (ISO 8583, field 39) in the switch's vocabulary. A token is
 * bound to one account, but a cascade may still make sense where the network, not the card, failed.
 */
import type { Advice, DeclineCode, Refusal } from '#sdk';
import { optionalTextOf, type Fields } from './fields.ts';

type Meaning = readonly [DeclineCode, Advice];

/** Meaning → the codes that have it. */
const groups: readonly (readonly [codes: string, DeclineCode, Advice])[] = [
  // This card will not do.
  ['04 41 43 67', 'lost_or_stolen_card', 'never'],
  ['07 34 59', 'fraud_suspected', 'never'],
  ['35 36 37 46 62 63 93', 'not_permitted', 'never'],
  ['01 02', 'call_issuer', 'never'],
  // Something the customer typed.
  ['14 56', 'incorrect_number', 'fix_input'],
  ['33 54', 'expired_card', 'fix_input'],
  ['55 75 83', 'authentication_failed', 'fix_input'],
  ['82', 'incorrect_cvc', 'fix_input'],
  ['13', 'invalid_amount', 'fix_input'],
  // Another day.
  ['51', 'insufficient_funds', 'later'],
  ['61 64 65', 'limit_exceeded', 'later'],
  ['90 91 92', 'processing_error', 'later'],
  // Another account: the network, or how this merchant is set up there.
  ['05', 'do_not_honor', 'other_account'],
  ['03 12 58', 'not_permitted', 'other_account'],
  ['57', 'card_not_supported', 'other_account'],
  ['06 19 22 30 96', 'processing_error', 'other_account'],
];

const declines: ReadonlyMap<string, Meaning> = new Map(
  groups.flatMap(([codes, code, advice]) =>
    codes.split(' ').map((given) => [given, [code, advice]] as const),
  ),
);

const fraud: Meaning = ['fraud_suspected', 'never'];
const other: Meaning = ['other', 'never'];

/**
 * Why it was denied. A "no" is a "no" whatever its reason: an unknown code is not a fault, and
 * never tried again. `word` stands for the code where the bank gave none.
 */
export function refusalOf(fields: Fields, word: string): Refusal {
  const given = optionalTextOf(fields, 'channel_response_code');
  // Approved by the bank ("0", "00") and denied all the same: Midtrans's fraud check, or a person.
  const isReason = given !== undefined && /^\w{1,40}$/.test(given) && !/^0+$/.test(given);
  const code = isReason ? given : undefined;
  const message = messageOf(fields);
  const meaning = code === undefined ? withoutCode(fields) : (declines.get(code) ?? other);
  return {
    code: meaning[0],
    advice: meaning[1],
    processorCode: code ?? word,
    ...(message !== undefined && { message }),
  };
}

const withoutCode = (fields: Fields): Meaning =>
  optionalTextOf(fields, 'fraud_status')?.toLowerCase() === 'deny' ? fraud : other;

/** The bank's words, shown and stored: nothing that may hold a number, a key or a token. */
function messageOf(fields: Fields): string | undefined {
  const text =
    optionalTextOf(fields, 'channel_response_message') ?? optionalTextOf(fields, 'status_message');
  return text === undefined || text.length > 200 || /\d{5}|\S{25}/.test(text) ? undefined : text;
}

/** Called off by the merchant, out of time, or broken at Midtrans: no bank said "no". */
export const endings = {
  cancel: { code: 'withdrawn', advice: 'never', processorCode: 'cancel' },
  expire: { code: 'expired', advice: 'never', processorCode: 'expire' },
  // Final in Midtrans's status table, with no cause told: never tried elsewhere by itself.
  failure: { code: 'processing_error', advice: 'never', processorCode: 'failure' },
} as const satisfies Record<string, Refusal>;
