/** What the document leaves open or says in two ways: `plugin_settings.card-gateway`. */
import { Type, type Static } from 'typebox';
import { oneOf } from '#sdk';

export const CardGatewaySettings = Type.Object({
  envelope: Type.Optional(
    oneOf(['bare', 'wrapped'], 'bare (the default): the object itself; wrapped: {success, data}.'),
  ),
  foreign_payment: Type.Optional(
    Type.Unsafe<401 | 404>({
      type: 'integer',
      enum: [401, 404],
      description: 'How GET of a payment that is not yours is answered; 404 by default.',
    }),
  ),
  webhook_signature: Type.Optional(
    oneOf(
      ['timestamped', 'body'],
      'timestamped (the default): t=…,v1=…; body: hexadecimal HMAC-SHA256 of the body.',
    ),
  ),
});

export type Settings = Static<typeof CardGatewaySettings>;
