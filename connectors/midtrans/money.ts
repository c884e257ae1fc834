/**
 * Rupiah. ISO 4217, and so the switch, gives IDR two decimals; Midtrans takes whole rupiah as an
 * integer and answers in text, "250000.00" (Midtrans docs, json-objects). Both ways are exact.
 */
import { Fault, fromDecimal, type Money } from '#sdk';

/** `25000000` minor units → `250000`. Throws `rejected`, before anything is sent, otherwise. */
export function toRupiah({ amount, currency }: Money): number {
  if (currency !== 'IDR') throw new Fault('rejected', `Midtrans takes IDR, not ${currency}`);
  if (!Number.isSafeInteger(amount) || amount <= 0 || amount % 100 !== 0) {
    throw new Fault('rejected', 'Midtrans takes whole rupiah: a multiple of 100 minor units');
  }
  return amount / 100;
}

/** `"250000.00"` or `"250000"` → `25000000` minor units. Throws `unintelligible` otherwise. */
export function fromRupiah(value: unknown, name: string): Money {
  try {
    if (typeof value === 'string') return fromDecimal(value, 'IDR');
  } catch (cause) {
    // RangeError for what is no decimal, InvariantBroken for what no safe integer holds.
    throw Object.assign(unreadable(name), { cause });
  }
  throw unreadable(name);
}

const unreadable = (name: string) => new Fault('unintelligible', `${name} is no amount in rupiah`);
