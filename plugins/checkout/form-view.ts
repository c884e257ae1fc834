/** The page that asks for the card, or for another way to pay. */
import type { Reply } from '#sdk';
import { clientScript, countdownScript } from './client-script.ts';
import { html, say, trusted, type Html } from './html.ts';
import { newFormKey } from './ids.ts';
import { replyOf } from './layout.ts';
import type { Locale } from './locales/index.ts';
import type { SessionDetails } from './record.ts';
import { moneyText, summaryOf } from './summary-view.ts';
import { timeLeft } from './time-left.ts';

export interface Complaint {
  readonly text: string;
  /** The field that is to blame. */
  readonly field?: 'email' | 'number' | 'expiry' | 'cvc' | 'holder';
}

export interface FormView {
  readonly id: string;
  readonly locale: Locale;
  readonly details: SessionDetails;
  /** Where a customer goes who does not want to pay. */
  readonly back: string | undefined;
  readonly secondsLeft: number;
  readonly expiresAt: string;
  readonly complaint: Complaint | undefined;
  readonly status: number;
  readonly sandbox: boolean;
}

/** No third-party script here: `layout.ts` lets none in unless a page names one. */
export function formPage(view: FormView): Reply {
  const { locale, details } = view;
  const { texts } = locale;
  const title = say(texts.title, { seller: details.seller_name });
  const key = newFormKey();
  const others = details.allowed_methods.filter((method) => method !== 'card');
  const main = html`${summaryOf(locale, title, details)}
    <section class="card">
      <div id="error" class="error" role="alert" tabindex="-1">${view.complaint?.text}</div>
      ${details.allowed_methods.includes('card') && cardForm(view, key)}
      ${
        others.length > 0 &&
        details.allowed_methods.includes('card') &&
        html`<h2>${texts.otherWays}</h2>`
      }
      ${others.map((method) => otherForm(view.id, key, method, texts[method]))}
    </section>
    <div class="foot">
      ${timeLeft(locale, view)}
      ${
        view.back !== undefined &&
        html`<p>
          <a href="${view.back}">${say(texts.cancel, { seller: details.seller_name })}</a>
        </p>`
      }
    </div>`;
  return replyOf({ ...view, title, main, scripts: [countdownScript, clientScript] });
}

function cardForm(view: FormView, key: string): Html {
  const { id, locale, details, complaint } = view;
  const { texts } = locale;
  const { seller_name: seller } = details;
  const amount = moneyText(locale, details.amount, details.currency);
  const wrong = (name: string) =>
    complaint?.field === name && html` aria-invalid="true" aria-describedby="error"`;
  const digits = html`inputmode="numeric" dir="ltr" required`;
  return html`<form method="post" action="/checkout/${id}" data-pay novalidate>
    <h2>${texts.cardDetails}</h2>
    <input type="hidden" name="form" value="${key}" />
    <input type="hidden" name="method" value="card" />
    ${details.customer_email !== undefined && emailField(view)}
    <label for="number">${texts.number}</label>
    <input
      id="number"
      name="number"
      autocomplete="cc-number"
      maxlength="23"
      ${digits}${wrong('number')}
    />
    <div class="pair">
      <div>
        <label for="expiry">${texts.expiry}</label>
        <input
          id="expiry"
          name="expiry"
          autocomplete="cc-exp"
          maxlength="9"
          ${digits}${wrong('expiry')}
        />
      </div>
      <div>
        <label for="cvc">${texts.cvc}</label>
        <input id="cvc" name="cvc" autocomplete="cc-csc" maxlength="4" ${digits}${wrong('cvc')} />
      </div>
    </div>
    <label for="holder">${texts.holder}</label>
    <input
      id="holder"
      name="holder"
      autocomplete="cc-name"
      maxlength="100"
      dir="auto"
      value="${details.customer_name ?? ''}"
      required${wrong('holder')}
    />
    ${details.setup_future_usage !== undefined && html`<p>${say(texts.kept, { seller })}</p>`}
    <button type="submit">${say(texts.pay, { amount })}</button>
    <p class="hint">${lock}<span>${say(texts.hidden, { seller })}</span></p>
  </form>`;
}

/** Only where the shop knows it already: then the customer may put it right. */
function emailField({ locale, details, complaint }: FormView): Html {
  const wrong = complaint?.field === 'email' && html` aria-invalid="true" aria-describedby="error"`;
  return html`<label for="email">${locale.texts.yourEmail}</label>
    <input
      id="email"
      name="email"
      type="email"
      autocomplete="email"
      maxlength="254"
      dir="ltr"
      value="${details.customer_email ?? ''}"
      ${wrong}
    />`;
}

const lock = trusted(
  '<svg viewBox="0 0 16 20" aria-hidden="true" focusable="false">' +
    '<rect x="1.5" y="8.5" width="13" height="10" rx="2"/><path d="M4.5 8.5v-3a3.5 3.5 0 0 1 7 0v3"/></svg>',
);

const otherForm = (id: string, key: string, method: string, text: string) =>
  html`<form method="post" action="/checkout/${id}" data-pay>
    <input type="hidden" name="form" value="${key}" />
    <input type="hidden" name="method" value="${method}" />
    <button type="submit" class="other">${text}</button>
  </form>`;
