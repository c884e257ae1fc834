/** What is bought and for how much: the head of the pages that ask for money. */
import { exponentOf, money, toDecimal } from '#sdk';
import { html, type Html } from './html.ts';
import type { Locale } from './locales/index.ts';
import type { Offer } from './record.ts';

/** Latin digits everywhere: amounts are compared with bank statements. */
export function moneyText(locale: Locale, amount: number, currency: string): string {
  const digits = exponentOf(currency);
  const language = `${locale.name}-u-nu-latn`;
  const style = { style: 'currency', currency } as const;
  // Where nobody writes the decimals of whole amounts (CLDR: rupiah), neither do we.
  const isWhole = amount % 10 ** digits === 0;
  const usual = new Intl.NumberFormat(language, style).resolvedOptions().minimumFractionDigits ?? 0;
  const format = new Intl.NumberFormat(language, {
    ...style,
    minimumFractionDigits: isWhole ? Math.min(usual, digits) : digits,
    maximumFractionDigits: digits,
  });
  // A discount is less than nothing, which no Money is.
  const size = Math.abs(amount);
  const value = size === 0 ? 0 : Number(toDecimal(money(size, currency)));
  const text = format.format(amount < 0 ? -value : value);
  // From left to right as one piece, wherever it stands: between Arabic words the sign would move.
  return locale.direction === 'rtl' ? `\u2066${text.replaceAll('\u200f', '')}\u2069` : text;
}

/** Stands for the seller's logo. */
const initialOf = (seller: string) => (Array.from(seller.trim())[0] ?? '·').toLocaleUpperCase();

export function summaryOf(locale: Locale, title: string, offer: Offer): Html {
  const { texts } = locale;
  const { currency, line_items: lines = [], discount_amount: discount = 0 } = offer;
  const price = (amount: number) =>
    html`<span dir="ltr">${moneyText(locale, amount, currency)}</span>`;
  const discounted = discount > 0 && offer.subtotal !== undefined;
  return html`<section class="card" aria-labelledby="title">
    <div class="seller">
      <span class="seal" aria-hidden="true">${initialOf(offer.seller_name)}</span>
      <h1 id="title">${title}</h1>
    </div>
    <p class="soft">${texts.amountDue}</p>
    <p class="amount">${moneyText(locale, offer.amount, currency)}</p>
    ${offer.description !== undefined && html`<p>${offer.description}</p>`}
    ${
      (lines.length > 0 || discounted) &&
      html`<ul class="lines">
        ${lines.map(
          (line) =>
            html`<li>
              <span>${line.quantity} × ${line.name}</span>${price(line.quantity * line.unit_amount)}
            </li>`,
        )}
        ${
          discounted &&
          html`<li class="soft"><span>${texts.subtotal}</span>${price(offer.subtotal ?? 0)}</li>
            <li class="soft"><span>${texts.discount}</span>${price(-discount)}</li>`
        }
      </ul>`
    }
  </section>`;
}
