/** The pages that ask for nothing: paid, expired, cancelled, being checked, not there. */
import type { Reply } from '#sdk';
import { clientScript } from './client-script.ts';
import { html, say } from './html.ts';
import { replyOf } from './layout.ts';
import type { Locale } from './locales/index.ts';
import type { EndReason, Offer } from './record.ts';

export interface StateView {
  readonly locale: Locale;
  readonly sandbox: boolean;
}

interface Message extends StateView {
  readonly status: number;
  readonly title: string;
  readonly text: string;
  readonly mark?: 'good';
  readonly link?: { readonly url: string; readonly text: string };
  readonly goTo?: string;
  readonly waiting?: boolean;
}

function messagePage(message: Message): Reply {
  const { title, text, link, mark, waiting } = message;
  const main = html`<section class="card" ${waiting && html` id="waiting"`}>
    ${mark && html`<p class="mark good" aria-hidden="true">✓</p>`}
    <h1>${title}</h1>
    <p role="status">${text}</p>
    ${link && html`<a class="button" href="${link.url}">${link.text}</a>`}
  </section>`;
  return replyOf({ ...message, main, ...(waiting && { scripts: [clientScript] }) });
}

/** `success` is the merchant's page; at once when the customer has just paid. */
export function paidPage(
  view: StateView,
  { seller_name: seller }: Offer,
  success: string | undefined,
  atOnce: boolean,
): Reply {
  const { texts } = view.locale;
  return messagePage({
    ...view,
    status: 200,
    title: texts.paidTitle,
    text: say(texts.paidText, { seller }),
    mark: 'good',
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
    ...(back !== undefined && { link: { url: back, text: say(texts.cancel, { seller }) } }),
  });
}

/** Reloads itself with JavaScript; `here` for those without. */
export function waitingPage(view: StateView, here: string): Reply {
  const { texts } = view.locale;
  return messagePage({
    ...view,
    status: 200,
    title: texts.waitingTitle,
    text: texts.waitingText,
    link: { url: here, text: texts.checkAgain },
    waiting: true,
  });
}

export function linkGonePage(view: StateView): Reply {
  const { linkUsedTitle: title, linkUsedText: text } = view.locale.texts;
  return messagePage({ ...view, status: 410, title, text });
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
