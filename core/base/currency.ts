/**
 * ISO 4217: the currencies we accept and how many decimals their minor unit has.
 * Source: ISO 4217 list one (2026). Funds codes, metals and test codes are left out.
 */

const zeroDecimal = 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF';
const threeDecimal = 'BHD IQD JOD KWD LYD OMR TND';
const twoDecimal =
  'AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD ' +
  'CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD ' +
  'GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD ' +
  'MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP ' +
  'PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS ' +
  'TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD XCG YER ZAR ZMW ZWG';

const exponents = new Map<string, number>();
for (const code of zeroDecimal.split(' ')) exponents.set(code, 0);
for (const code of twoDecimal.split(' ')) exponents.set(code, 2);
for (const code of threeDecimal.split(' ')) exponents.set(code, 3);

/** Every accepted code, sorted: the enum of the API's `currency` field. */
export const currencies: readonly string[] = [...exponents.keys()].toSorted();

export function isCurrency(code: string): boolean {
  return exponents.has(code);
}

/** Decimals of the minor unit: USD 2, JPY 0, BHD 3. Throws RangeError for an unknown code. */
export function exponentOf(code: string): number {
  const exponent = exponents.get(code);
  if (exponent === undefined) throw new RangeError(`unknown currency ${code}`);
  return exponent;
}
