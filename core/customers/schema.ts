/** The shapes of customers on the wire. */
import { Type, type Static } from 'typebox';
import {
  AddressSchema,
  EmailSchema,
  idOf,
  listSchema,
  MetadataSchema,
  nullable,
  PageQuerySchema,
  strict,
  text,
  TimeSchema,
} from '../sdk/vocabulary.ts';

/** The personal data and the merchant's own words: what a deletion erases. */
const fields = {
  reference: text(100, 'Your own id of the customer; unique among your customers.'),
  email: EmailSchema,
  name: text(200, 'Full name.'),
  phone: Type.String({ pattern: '^[0-9 ()./-]{3,30}$', description: 'Without the country code.' }),
  phone_country_code: Type.String({
    pattern: '^\\+[0-9]{1,4}$',
    description: 'With the plus: +62.',
  }),
  description: text(1000, 'For your own use.'),
  address: AddressSchema,
  metadata: MetadataSchema,
};

export const CustomerCreateSchema = strict(
  {
    reference: Type.Optional(fields.reference),
    email: Type.Optional(fields.email),
    name: Type.Optional(fields.name),
    phone: Type.Optional(fields.phone),
    phone_country_code: Type.Optional(fields.phone_country_code),
    description: Type.Optional(fields.description),
    address: Type.Optional(fields.address),
    metadata: Type.Optional(fields.metadata),
  },
  { title: 'CustomerCreate' },
);

export const CustomerUpdateSchema = strict(
  {
    reference: Type.Optional(nullable(fields.reference)),
    email: Type.Optional(nullable(fields.email)),
    name: Type.Optional(nullable(fields.name)),
    phone: Type.Optional(nullable(fields.phone)),
    phone_country_code: Type.Optional(nullable(fields.phone_country_code)),
    description: Type.Optional(nullable(fields.description)),
    address: Type.Optional(nullable(fields.address)),
    metadata: Type.Optional(nullable(fields.metadata)),
  },
  {
    title: 'CustomerUpdate',
    minProperties: 1,
    description:
      'What is left out stays; null clears a field. Address and metadata are replaced as a whole.',
  },
);

export const CustomerParams = strict({ customer_id: idOf('customer', 'cus_…') });

export const CustomerListQuerySchema = strict({
  ...PageQuerySchema,
  email: Type.Optional(
    Type.String({ maxLength: 254, description: 'Exactly this address, as it was given.' }),
  ),
  reference: Type.Optional(text(100, 'Exactly this reference.')),
});

export const CustomerSchema = strict(
  {
    id: Type.String(),
    object: Type.Literal('customer'),
    reference: nullable(Type.String()),
    email: nullable(Type.String()),
    name: nullable(Type.String()),
    phone: nullable(Type.String()),
    phone_country_code: nullable(Type.String()),
    description: nullable(Type.String()),
    address: nullable(AddressSchema),
    metadata: Type.Record(Type.String(), Type.Unknown()),
    created_at: TimeSchema,
    updated_at: TimeSchema,
  },
  { title: 'Customer' },
);

export const CustomerDeletedSchema = strict(
  {
    id: Type.String(),
    object: Type.Literal('customer'),
    deleted: Type.Literal(true),
  },
  { title: 'CustomerDeleted' },
);

export const CustomerListSchema = listSchema(CustomerSchema, 'CustomerList');

export type CustomerCreateBody = Static<typeof CustomerCreateSchema>;
export type CustomerUpdateBody = Static<typeof CustomerUpdateSchema>;
