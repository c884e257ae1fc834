/** Which pages may show the card form: `plugin_settings.browser-sdk`. */
import { Type, type Static } from 'typebox';

/** A plain http page could be changed on its way to the customer; this machine's cannot. */
const originPattern =
  '^(https://[a-z0-9-]+(\\.[a-z0-9-]+)*|http://(localhost|127\\.0\\.0\\.1))(:[0-9]{1,5})?$';

export const BrowserSdkSettings = Type.Object({
  allowed_origins: Type.Optional(
    Type.Array(Type.String({ pattern: originPattern, maxLength: 260 }), {
      maxItems: 500,
      uniqueItems: true,
      description:
        'Scheme, host and port of the pages with card forms: https://shop.example. Left out, it ' +
        'is any page of this machine in the sandbox, and none in live mode.',
    }),
  ),
});

export type Settings = Static<typeof BrowserSdkSettings>;

const thisMachine = /^https?:\/\/(localhost|127\.0\.0\.1)(:[0-9]{1,5})?$/;

/**
 * `origin` as a browser writes it (`location.origin`), when a page of it may frame the card form;
 * undefined otherwise. What comes back is safe in a header: it is one of the list, or matched.
 */
export function allowedOrigin(
  { allowed_origins: listed }: Settings,
  mode: 'sandbox' | 'live',
  origin: string | undefined,
): string | undefined {
  if (origin === undefined) return undefined;
  const allowed = listed ? listed.includes(origin) : mode === 'sandbox' && thisMachine.test(origin);
  return allowed ? origin : undefined;
}
