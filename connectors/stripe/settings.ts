/** What an account at Stripe needs, and the handle stored with each operation. */
import { Type, type Static } from 'typebox';
import { secretText } from '#sdk';

export const StripeSettings = Type.Object(
  {
    secret_key: secretText('Secret or restricted key: sk_… or rk_…', '^(sk|rk)_(test|live)_\\w+$'),
    publishable_key: Type.Optional(
      Type.String({
        pattern: '^pk_(test|live)_\\w+$',
        maxLength: 500,
        description: 'pk_…: needed for everything that the customer confirms in the browser.',
      }),
    ),
    webhook_secret: Type.Optional(
      secretText('whsec_…: only when you registered the webhook endpoint by hand.', '^whsec_\\S+$'),
    ),
    raw_cards: Type.Optional(
      Type.Boolean({ description: 'Stripe allowed this account to send raw card numbers.' }),
    ),
    base_url: Type.Optional(
      Type.String({
        pattern: '^https?://[^\\s/?#]+$',
        maxLength: 500,
        description: 'Another host than https://api.stripe.com, for tests. Sandbox only.',
      }),
    ),
    statement_descriptor_suffix: Type.Optional(
      Type.String({
        pattern: '^[^<>\\\\\'"*]+$',
        maxLength: 22,
        description: 'Stands after your name on card statements when a payment says nothing else.',
      }),
    ),
  },
  { additionalProperties: false },
);

export type StripeSettings = Static<typeof StripeSettings>;

/**
 * An authorization is exactly `{intent}`: webhooks find it by that. Captures and voids act on the
 * same intent and say so in `act`; a refund is `{intent, refund}`, a set-up `{setup}`.
 */
export const StripeRef = Type.Object(
  {
    intent: Type.Optional(Type.String({ minLength: 1, description: 'pi_…' })),
    act: Type.Optional(Type.Union([Type.Literal('capture'), Type.Literal('void')])),
    refund: Type.Optional(Type.String({ minLength: 1, description: 're_…' })),
    setup: Type.Optional(Type.String({ minLength: 1, description: 'seti_…' })),
  },
  { additionalProperties: false },
);

export type StripeRef = Static<typeof StripeRef>;

const modeOf = (key: string) => (/^[a-z]+_live_/.test(key) ? 'live' : 'sandbox');

/** What the schema cannot say: keys and the switch must be of one mode. */
export function settingsFault(
  settings: StripeSettings,
  mode: 'sandbox' | 'live',
): { readonly field: string; readonly rule: string } | undefined {
  const prefix = mode === 'live' ? 'live' : 'test';
  if (modeOf(settings.secret_key) !== mode) {
    return { field: 'secret_key', rule: `must be a ${prefix} key in ${mode} mode` };
  }
  if (settings.publishable_key !== undefined && modeOf(settings.publishable_key) !== mode) {
    return { field: 'publishable_key', rule: `must be a ${prefix} key, as the secret key is` };
  }
  if (mode === 'live' && settings.base_url !== undefined) {
    return { field: 'base_url', rule: 'is for sandbox mode only' };
  }
  return undefined;
}
