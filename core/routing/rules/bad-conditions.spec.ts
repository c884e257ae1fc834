/** Conditions that cannot be meant: each is told at its place, with what is allowed. */
import { expect } from 'chai';
import { currencies } from '../../base/currency.ts';
import { methodTypes } from '../../sdk/command.ts';
import { lint } from './lint.ts';
import { parseRules } from './parse.ts';

const accounts = [
  { id: 'acct_1', name: 'main', tags: ['eu'], weight: 1 },
  { id: 'acct_2', name: 'second', tags: ['eu', 'asia'], weight: 1 },
];

/** What is said of a file: place, key and message. */
function said(text: string): string[] {
  const parsed = parseRules(text, 'rules.yaml', { accounts });
  const findings = parsed.rules ? lint(parsed.rules, { accounts }) : parsed.findings;
  return findings.map(({ place, key, message }) => {
    const where = 'line' in place ? `${place.line}:${place.column}` : 'nowhere';
    return `${where} ${key === '' ? '' : `${key}: `}${message}`;
  });
}

type Case = readonly [title: string, text: string, place: string, message: string];

const whenOf = (condition: string) => `version: 1
rules:
  - name: one
    when: ${condition}
    use: { strategy: failover, accounts: [main] }
default: { strategy: failover, accounts: all }
`;

// The contract may gain methods; the message names them all.
const methods = `${methodTypes.slice(0, -1).join(', ')} or ${methodTypes.at(-1)}`;

