/** How the customer paid in the end, as far as an answer tells. Nothing is decided by it. */
import type { Instrument, MethodType } from '#sdk';
import { optionalTextOf, type Fields } from './fields.ts';

const types: Readonly<Record<string, MethodType>> = {
  credit_card: 'card',
  gopay: 'gopay',
  qris: 'qris',
  bank_transfer: 'bank_transfer',
  echannel: 'bank_transfer',
};

/** Wallets and stores that only the hosted page offers keep its type, with Midtrans's own word. */
export function instrumentOf(fields: Fields): Instrument | undefined {
  const word = optionalTextOf(fields, 'payment_type');
  if (word === undefined || !/^[a-z_]{1,40}$/.test(word)) return undefined;
  const type = (Object.hasOwn(types, word) ? types[word] : undefined) ?? 'hosted';
  return { type, processor_type: word, ...cardOf(fields), ...bankOf(fields, word) };
}

/** `48111111-1114`: the first six or eight digits, and the last four. */
function cardOf(fields: Fields): Partial<Instrument> {
  const match = /^(\d{6,8})-(\d{4})$/.exec(optionalTextOf(fields, 'masked_card') ?? '');
  const [, bin, last4] = match ?? [];
  return bin === undefined || last4 === undefined ? {} : { bin, last4 };
}

function bankOf(fields: Fields, word: string): Partial<Instrument> {
  if (word === 'echannel') return { bank: 'mandiri' };
  if (word !== 'bank_transfer') return {};
  if (fields['permata_va_number'] !== undefined) return { bank: 'permata' };
  const accounts: unknown = fields['va_numbers'];
  const [first] = Array.isArray(accounts) ? (accounts as unknown[]) : [];
  const bank = (first as Fields | null | undefined)?.['bank'];
  return typeof bank === 'string' && /^[a-z]{2,20}$/.test(bank) ? { bank } : {};
}
