/** How long a customer has: a clock that runs with JavaScript, the hour without. */
import { html, say, type Html } from './html.ts';
import type { Locale } from './locales/index.ts';

export interface Deadline {
  readonly secondsLeft: number;
  /** ISO time. */
  readonly expiresAt: string;
}

export function timeLeft({ texts }: Locale, { secondsLeft, expiresAt }: Deadline): Html {
  const time = `${expiresAt.slice(11, 16)} UTC`;
  return html`<p id="countdown" class="soft" hidden>
      ${texts.timeLeft}:
      <span id="left" dir="ltr" role="timer" data-seconds="${secondsLeft}"></span>
    </p>
    <noscript><p class="soft">${say(texts.payBefore, { time })}</p></noscript>`;
}