const cases: readonly Case[] = [
  [
    'an unknown field',
    '{ curency: USD }',
    '4:13',
    'rules[0].when.curency: found an unknown key, allowed: amount, currency, payment_method, capture_method, authentication_type, card_brand, card_bin, card_country, card_funding, billing_country, shipping_country, customer, returning_customer, profile, metadata, time, attempt, off_session, all, any, not (did you mean "currency"?)',
  ],
  [
    'a currency in lower case',
    '{ currency: usd }',
    '4:23',
    `rules[0].when.currency: found "usd", allowed: one of ${currencies.length} such as ZAR, ZMW, ZWG (did you mean "USD"?)`,
  ],
  [
    'a currency that is none',
    '{ currency: [USD, XXX] }',
    '4:29',
    `rules[0].when.currency[1]: found "XXX", allowed: one of ${currencies.length} such as ZAR, ZMW, ZWG`,
  ],
  [
    'nothing in when',
    '{}',
    '4:11',
    'rules[0].when: found an empty mapping, allowed: at least one condition (see also `default`)',
  ],
  [
    'a list for when',
    '[ { currency: USD } ]',
    '4:11',
    'rules[0].when: found a list, allowed: a mapping with the keys amount, currency, payment_method, capture_method, authentication_type, card_brand, card_bin, card_country, card_funding, billing_country, shipping_country, customer, returning_customer, profile, metadata, time, attempt, off_session, all, any, not',
  ],
  [
    'an amount without its currency',
    '{ amount: { gte: 100 } }',
    '4:13',
    'rules[0].when.amount.currency: this key is missing, allowed: the currency that the minor units are of',
  ],
  [
    'a bare amount',
    '{ amount: 100 }',
    '4:21',
    'rules[0].when.amount: found 100, allowed: a mapping such as { currency: USD, gte: 10000 }, in minor units',
  ],
  [
    'an amount with a fraction',
    '{ amount: { currency: USD, gte: 9.99 } }',
    '4:43',
    'rules[0].when.amount.gte: found 9.99, allowed: an integer from 0 to 999999999999',
  ],
  [
    'a quoted amount',
    '{ amount: { currency: USD, gte: "100" } }',
    '4:43',
    'rules[0].when.amount.gte: found "100", allowed: an integer from 0 to 999999999999',
  ],
  [
    'an amount without a bound',
    '{ amount: { currency: USD } }',
    '4:21',
    'rules[0].when.amount: no bound is given, allowed: equal, from, to, gt, gte, lt or lte',
  ],
  [
    'an unknown bound',
    '{ amount: { currency: USD, min: 5 } }',
    '4:38',
    'rules[0].when.amount.min: found an unknown key, allowed: currency, equal, from, to, gt, gte, lt, lte',
  ],
  [
    'an empty range',
    '{ amount: { currency: USD, gte: 500, lt: 500 } }',
    '4:21',
    'rules[0].when.amount: impossible: no value meets this condition',
  ],
  [
    'a country that has another code',
    '{ billing_country: UK }',
    '4:30',
    'rules[0].when.billing_country: found "UK", allowed: an ISO 3166-1 country of two capital letters such as ID (did you mean "GB"?)',
  ],
  [
    'a country in words',
    '{ card_country: [ID, Germany] }',
    '4:32',
    'rules[0].when.card_country[1]: found "Germany", allowed: an ISO 3166-1 country of two capital letters such as ID',
  ],
  [
    'a misspelt payment method',
    '{ payment_method: crad }',
    '4:29',
    `rules[0].when.payment_method: found "crad", allowed: ${methods} (did you mean "card"?)`,
  ],
  [
    'a misspelt brand',
    '{ card_brand: { not: mastercart } }',
    '4:32',
    'rules[0].when.card_brand.not: found "mastercart", allowed: visa, mastercard, amex, discover, jcb, diners, unionpay, maestro or unknown (did you mean "mastercard"?)',
  ],
  [
    'a BIN with a letter',
    '{ card_bin: 41x1 }',
    '4:23',
    'rules[0].when.card_bin: found "41x1", allowed: the first 1 to 8 digits of a card, or { from: 400000, to: 499999 }',
  ],
  [
    'half a BIN range',
    '{ card_bin: { from: 400000 } }',
    '4:13',
    'rules[0].when.card_bin.to: this key is missing, allowed: the last BIN',
  ],
  [
    'a BIN range backwards',
    '{ card_bin: { from: 500000, to: 400000 } }',
    '4:23',
    'rules[0].when.card_bin: impossible: no value meets this condition',
  ],
  [
    'yes for true',
    '{ off_session: yes }',
    '4:26',
    'rules[0].when.off_session: found "yes", allowed: true or false',
  ],
  [
    'an attempt of zero',
    '{ attempt: 0 }',
    '4:22',
    'rules[0].when.attempt: found 0, allowed: an integer from 1 to 1000',
  ],
  [
    'exists of what always is',
    '{ attempt: { exists: true } }',
    '4:24',
    'rules[0].when.attempt.exists: found an unknown key, allowed: in, not',
  ],
  [
    'exists in words',
    '{ customer: { exists: maybe } }',
    '4:33',
    'rules[0].when.customer.exists: found "maybe", allowed: true or false',
  ],
  [
    'an unknown operator',
    '{ customer: { is: cus_1 } }',
    '4:25',
    'rules[0].when.customer.is: found an unknown key, allowed: in, not, exists (did you mean "in"?)',
  ],
  [
    'an empty list of values',
    '{ card_brand: [] }',
    '4:25',
    'rules[0].when.card_brand: found an empty list, allowed: a list of at least one value: visa, mastercard, amex, discover, jcb, diners, unionpay, maestro or unknown',
  ],
  [
    'an empty mapping of values',
    '{ card_brand: {} }',
    '4:25',
    'rules[0].when.card_brand: found an empty mapping, allowed: visa, mastercard, amex, discover, jcb, diners, unionpay, maestro or unknown',
  ],
  [
    'metadata without a key',
    '{ metadata: gold }',
    '4:23',
    'rules[0].when.metadata: found "gold", allowed: a mapping of at least one metadata key to what it must be',
  ],
  [
    'a metadata range in words',
    '{ metadata: { score: { gte: high } } }',
    '4:39',
    'rules[0].when.metadata.score.gte: found "high", allowed: a number',
  ],
  [
    'a list as a metadata value',
    '{ metadata: { plan: [[gold]] } }',
    '4:32',
    'rules[0].when.metadata.plan[0]: found a list, allowed: text of at most 500 characters, a number, true or false',
  ],
  [
    'a time without its zone',
    '{ time: { days: [mon] } }',
    '4:13',
    'rules[0].when.time.zone: this key is missing, allowed: a time zone such as Asia/Jakarta',
  ],
  [
    'an unknown zone',
    '{ time: { zone: Asia/Jakata } }',
    '4:27',
    'rules[0].when.time.zone: found "Asia/Jakata", allowed: a time zone such as Asia/Jakarta (did you mean "Asia/Jakarta"?)',
  ],
  [
    'a day in full',
    '{ time: { zone: UTC, days: [monday] } }',
    '4:39',
    'rules[0].when.time.days[0]: found "monday", allowed: mon, tue, wed, thu, fri, sat or sun',
  ],
  [
    'an hour that is none',
    '{ time: { zone: UTC, from: "25:00" } }',
    '4:38',
    'rules[0].when.time.from: found "25:00", allowed: a time from 00:00 to 24:00',
  ],
  [
    'a time that is never',
    '{ time: { zone: UTC, from: "09:00", to: "09:00" } }',
    '4:19',
    'rules[0].when.time: the time begins and ends at the same minute, so it is never',
  ],
  [
    'an empty any',
    '{ any: [] }',
    '4:18',
    'rules[0].when.any: found an empty list, allowed: a list of at least one condition',
  ],
  [
    'a mapping for any',
    '{ any: { currency: USD } }',
    '4:18',
    'rules[0].when.any: found a mapping, allowed: a list of at least one condition',
  ],
  [
    'a profile that is none',
    '{ profile: shop }',
    '4:22',
    'rules[0].when.profile: found "shop", allowed: the id of a profile (prof_…)',
  ],
  [
    'a mistake far inside',
    '{ any: [ { not: { all: [ { currency: EUR }, { card_funding: debt } ] } } ] }',
    '4:71',
    'rules[0].when.any[0].not.all[1].card_funding: found "debt", allowed: credit, debit, prepaid or unknown (did you mean "debit"?)',
  ],
  [
    'two currencies at once',
    '{ currency: USD, amount: { currency: EUR, gte: 1 } }',
    '4:11',
    'rules[0].when: impossible: currency and amount contradict each other, so the rule matches nothing',
  ],
  [
    'a contradiction in all',
    '{ all: [ { card_brand: visa }, { card_brand: { not: visa } } ] }',
    '4:11',
    'rules[0].when: impossible: all[0].card_brand and all[1].card_brand contradict each other, so the rule matches nothing',
  ],
];

describe('a bad condition', () => {
  for (const [title, condition, place, message] of cases) {
    it(`is told: ${title}`, () => {
      expect(said(whenOf(condition))).to.deep.equal([`${place} ${message}`]);
    });
  }
});
