/** What an account at Acme Pay needs, and the handle that is stored with each operation. */
import { Type, type Static } from 'typebox';
import { secretText } from '#sdk';

export const AcmePaySettings = Type.Object(
  {
    api_key: secretText('Dashboard, Developers: begins with ak_'),
    webhook_secret: secretText('Dashboard, Notifications: begins with ws_'),
  },
  { additionalProperties: false },
);

export type AcmePaySettings = Static<typeof AcmePaySettings>;

export const AcmePayRef = Type.Object(
  {
    payment: Type.String({ minLength: 1, description: 'pay_…' }),
    operation: Type.Optional(Type.String({ minLength: 1, description: 'cap_…, ref_… or void_…' })),
  },
  { additionalProperties: false },
);

export type AcmePayRef = Static<typeof AcmePayRef>;
