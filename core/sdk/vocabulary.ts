/**
 * Schema words that several shapes share. A `title` makes a schema a named component in OpenAPI.
 */
import { Type, type Static, type TSchema } from 'typebox';
import { amountMax } from '../base/money.ts';
import { currencies } from '../base/currency.ts';
import { idPattern, type Noun } from '../base/id.ts';

/** An object that takes no fields but its own. */
export function strict<T extends Record<string, TSchema>>(fields: T, options: object = {}) {
  return Type.Object(fields, { additionalProperties: false, ...options });
}

export function nullable<T extends TSchema>(schema: T) {
  return Type.Union([schema, Type.Null()]);
}

export function text(maxLength: number, description: string) {
  return Type.String({ minLength: 1, maxLength, description });
}

/** A word out of a list. */
export function oneOf<const T extends readonly string[]>(words: T, description?: string) {
  const documented = description === undefined ? {} : { description };
  return Type.Unsafe<T[number]>({ type: 'string', enum: [...words], ...documented });
}

export function idOf(noun: Noun, description: string) {
  return Type.String({ pattern: idPattern(noun), description });
}

export const AmountSchema = Type.Integer({
  minimum: 1,
  maximum: amountMax,
  description: 'Whole number of minor units: 10000 is 100.00 USD, 10000 JPY.',
});

export const TotalSchema = Type.Integer({
  minimum: 0,
  description: 'Whole number of minor units.',
});

export const CurrencySchema = Type.String({
  enum: [...currencies],
  description: 'ISO 4217 code in upper case.',
});

export const TimeSchema = Type.String({
  format: 'date-time',
  description: 'ISO 8601, UTC, with milliseconds.',
});

export const MetadataSchema = Type.Record(
  Type.String(),
  Type.Union([Type.String({ maxLength: 500 }), Type.Number(), Type.Boolean(), Type.Null()]),
  {
    maxProperties: 50,
    propertyNames: { minLength: 1, maxLength: 40 },
    description: 'Your own keys and values; returned as you gave them. No card data.',
  },
);

export const AddressSchema = strict(
  {
    line1: Type.Optional(text(200, 'Street and number.')),
    line2: Type.Optional(text(200, 'Flat, floor, building.')),
    city: Type.Optional(text(100, 'City.')),
    state: Type.Optional(text(100, 'State, province or region.')),
    postal_code: Type.Optional(text(20, 'Postal code.')),
    country: Type.Optional(
      Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166-1 alpha-2 country code.' }),
    ),
  },
  { title: 'Address' },
);

export const EmailSchema = Type.String({ format: 'email', maxLength: 254 });

export const PartySchema = strict(
  {
    name: Type.Optional(text(200, 'Full name.')),
    email: Type.Optional(EmailSchema),
    phone: Type.Optional(
      Type.String({ pattern: '^[0-9 ()./-]{3,30}$', description: 'Without the country code.' }),
    ),
    phone_country_code: Type.Optional(
      Type.String({ pattern: '^\\+[0-9]{1,4}$', description: 'With the plus: +62.' }),
    ),
    address: Type.Optional(AddressSchema),
  },
  { title: 'Party' },
);

export const PageQuerySchema = {
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 100, default: 10, description: 'Objects per page.' }),
  ),
  starting_after: Type.Optional(
    Type.String({ maxLength: 40, description: 'Id of the last object you have: what is older.' }),
  ),
  ending_before: Type.Optional(
    Type.String({ maxLength: 40, description: 'Id of the first object you have: what is newer.' }),
  ),
};

/** The list envelope around one kind of object. */
export function listSchema<T extends TSchema>(item: T, title: string) {
  return strict(
    { object: Type.Literal('list'), data: Type.Array(item), has_more: Type.Boolean() },
    { title },
  );
}

export type AddressBody = Static<typeof AddressSchema>;
export type PartyBody = Static<typeof PartySchema>;
