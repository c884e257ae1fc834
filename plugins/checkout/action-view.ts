/** The customer's next step: the bank's page, the provider's form, a transfer, a code to scan. */
import type { Reply } from '#sdk';
import { elementScript } from './client-script.ts';
import { html, say, type Html } from './html.ts';
import { replyOf } from './layout.ts';
import type { NativeAction, Offer } from './record.ts';
import type { StateView } from './state-view.ts';
import { moneyText } from './summary-view.ts';

export interface ActionView extends StateView {
  readonly offer: Offer;
  readonly action: NativeAction;
  /** This page's own address. */
  readonly here: string;
  /** The browser goes on by itself: only right after the form was sent. */
  readonly atOnce: boolean;
  /** Of the processor that confirms in the browser. */
  readonly scriptUrl: string | undefined;
}

export function actionPage(view: ActionView): Reply {
  const { action, locale, here } = view;
  const { texts } = locale;
  const page = { ...view, status: 200, title: texts.actionTitle };
  if (action.type === 'confirm_in_browser' && view.scriptUrl !== undefined) {
    return replyOf({
      ...page,
      main: elementOf(view),
      foreignScript: view.scriptUrl,
      scripts: [elementScript],
    });
  }
  const leads = action.type === 'redirect' || action.type === 'open_app';
  const main = html`<section class="card">
    <h1>${texts.actionTitle}</h1>
    ${leads && html`<p role="status">${texts.actionText}</p>`}
    ${leads && html`<a class="button" href="${action.url ?? here}">${texts.actionGo}</a>`}
    ${!leads && toDo(view)}
    ${picture(action.qr_url ?? (action.type === 'show_qr' ? action.url : undefined), texts.scanText)}
    <p><a href="${here}">${texts.checkAgain}</a></p>
  </section>`;
  const image = action.qr_url ?? action.url;
  return replyOf({
    ...page,
    main,
    ...(!leads && image !== undefined && { images: new URL(image).origin }),
    ...(action.qr_url !== undefined && { images: new URL(action.qr_url).origin }),
    ...(action.type === 'redirect' && view.atOnce && { goTo: action.url }),
  });
}

const picture = (url: string | undefined, text: string) =>
  url !== undefined &&
  html`<p>${text}</p>
    <img class="qr" src="${url}" alt="${text}" width="240" />`;

/** What is typed into a bank's own pages. */
function toDo({ action, locale, offer }: ActionView): Html {
  const { texts } = locale;
  const { bank, number, biller_code: biller, bill_key: key } = action;
  const rows = [
    [texts.bank, bank?.toUpperCase()],
    [texts.account, number],
    [texts.biller, biller],
    [texts.billKey, key],
  ].filter((row): row is [string, string] => row[1] !== undefined);
  return html`${rows.length > 0 && html`<p>${texts.transferText}</p>`}
    <p class="amount">${moneyText(locale, offer.amount, offer.currency)}</p>
    <dl class="fields">
      ${rows.map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd dir="ltr">${value}</dd>`,
      )}
    </dl>`;
}

/** The publishable key and the payment's client secret: all that the processor's script needs. */
function elementOf({ action, locale, offer, here }: ActionView): Html {
  const { texts } = locale;
  const amount = moneyText(locale, offer.amount, offer.currency);
  return html`<section class="card">
    <h1>${say(texts.title, { seller: offer.seller_name })}</h1>
    <p class="amount">${amount}</p>
    <div id="error" class="error" role="alert" tabindex="-1"></div>
    <noscript><p>${texts.formAlone}</p></noscript>
    <form id="element-form" hidden>
      <div
        id="element"
        data-key="${action.publishable_key ?? ''}"
        data-secret="${action.client_secret ?? ''}"
        data-back="${here}"
      ></div>
      <button type="submit">${say(texts.pay, { amount })}</button>
    </form>
  </section>`;
}
