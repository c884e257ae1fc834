/** What an account at the simulator needs, and the handle stored with each operation. */
import { Type, type Static } from 'typebox';
import { secretText } from '#sdk';

export const CardSimulatorSettings = Type.Object(
  {
    base_url: Type.String({
      pattern: '^https?://[^\\s/?#]+(/[^\\s?#]*)?$',
      maxLength: 500,
      description: 'Where the simulator listens, for example http://127.0.0.1:8090',
    }),
    api_key: secretText('sim_ and anything: every distinct key is a merchant account of its own'),
  },
  { additionalProperties: false },
);

export type CardSimulatorSettings = Static<typeof CardSimulatorSettings>;

export const CardSimulatorRef = Type.Object(
  {
    charge: Type.String({ minLength: 1, description: 'ch_…' }),
    operation: Type.Optional(Type.String({ minLength: 1, description: 'cap_…, void_…, ref_… ' })),
  },
  { additionalProperties: false },
);

export type CardSimulatorRef = Static<typeof CardSimulatorRef>;
