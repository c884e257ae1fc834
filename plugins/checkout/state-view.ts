/** The pages that ask for nothing: paid, expired, cancelled, being checked, not there. */
import type { Reply } from '#sdk';
import { watchScript } from './client-script.ts';
import { html, say } from './html.ts';
import { replyOf } from './layout.ts';
import type { Locale } from './locales/index.ts';
import type { EndReason, Offer } from './record.ts';
import { moneyText } from './summary-view.ts';

export interface StateView {
  readonly locale: Locale;
  readonly sandbox: boolean;
}

interface Message extends StateView {
  readonly status: number;
  readonly title: string;
  readonly text: string;
  readonly mark?: '✓' | '✕' | '…';
  readonly link?: { readonly url: string; readonly text: string };
  readonly goTo?: string;
  /** The state that the page waits to see changed. */
  readonly watched?: string;
}

function messagePage(message: Message): Reply {
  const { title, text, link, mark, watched } = message;
  const main = html`<section class="card state">
    ${
      mark !== undefined &&
      html`<p class="mark${mark === '✓' && html` good`}" aria-hidden="true">${mark}</p>`
    }
    <h1>${title}</h1>
    <p role="status" ${watched !== undefined && html` data-watch="${watched}"`}>${text}</p>
    ${link && html`<a class="button" href="${link.url}">${link.text}</a>`}
  </section>`;
  return replyOf({ ...message, main, ...(watched !== undefined && { scripts: [watchScript] }) });
}

/** `success` is the merchant's page; at once when the customer has just paid. */
export function paidPage(
  view: StateView,
  { seller_name: seller, amount, currency }: Offer,
  success: string | undefined,
  atOnce: boolean,
): Reply {
  const { locale } = view;
  const { texts } = locale;
  return messagePage({
    ...view,
    status: 200,
    title: texts.paidTitle,
    text: say(texts.paidText, { seller, amount: moneyText(locale, amount, currency) }),
    mark: '✓',
    ...(success !== undefined && {
      link: { url: success, text: say(texts.backToShop, { seller }) },
    }),
    ...(success !== undefined && atOnce && { goTo: success }),
  });
}

const endings = {
  time: ['expiredTitle', 'expiredText'],
  attempts: ['attemptsTitle', 'attemptsText'],
  cancelled: ['cancelledTitle', 'cancelledText'],
} as const;

/** Gone for good: 410. */
export function endedPage(
  view: StateView,
  { seller_name: seller }: Offer,
  reason: EndReason,
  back: string | undefined,
): Reply {
  const { texts } = view.locale;
  const [title, text] = endings[reason];
  return messagePage({
    ...view,
    status: 410,
    title: texts[title],
    text: say(texts[text], { seller }),
    mark: '✕',
    ...(back !== undefined && { link: { url: back, text: say(texts.cancel, { seller }) } }),
  });
}

/** Looks again by itself with JavaScript; `here` for those without. */
export function waitingPage(view: StateView, here: string, watched: string): Reply {
  const { texts } = view.locale;
  return messagePage({
    ...view,
    status: 200,
    title: texts.waitingTitle,
    text: texts.waitingText,
    mark: '…',
    link: { url: here, text: texts.checkAgain },
    watched,
  });
}

export function linkGonePage(view: StateView): Reply {
  const { linkUsedTitle: title, linkUsedText: text } = view.locale.texts;
  return messagePage({ ...view, status: 410, title, text, mark: '✕' });
}

export function notFoundPage(view: StateView): Reply {
  const { notFoundTitle: title, notFoundText: text } = view.locale.texts;
  return messagePage({ ...view, status: 404, title, text });
}

export function brokenPage(view: StateView, status: number, request: string): Reply {
  const { texts } = view.locale;
  const text = say(texts.brokenText, { request });
  return messagePage({ ...view, status, title: texts.brokenTitle, text });
}
