/**
 * What can be known of a card number without asking anybody: brand, length, Luhn.
 * Ranges and lengths: ISO/IEC 7812 and the schemes' published BIN tables.
 */

export type Brand =
  | 'visa'
  | 'mastercard'
  | 'amex'
  | 'discover'
  | 'jcb'
  | 'diners'
  | 'unionpay'
  | 'maestro'
  | 'unknown';

interface BrandRule {
  readonly brand: Brand;
  readonly prefix: RegExp;
  readonly lengths: readonly number[];
  readonly cvcLength: number;
}

const rules: readonly BrandRule[] = [
  { brand: 'amex', prefix: /^3[47]/, lengths: [15], cvcLength: 4 },
  { brand: 'diners', prefix: /^3(?:0[0-5]|[689])/, lengths: [14, 16, 19], cvcLength: 3 },
  { brand: 'jcb', prefix: /^35(?:2[89]|[3-8]\d)/, lengths: [16, 17, 18, 19], cvcLength: 3 },
  { brand: 'visa', prefix: /^4/, lengths: [13, 16, 19], cvcLength: 3 },
  {
    brand: 'mastercard',
    prefix: /^(?:5[1-5]|222[1-9]|22[3-9]\d|2[3-6]\d{2}|27[01]\d|2720)/,
    lengths: [16],
    cvcLength: 3,
  },
  { brand: 'discover', prefix: /^6(?:011|4[4-9]|5)/, lengths: [16, 19], cvcLength: 3 },
  { brand: 'unionpay', prefix: /^62/, lengths: [16, 17, 18, 19], cvcLength: 3 },
  {
    brand: 'maestro',
    prefix: /^(?:50|5[6-9]|6)/,
    lengths: [12, 13, 14, 15, 16, 17, 18, 19],
    cvcLength: 3,
  },
];

function ruleOf(number: string): BrandRule | undefined {
  return rules.find(({ prefix }) => prefix.test(number));
}

export function brandOf(number: string): Brand {
  return ruleOf(number)?.brand ?? 'unknown';
}

export function cvcLengthOf(brand: Brand): number {
  return rules.find((rule) => rule.brand === brand)?.cvcLength ?? 3;
}

/** Lengths the brand issues; 12 to 19 for a brand we do not know. */
export function lengthFits(number: string): boolean {
  const rule = ruleOf(number);
  return rule ? rule.lengths.includes(number.length) : number.length >= 12 && number.length <= 19;
}

/** The check digit of ISO/IEC 7812-1, annex B. */
export function luhnHolds(digits: string): boolean {
  let sum = 0;
  for (let place = 0; place < digits.length; place += 1) {
    let digit = digits.charCodeAt(digits.length - 1 - place) - 48;
    if (place % 2 === 1) {
      digit *= 2;
      if (digit > 9) digit -= 9;
    }
    sum += digit;
  }
  return sum % 10 === 0;
}

/**
 * RFC 9562: random ids, in one of 2,700 of which groups of digits pass for a card number. With a
 * letter in it a text of this shape is none.
 */
const uuid = /[\da-f]{8}-[\da-f]{4}-[1-8][\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}/gi;
const letter = /[a-f]/i;

/** What people write between the groups of a card number; zero-width characters among it. */
const gap = /^[\s.,\-_/\u200b-\u200d\u2060]{1,4}$/;

interface Group {
  readonly digits: string;
  /** Whether only a gap lies between it and the group before. */
  readonly follows: boolean;
}

/**
 * Whether a text carries something that is a card number in all likelihood: 13 to 19 digits,
 * perhaps in groups, of a known brand with a length that brand issues and a right check digit.
 * (Luhn alone would refuse one order number in ten.) An expiry, a CVC or another number may follow.
 */
export function holdsCardNumber(text: string): boolean {
  if (text.length < 13) return false;
  // Full-width and other digit forms fold to ASCII, so that they hide nothing.
  const plain = text.normalize('NFKC').replace(uuid, (id) => (letter.test(id) ? 'uuid' : id));
  const runs = [...plain.matchAll(/\d+/g)];
  if (runs.reduce((count, [run]) => count + run.length, 0) < 13) return false;
  const groups = runs.map(({ index, 0: digits }, at): Group => {
    const before = runs[at - 1];
    const between = before && plain.slice(before.index + before[0].length, index);
    return { digits, follows: between !== undefined && gap.test(between) };
  });
  return groups.some((_, first) => startsCardNumber(groups, first));
}

/** A number begins with a group and ends with one. */
function startsCardNumber(groups: readonly Group[], first: number): boolean {
  let digits = '';
  for (let at = first; at < groups.length; at += 1) {
    const group = groups[at];
    if (!group || (at > first && !group.follows)) return false;
    digits += group.digits;
    if (digits.length > 19) return false;
    if (isCardNumber(digits)) return true;
  }
  return false;
}

/** Luhn first: it is the cheapest and turns nine of ten away. */
function isCardNumber(digits: string): boolean {
  if (digits.length < 13 || !luhnHolds(digits)) return false;
  const brand = brandOf(digits);
  return brand !== 'unknown' && brand !== 'maestro' && lengthFits(digits);
}
