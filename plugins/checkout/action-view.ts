/** The customer's next step: the bank's page, the provider's form, a transfer, a code to scan. */
import type { NativeAction, Reply } from '#sdk';
import { countdownScript, elementScript, watchScript } from './client-script.ts';
import { html, say, type Html } from './html.ts';
import { replyOf } from './layout.ts';
import type { Offer } from './record.ts';
import type { StateView } from './state-view.ts';
import { moneyText, summaryOf } from './summary-view.ts';
import { timeLeft, type Deadline } from './time-left.ts';

export interface ActionView extends StateView, Deadline {
  readonly offer: Offer;
  readonly action: NativeAction;
  /** This page's own address. */
  readonly here: string;
  /** Where a customer goes who does not want to pay. */
  readonly back: string | undefined;
  /** The browser goes on by itself: only right after the form was sent. */
  readonly atOnce: boolean;
  /** Of the processor that confirms in the browser. */
  readonly scriptUrl: string | undefined;
  /** The state that the page waits to see changed. */
  readonly watched: string;
  /** What the last try in the processor's form came to. */
  readonly complaint: string | undefined;
}

export function actionPage(view: ActionView): Reply {
  const { action, locale, offer } = view;
  const { texts } = locale;
  const title = say(texts.title, { seller: offer.seller_name });
  const page = { ...view, status: 200, title };
  const summary = summaryOf(locale, title, offer);
  if (action.type === 'confirm_in_browser' && view.scriptUrl !== undefined) {
    return replyOf({
      ...page,
      main: html`${summary}${elementOf(view)}${footOf(view)}`,
      foreignScript: view.scriptUrl,
      scripts: [countdownScript, elementScript],
    });
  }
  const picture = pictureOf(action);
  const main = html`${summary}
    <section class="card" data-watch="${view.watched}">
      <h2>${texts.actionTitle}</h2>
      ${leadsAway(action) ? wayOn(view) : toDo(view)}
      ${
        picture !== undefined &&
        html`<p>${texts.scanText}</p>
          <img class="qr" src="${picture}" alt="${texts.scanText}" width="240" height="240" />`
      }
      <p><a href="${view.here}">${texts.checkAgain}</a></p>
    </section>
    ${footOf(view)}`;
  return replyOf({
    ...page,
    main,
    scripts: [countdownScript, watchScript],
    ...(picture !== undefined && { images: new URL(picture).origin }),
    ...(action.type === 'redirect' && view.atOnce && { goTo: action.url }),
  });
}

const leadsAway = ({ type }: NativeAction) => type === 'redirect' || type === 'open_app';

const pictureOf = ({ type, qr_url: code, url }: NativeAction) =>
  code ?? (type === 'show_qr' ? url : undefined);

const wayOn = ({ action, locale: { texts }, here }: ActionView) =>
  html`<p role="status">${texts.actionText}</p>
    <a class="button" href="${action.url ?? here}">${texts.actionGo}</a>`;

/** What is typed into a bank's own pages. */
function toDo({ action, locale: { texts } }: ActionView): Html {
  const { bank, number, biller_code: biller, bill_key: key } = action;
  const rows = [
    [texts.bank, bank?.toUpperCase()],
    [texts.account, number],
    [texts.biller, biller],
    [texts.billKey, key],
  ].filter((row): row is [string, string] => row[1] !== undefined);
  return html`${
    rows.length > 0 &&
    html`<p role="status">${texts.transferText}</p>
      <dl class="fields">
        ${rows.map(
          ([name, value]) =>
            html`<dt>${name}</dt>
              <dd><bdi>${value}</bdi></dd>`,
        )}
      </dl>`
  }`;
}

/** The publishable key and the payment's client secret: all that the processor's script needs. */
function elementOf({ action, locale, offer, here, watched, complaint }: ActionView): Html {
  const { texts } = locale;
  const amount = moneyText(locale, offer.amount, offer.currency);
  return html`<section class="card">
    <div id="error" class="error" role="alert" tabindex="-1">${complaint}</div>
    <noscript><p>${texts.formAlone}</p></noscript>
    <form id="element-form" hidden>
      <div
        id="element"
        data-key="${action.publishable_key ?? ''}"
        data-secret="${action.client_secret ?? ''}"
        data-back="${here}?sent=1"
        data-state="${watched}"
      ></div>
      <button type="submit">${say(texts.pay, { amount })}</button>
    </form>
  </section>`;
}

const footOf = ({ locale, offer, back, ...view }: ActionView) =>
  html`<div class="foot">
    ${timeLeft(locale, view)}
    ${
      back !== undefined &&
      html`<p><a href="${back}">${say(locale.texts.cancel, { seller: offer.seller_name })}</a></p>`
    }
  </div>`;
