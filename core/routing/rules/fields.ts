/**
 * The fields that rules can ask about, in one table: reading, matching, the editor's schema and the
 * explanations are made from it.
 */
import { currencies } from '../../base/currency.ts';
import { methodTypes } from '../../sdk/command.ts';
import type { PaymentFacts } from './facts.ts';
import { minuteOfWeek } from './zoned-time.ts';

/** What a word has to look like, and how that is said. */
export interface Shape {
  readonly allowed: string;
  readonly pattern: RegExp;
}

interface Described {
  /** For the editor's schema and the guide. */
  readonly about: string;
}

export type Field = Described &
  (
    | { readonly kind: 'amount' }
    | { readonly kind: 'currency'; readonly words: readonly string[] }
    | { readonly kind: 'words'; readonly words: readonly string[] }
    | { readonly kind: 'country' }
    | { readonly kind: 'text'; readonly shape: Shape }
    | { readonly kind: 'boolean' }
    | { readonly kind: 'integer'; readonly minimum: number; readonly maximum: number }
    | { readonly kind: 'bin' }
    | { readonly kind: 'metadata' }
    | { readonly kind: 'time' }
  );

// As the schemes' names are spelt everywhere in the API (core/base/card.ts).
const brands = 'visa mastercard amex discover jcb diners unionpay maestro unknown'.split(' ');

const anyText: Shape = { allowed: 'text of 1 to 200 characters', pattern: /^[^]{1,200}$/ };
const profileId: Shape = { allowed: 'the id of a profile (prof_…)', pattern: /^prof_[0-9a-z]+$/ };

export const fields = {
  amount: {
    kind: 'amount',
    about: 'In minor units, with its currency: 10000 is 100.00 USD, but 10000 JPY.',
  },
  currency: { kind: 'currency', words: currencies, about: 'ISO 4217 code in upper case.' },
  payment_method: { kind: 'words', words: methodTypes, about: 'How the customer pays.' },
  capture_method: {
    kind: 'words',
    words: ['automatic', 'manual'],
    about: 'Captured with the authorization, or by a call of yours.',
  },
  authentication_type: {
    kind: 'words',
    words: ['three_ds', 'no_three_ds'],
    about: 'Whether 3-D Secure was asked for.',
  },
  card_brand: { kind: 'words', words: brands, about: 'The scheme of the card.' },
  card_bin: { kind: 'bin', about: 'The first digits of the card: a prefix, or a range.' },
  card_country: { kind: 'country', about: 'Where the card was issued.' },
  card_funding: {
    kind: 'words',
    words: ['credit', 'debit', 'prepaid', 'unknown'],
    about: 'What is behind the card.',
  },
  billing_country: { kind: 'country', about: 'The country of the billing address.' },
  shipping_country: { kind: 'country', about: 'The country of the shipping address.' },
  customer: { kind: 'text', shape: anyText, about: 'The id of the customer.' },
  returning_customer: { kind: 'boolean', about: 'Whether the customer has paid before.' },
  profile: { kind: 'text', shape: profileId, about: 'The id of the profile.' },
  metadata: { kind: 'metadata', about: 'Your own keys and values of the payment.' },
  time: { kind: 'time', about: 'Days and hours in a time zone.' },
  attempt: {
    kind: 'integer',
    minimum: 1,
    maximum: 1_000,
    about: '1 for the first try of a payment, 2 for the second.',
  },
  off_session: { kind: 'boolean', about: 'A charge of a saved method without the customer.' },
} as const satisfies Record<string, Field>;

export type FieldName = keyof typeof fields;

export const fieldNames = Object.keys(fields) as FieldName[];

/**
 * What a single test asks about: a field, or a part of one. `money` is the currency and amount in
 * one, `metadata` one key (as a word, or as a number), `time` one zone.
 */
export type Subject =
  | { readonly of: 'money' }
  | { readonly of: 'metadata' | 'metadata_number'; readonly key: string }
  | { readonly of: 'time'; readonly zone: string }
  | { readonly of: Exclude<FieldName, 'amount' | 'currency' | 'metadata' | 'time'> };

/** The same text for the same subject. */
export function subjectKey(subject: Subject): string {
  if ('key' in subject) return `${subject.of}.${subject.key}`;
  return 'zone' in subject ? `time@${subject.zone}` : subject.of;
}

/**
 * BINs of six digits and of eight stand on one line of numbers, six beyond eight: a six-digit BIN
 * stands for a hundred of the others, and only a rule that covers all of them may hold for it.
 */
export const sixDigitsFrom = 1_000_000_000;

export function binNumber(bin: string): number | undefined {
  if (!/^\d{6,8}$/.test(bin)) return undefined;
  return bin.length === 8 ? Number(bin) : sixDigitsFrom + Number(bin.slice(0, 6));
}

/** The fact as a word; undefined when it is not known. */
export function wordOf(subject: Subject, facts: PaymentFacts): string | undefined {
  let value: unknown;
  if ('key' in subject) {
    const { metadata } = facts;
    value = metadata && Object.hasOwn(metadata, subject.key) ? metadata[subject.key] : undefined;
  } else if (subject.of !== 'money' && subject.of !== 'time') {
    value = facts[subject.of];
  }
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? undefined : JSON.stringify(value);
}

/** The fact as a number; undefined when it is not known, or no number. */
export function numberOf(subject: Subject, facts: PaymentFacts): number | undefined {
  if ('zone' in subject) return minuteOfWeek(facts.at_ms, subject.zone);
  if (subject.of === 'attempt') return facts.attempt;
  const word = wordOf(subject, facts);
  if (word === undefined) return undefined;
  if (subject.of === 'card_bin') return binNumber(word);
  return /^-?\d{1,15}(\.\d{1,15})?$/.test(word) ? Number(word) : undefined;
}

/** The name under which the fact is shown: `metadata.plan`, `amount`. */
export function factNames(subject: Subject): readonly string[] {
  if ('key' in subject) return [`metadata.${subject.key}`];
  if (subject.of === 'money') return ['amount', 'currency'];
  return 'zone' in subject ? ['at_ms'] : [subject.of];
}
