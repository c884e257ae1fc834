/** The mail with a payment link (RFC 5322, text only); whoever runs the box sends what it finds. */
import { say } from './html.ts';
import { localeOf } from './locales/index.ts';
import type { LinkDetails } from './record.ts';
import { moneyText } from './summary-view.ts';

export interface LinkMail {
  readonly from: string;
  readonly to: string;
  readonly url: string;
  readonly details: LinkDetails;
  readonly nowMs: number;
}

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** RFC 2047, in words of at most 75 characters: 45 bytes make 60 in base64. */
function encodedWords(text: string): string {
  const parts = Array.from(text).reduce<string[]>((words, sign) => {
    const last = words.at(-1) ?? '';
    const fits = Buffer.byteLength(last + sign) <= 45;
    return fits ? [...words.slice(0, -1), last + sign] : [...words, sign];
  }, []);
  return parts.map((part) => `=?utf-8?B?${base64(part)}?=`).join('\r\n ');
}

/** Texts of merchants are encoded, so that none of them begins a header. */
export function linkMail({ from, to, url, details, nowMs }: LinkMail): string {
  const locale = localeOf(details.locale);
  const { texts } = locale;
  const seller = details.seller_name;
  const amount = moneyText(locale, details.amount, details.currency);
  const lines = [
    say(texts.linkTitle, { seller }),
    '',
    `${texts.amountDue}: ${amount}`,
    ...(details.description === undefined ? [] : [details.description]),
    '',
    url,
    '',
  ];
  const body = base64(lines.join('\r\n')).replaceAll(/(.{76})/g, '$1\r\n');
  return [
    `From: <${from}>`,
    `To: <${to}>`,
    `Subject: ${encodedWords(say(texts.linkTitle, { seller }))}`,
    `Date: ${new Date(nowMs).toUTCString().replace('GMT', '+0000')}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    body,
    '',
  ].join('\r\n');
}
