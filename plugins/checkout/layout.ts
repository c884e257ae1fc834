/** The frame of every page: head, test mark, and the headers that keep it closed. */
import type { Reply } from '#sdk';
import { html, trusted, type Html } from './html.ts';
import { newNonce } from './ids.ts';
import type { Locale } from './locales/index.ts';
import { style } from './style.ts';

export interface Page {
  readonly status: number;
  readonly locale: Locale;
  readonly title: string;
  readonly main: Html;
  readonly scripts?: readonly string[];
  /** A processor's script. Never on a page with card fields. */
  readonly foreignScript?: string;
  /** Where pictures may come from. */
  readonly images?: string;
  /** The browser goes there at once: with 0 seconds, which is a redirect (WCAG technique H76). */
  readonly goTo?: string;
  readonly sandbox: boolean;
}

/**
 * `form-action 'self'` would stop a form's redirect to a bank: so `goTo` stands in the page. What a
 * processor's script may reach is what Stripe's security guide lists under "Content Security
 * Policy", and the origin that it came from.
 */
function policyOf(nonce: string, page: Page): string {
  const { foreignScript, images, scripts = [] } = page;
  const foreign = foreignScript === undefined ? undefined : new URL(foreignScript).origin;
  const script = [
    ...(scripts.length > 0 ? [`'nonce-${nonce}'`] : []),
    ...(foreign ? [foreign, 'https://*.js.stripe.com'] : []),
  ];
  return [
    "default-src 'none'",
    `style-src 'nonce-${nonce}'`,
    `script-src ${script.length === 0 ? "'none'" : script.join(' ')}`,
    foreign ? `connect-src 'self' ${foreign} https://api.stripe.com` : "connect-src 'self'",
    ...(foreign ? [`frame-src ${foreign} https://*.js.stripe.com https://hooks.stripe.com`] : []),
    `img-src data:${images === undefined ? '' : ` ${images}`}`,
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

export function replyOf(page: Page): Reply {
  const { locale, title, main, goTo, scripts = [], foreignScript, sandbox } = page;
  const { texts } = locale;
  const nonce = newNonce();
  const body = html`<!doctype html>
    <html lang="${locale.name}" dir="${locale.direction}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        ${goTo !== undefined && html`<meta http-equiv="refresh" content="0;url=${goTo}" />`}
        <title>${title}</title>
        <style nonce="${nonce}">
          ${trusted(style)}
        </style>
      </head>
      <body data-paying="${texts.paying}" data-offline="${texts.offline}">
        <main class="page">${sandbox && html`<p class="test">${texts.sandbox}</p>`} ${main}</main>
        ${foreignScript !== undefined && html`<script src="${foreignScript}"></script>`}
        ${scripts.map(
          (text) =>
            html`<script nonce="${nonce}">
              ${trusted(text)};
            </script>`,
        )}
      </body>
    </html> `;
  return {
    status: page.status,
    contentType: 'text/html; charset=utf-8',
    headers: {
      'content-security-policy': policyOf(nonce, page),
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'permissions-policy': 'camera=(), microphone=(), geolocation=()',
      // Some wallets of a processor's form open a window of their own.
      'cross-origin-opener-policy': foreignScript ? 'same-origin-allow-popups' : 'same-origin',
      vary: 'accept-language',
    },
    body: body.html,
  };
}
