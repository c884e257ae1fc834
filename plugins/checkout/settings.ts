/** What the owner of the box may say about the checkout: `plugin_settings.checkout`. */
import { Type, type Static } from 'typebox';

const WebUrl = Type.String({ pattern: '^https?://[^\\s]+$', maxLength: 2048 });

export const CheckoutSettings = Type.Object({
  script_urls: Type.Optional(
    Type.Record(Type.String({ pattern: '^[a-z0-9-]+$' }), WebUrl, {
      description: 'Connector → the script that its payment form is made of.',
    }),
  ),
  domains: Type.Optional(
    Type.Record(Type.String({ pattern: '^(prof|acct)_[0-9a-z]+$' }), WebUrl, {
      description:
        'Profile or account → scheme and host of its pages, in place of server.public_url.',
    }),
  ),
});

export type Settings = Static<typeof CheckoutSettings>;

/** Stripe docs, "Including Stripe.js": always from there, never bundled. */
const knownScripts: Readonly<Record<string, string>> = { stripe: 'https://js.stripe.com/v3/' };

/** Undefined for a processor whose script no page of ours knows. */
export function scriptUrlOf(settings: Settings, processor: string): string | undefined {
  return settings.script_urls?.[processor] ?? knownScripts[processor];
}
