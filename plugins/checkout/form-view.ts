/** The page that asks for the card, or for another way to pay. */
import type { Reply } from '#sdk';
import { clientScript } from './client-script.ts';
import { html, say, type Html } from './html.ts';
import { newFormKey } from './ids.ts';
import { replyOf } from './layout.ts';
import type { Locale } from './locales/index.ts';
import type { SessionDetails } from './record.ts';
import { moneyText, summaryOf } from './summary-view.ts';
import { withSession } from './urls.ts';

export interface Complaint {
  readonly text: string;
  /** The field that is to blame. */
  readonly field?: 'number' | 'expiry' | 'cvc' | 'holder';
}

export interface FormView {
  readonly id: string;
  readonly locale: Locale;
  readonly details: SessionDetails;
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
    ${timeLeft(view)}
    ${
      details.cancel_url !== undefined &&
      html`<p>
        <a href="${withSession(details.cancel_url, view.id)}"
          >${say(texts.cancel, {
            seller: details.seller_name,
          })}</a
        >
      </p>`
    }`;
  return replyOf({ ...view, title, main, scripts: [clientScript] });
}

function cardForm({ id, locale, details, complaint }: FormView, key: string): Html {
  const { texts } = locale;
  const amount = moneyText(locale, details.amount, details.currency);
  const wrong = (name: string) =>
    complaint?.field === name && html` aria-invalid="true" aria-describedby="error"`;
  const digits = html`inputmode="numeric" dir="ltr" required`;
  return html`<form method="post" action="/checkout/${id}" data-pay novalidate>
    <h2>${texts.cardDetails}</h2>
    <input type="hidden" name="form" value="${key}" />
    <input type="hidden" name="method" value="card" />
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
    <button type="submit">${say(texts.pay, { amount })}</button>
  </form>`;
}

const otherForm = (id: string, key: string, method: string, text: string) =>
  html`<form method="post" action="/checkout/${id}" data-pay>
    <input type="hidden" name="form" value="${key}" />
    <input type="hidden" name="method" value="${method}" />
    <button type="submit" class="other">${text}</button>
  </form>`;

/** A clock that runs with JavaScript, the hour without. */
function timeLeft({ locale, secondsLeft, expiresAt }: FormView): Html {
  const { texts } = locale;
  const time = `${expiresAt.slice(11, 16)} UTC`;
  return html`<p id="countdown" class="soft" hidden>
      ${texts.timeLeft}:
      <span id="left" dir="ltr" role="timer" data-seconds="${secondsLeft}"></span>
    </p>
    <noscript><p class="soft">${say(texts.payBefore, { time })}</p></noscript>`;
}
