/** What an account at Midtrans needs, and the handle stored with each operation. */
import { Type, type Static } from 'typebox';
import { secretText } from '#sdk';

const base = (what: string) =>
  Type.Optional(
    Type.String({
      pattern: '^https?://[^\\s/?#]+(/[^\\s?#]*)?$',
      maxLength: 500,
      description: `${what} instead of Midtrans's own host; sandbox only.`,
    }),
  );

/**
 * Words of Snap's `enabled_payments`. `dana` is left out: GET status finds a DANA payment by its
 * transaction_id only (Midtrans docs, get-transaction-status), and a lost answer tells none.
 */
export const snapPayments: readonly string[] = (
  'credit_card gopay shopeepay ovo other_qris bca_va bni_va bri_va cimb_va permata_va danamon_va ' +
  'bsi_va seabank_va saqu_va echannel other_va alfamart indomaret akulaku kredivo'
).split(' ');

export const MidtransSettings = Type.Object(
  {
    server_key: secretText(
      'Server key: SB-Mid-server-… in the sandbox, Mid-server-… in production',
    ),
    client_key: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        description: 'Client key, public: a page of yours makes card tokens with it.',
      }),
    ),
    merchant_id: Type.Optional(
      Type.String({ minLength: 1, maxLength: 50, description: 'G…, as the dashboard shows it.' }),
    ),
    enabled_payments: Type.Optional(
      Type.Array(Type.Unsafe<string>({ type: 'string', enum: [...snapPayments] }), {
        minItems: 1,
        uniqueItems: true,
        description: 'What the hosted page offers; everything the account has when absent.',
      }),
    ),
    direct_refund: Type.Optional(
      Type.Boolean({
        description: 'Refunds go to /refund/online/direct and are answered at once.',
      }),
    ),
    qris_acquirer: Type.Optional(
      Type.Unsafe<string>({
        type: 'string',
        enum: ['gopay', 'airpay shopee'],
        description: 'Who issues QRIS codes; Midtrans chooses when absent.',
      }),
    ),
    api_base_url: base('Where the Core API is'),
    app_base_url: base('Where Snap is'),
  },
  { additionalProperties: false },
);

export type MidtransSettings = Static<typeof MidtransSettings>;

const text = (description: string) => Type.String({ minLength: 1, maxLength: 200, description });

export const MidtransRef = Type.Object(
  {
    order: text('order_id: the id of the authorization in the switch'),
    transaction: Type.Optional(text('transaction_id')),
    snap: Type.Optional(text('token of the hosted page')),
    refund: Type.Optional(text('refund_key, or ~ and what else tells one refund from another')),
    reached: Type.Optional(
      Type.Unsafe<'authorized' | 'captured'>({
        type: 'string',
        enum: ['authorized', 'captured'],
        description: 'How far it had come when it succeeded: a later deny or cancel does not tell.',
      }),
    ),
  },
  { additionalProperties: false },
);

export type MidtransRef = Static<typeof MidtransRef>;

const hosts = {
  sandbox: { api: 'https://api.sandbox.midtrans.com', app: 'https://app.sandbox.midtrans.com' },
  live: { api: 'https://api.midtrans.com', app: 'https://app.midtrans.com' },
} as const;

/** Where a family of calls goes; the two families answer 404 to each other's paths. */
export function hostOf(
  family: 'api' | 'app',
  settings: MidtransSettings,
  mode: 'sandbox' | 'live',
): string {
  const own = family === 'api' ? settings.api_base_url : settings.app_base_url;
  return (own ?? hosts[mode][family]).replace(/\/+$/, '');
}

/** What the schema cannot say: a key of the other world, another host with real money. */
export function settingsFault(
  settings: MidtransSettings,
  mode: 'sandbox' | 'live',
): { readonly field: string; readonly rule: string } | undefined {
  const bases = (['api_base_url', 'app_base_url'] as const).filter(
    (field) => settings[field] !== undefined,
  );
  const [field] = bases;
  if (mode === 'live' && field) return { field, rule: 'cannot be changed in live mode' };
  // With both hosts replaced no key goes to Midtrans: a test server may want any.
  if (bases.length === 2) return undefined;
  for (const name of ['server_key', 'client_key'] as const) {
    const key = settings[name];
    if (key === undefined) continue;
    const isSandboxKey = key.startsWith('SB-');
    if (mode === 'live' && isSandboxKey) return { field: name, rule: 'is a sandbox key (SB-…)' };
    if (mode === 'sandbox' && !isSandboxKey) {
      return { field: name, rule: 'is not a sandbox key: those begin with SB-' };
    }
  }
  return undefined;
}
