/** What the customer has to do, by payment_type: a page, a code, an app, an account number. */
import { Fault, type NextAction } from '#sdk';
import { listOf, optionalTextOf, textOf, webAddressOf, type Fields } from './fields.ts';

/** Undefined when the answer has nothing to show: GET status repeats no links and codes. */
export function actionOf(fields: Fields): NextAction | undefined {
  switch (optionalTextOf(fields, 'payment_type')) {
    case 'credit_card':
      return fields['redirect_url'] === undefined
        ? undefined
        : { type: 'redirect', url: webAddressOf(fields, 'redirect_url') };
    case 'qris':
      return fields['qr_string'] === undefined ? undefined : codeOf(fields);
    case 'gopay':
      return appOf(fields);
    case 'bank_transfer':
      return accountOf(fields);
    case 'echannel':
      return {
        type: 'pay_bill',
        bank: 'mandiri',
        biller_code: digitsOf(fields, 'biller_code'),
        bill_key: digitsOf(fields, 'bill_key'),
      };
    default:
      return undefined;
  }
}

function codeOf(fields: Fields): NextAction {
  const picture = linkOf(fields, 'generate-qr-code');
  return {
    type: 'show_qr',
    data: textOf(fields, 'qr_string'),
    ...(picture && { url: webAddressOf(picture, 'url') }),
  };
}

function appOf(fields: Fields): NextAction | undefined {
  const app = linkOf(fields, 'deeplink-redirect');
  if (!app) return undefined;
  // The newer code follows the QRIS standard: any app can read it.
  const picture = linkOf(fields, 'generate-qr-code-v2') ?? linkOf(fields, 'generate-qr-code');
  return {
    type: 'open_app',
    url: appAddressOf(app),
    ...(picture && { qr_url: webAddressOf(picture, 'url') }),
  };
}

const linkOf = (fields: Fields, name: string): Fields | undefined =>
  listOf(fields, 'actions').find((action) => action['name'] === name);

/** `gojek://…` or a web link; what a browser would run or read from disk is none. */
function appAddressOf(action: Fields): string {
  const url = textOf(action, 'url');
  const isLink = /^[a-z][a-z0-9+.-]*:\/\//i.test(url) && URL.canParse(url);
  if (isLink && !/^(?:javascript|vbscript|data|blob|file):/i.test(url)) return url;
  throw new Fault('unintelligible', 'the link to the app is not one');
}

function accountOf(fields: Fields): NextAction | undefined {
  if (fields['permata_va_number'] !== undefined) {
    const number = digitsOf(fields, 'permata_va_number');
    return { type: 'transfer_to', bank: 'permata', number };
  }
  const [account] = listOf(fields, 'va_numbers');
  if (!account) return undefined;
  const bank = textOf(account, 'bank').toLowerCase();
  return { type: 'transfer_to', bank, number: digitsOf(account, 'va_number') };
}

function digitsOf(fields: Fields, name: string): string {
  const text = textOf(fields, name);
  if (/^\d{4,30}$/.test(text)) return text;
  throw new Fault('unintelligible', `${name} is not a number to pay to`);
}
