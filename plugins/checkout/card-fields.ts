/** What a customer typed, as the card the payment API takes; or which field is to blame. */
import type { Texts } from './locales/index.ts';
import type { Complaint } from './form-view.ts';

type Field = NonNullable<Complaint['field']>;

export interface TypedCard {
  readonly number: string;
  readonly exp_month: number;
  readonly exp_year: number;
  readonly cvc: string;
  readonly holder_name: string;
}

const complaints: Readonly<Record<Field, keyof Texts>> = {
  email: 'badEmail',
  number: 'badNumber',
  expiry: 'badExpiry',
  cvc: 'badCvc',
  holder: 'badHolder',
};

export const complaintOf = (field: Field, texts: Texts): Complaint => ({
  text: texts[complaints[field]],
  field,
});

export const isEmail = (text: string) =>
  /^[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+$/.test(text) && text.length <= 254;

/** Arabic and Persian keyboards type digits of their own. */
const latin = (text: string) =>
  text.replaceAll(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) => String(digit.charCodeAt(0) & 15));

/** The first field that cannot be right, or the card. Whether it may pay is the bank's affair. */
export function typedCard(form: Readonly<Record<string, string>>): TypedCard | Field {
  const { number = '', expiry = '', cvc = '', holder = '' } = form;
  const digits = latin(number).replaceAll(/[\s-]/g, '');
  if (!/^\d{12,19}$/.test(digits)) return 'number';
  const [, month = '', year = ''] =
    /^(\d{1,2})\s*[/.-]?\s*(\d{2}|\d{4})$/.exec(latin(expiry).trim()) ?? [];
  const exp_month = Number(month);
  if (exp_month < 1 || exp_month > 12) return 'expiry';
  const code = latin(cvc).trim();
  if (!/^\d{3,4}$/.test(code)) return 'cvc';
  const holder_name = holder.trim();
  if (holder_name === '' || holder_name.length > 100) return 'holder';
  const exp_year = Number(year.length === 2 ? `20${year}` : year);
  return { number: digits, exp_month, exp_year, cvc: code, holder_name };
}

/** The native API's name for a field → ours. */
const nativeFields: Readonly<Record<string, Field>> = {
  email: 'email',
  number: 'number',
  exp_month: 'expiry',
  exp_year: 'expiry',
  cvc: 'cvc',
  holder_name: 'holder',
};

export const fieldOfParam = (param = ''): Field | undefined =>
  nativeFields[param.split('.').at(-1) ?? ''];
