/** What Midtrans documents as tables: methods, bounds, refund windows, sandbox cards. */

export const statuses = [
  'pending',
  'authorize',
  'capture',
  'settlement',
  'deny',
  'cancel',
  'expire',
  'failure',
  'refund',
  'partial_refund',
  'chargeback',
  'partial_chargeback',
] as const;

export type Status = (typeof statuses)[number];

/** An order_id in one of these is taken: active or paid (reference/json-objects). */
export const takenStatuses: readonly Status[] = [
  'pending',
  'authorize',
  'capture',
  'settlement',
  'refund',
  'partial_refund',
  'chargeback',
  'partial_chargeback',
];

/** The words of `enabled_payments` (reference/request-body-json-parameter), aliases included. */
export const snapMethods = [
  'credit_card',
  'gopay',
  'shopeepay',
  'dana',
  'ovo',
  'other_qris',
  'bca_va',
  'bni_va',
  'bri_va',
  'cimb_va',
  'permata_va',
  'danamon_va',
  'bsi_va',
  'seabank_va',
  'saqu_va',
  'echannel',
  'other_va',
  'alfamart',
  'indomaret',
  'akulaku',
  'kredivo',
] as const;

export type SnapMethod = (typeof snapMethods)[number];

export const snapAliases: Readonly<Record<string, readonly SnapMethod[]>> = {
  bank_transfer: snapMethods.filter((name) => name.endsWith('_va')),
  cstore: ['alfamart', 'indomaret'],
};

export const paymentTypes = [
  'credit_card',
  'bank_transfer',
  'echannel',
  'gopay',
  'shopeepay',
  'dana',
  'ovo',
  'qris',
  'cstore',
  'akulaku',
  'kredivo',
] as const;

export type PaymentType = (typeof paymentTypes)[number];

export const banks = ['bca', 'bni', 'bri', 'permata', 'cimb', 'danamon', 'bsi', 'seabank'] as const;

export const stores = ['alfamart', 'indomaret'] as const;

/** Whole rupiah, by payment type, bank (`bca_va`) or store. */
export const amountLimits: Readonly<Record<string, readonly [minimum: number, maximum: number]>> = {
  credit_card: [10_000, 999_999_999],
  echannel: [1, 50_000_000_000],
  bca_va: [10_000, 20_000_000_000],
  bri_va: [1, 20_000_000_000],
  permata_va: [1, 9_999_999_999],
  cimb_va: [1, 250_000_000],
  bsi_va: [1_000, Infinity],
  seabank_va: [10_000, 100_000_000],
  gopay: [1, 20_000_000],
  shopeepay: [1, 20_000_000],
  dana: [1, 20_000_000],
  ovo: [1, 99_999_999],
  qris: [1, 10_000_000],
  alfamart: [1, 5_000_000],
  indomaret: [10_000, 5_000_000],
  akulaku: [5_000, Infinity],
};

/** Which payment types can be given back, and until how many days after settlement. */
export const refundWindowDays: Readonly<Partial<Record<PaymentType, number>>> = {
  credit_card: Infinity,
  gopay: 45,
  shopeepay: 365,
  dana: 45,
  ovo: 7,
  // A QRIS code paid with GoPay ("on-us"); another bank's app has 7 days.
  qris: 45,
  kredivo: 14,
  akulaku: Infinity,
};

export const offUsRefundWindowDays = 7;

export const wholeRefundsOnly: readonly PaymentType[] = ['shopeepay', 'ovo'];

export type CardFate =
  'accept' | 'accept_3ds' | 'deny_3ds' | 'fds_deny' | 'bank_deny' | 'rc51' | 'accept_after_60s';

/** docs/testing-payment-on-sandbox. CVV 123, OTP 112233. */
export const sandboxCards: Readonly<Record<string, CardFate>> = {
  '4811111111111114': 'accept_3ds',
  '5211111111111117': 'accept_3ds',
  '3528203324564357': 'accept_3ds',
  '370192169722458': 'accept_3ds',
  '4916994064252017': 'accept_3ds',
  '4911111111111113': 'deny_3ds',
  '5111111111111118': 'deny_3ds',
  '3528512944932269': 'deny_3ds',
  '374296354400881': 'deny_3ds',
  '4604633194219929': 'deny_3ds',
  '4411111111111118': 'accept',
  '5410111111111116': 'accept',
  '4556557955726624': 'accept',
  '4611111111111116': 'fds_deny',
  '5411111111111115': 'fds_deny',
  '4711111111111115': 'bank_deny',
  '5511111111111114': 'bank_deny',
  '4472429869996670': 'rc51',
  '4024007176265022': 'accept_after_60s',
};

/** reference/channel-response-code, the ones a test asks for. */
export const responseTexts: Readonly<Record<string, string>> = {
  '00': 'Approved',
  '01': 'Refer to card issuer',
  '05': 'Do not honor',
  '14': 'Invalid card number',
  '41': 'Lost card',
  '43': 'Stolen card',
  '51': 'Insufficient funds',
  '54': 'Expired card',
  '91': 'Issuer or switch is inoperative',
};
