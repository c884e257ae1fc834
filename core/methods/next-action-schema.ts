/** What the customer has to do, as payments and set-ups show it. */
import { Type } from 'typebox';
import { oneOf, strict } from '../sdk/vocabulary.ts';

export const NextActionSchema = strict(
  {
    type: oneOf([
      'redirect',
      'show_qr',
      'open_app',
      'transfer_to',
      'pay_bill',
      'confirm_in_browser',
    ]),
    url: Type.Optional(Type.String()),
    qr_url: Type.Optional(Type.String()),
    data: Type.Optional(Type.String()),
    bank: Type.Optional(Type.String()),
    number: Type.Optional(Type.String()),
    biller_code: Type.Optional(Type.String()),
    bill_key: Type.Optional(Type.String()),
    processor: Type.Optional(Type.String({ description: 'Whose script has to be loaded.' })),
    reference: Type.Optional(Type.String({ description: "The processor's public id." })),
    publishable_key: Type.Optional(Type.String()),
    client_secret: Type.Optional(
      Type.String({ description: 'For the script; not in lists and events.' }),
    ),
  },
  { title: 'NextAction' },
);
