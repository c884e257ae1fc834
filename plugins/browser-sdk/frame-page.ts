/**
 * The pages that stand in frames of a shop: each answer is for one origin, which alone may frame it
 * and alone is listened to.
 */
import { randomBytes } from 'node:crypto';
import type { Reply } from '#sdk';
import { bridgeScript, cardFrameScript } from './frame-script.ts';
import type { Locale, Texts } from './texts.ts';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

const escaped = (text: string) => text.replaceAll(/[&<>"]/g, (sign) => entities[sign] ?? sign);

/** Names that are not the brand's own word with a capital letter. */
const brandNames = {
  visa: 'Visa',
  mastercard: 'Mastercard',
  amex: 'American Express',
  discover: 'Discover',
  jcb: 'JCB',
  diners: 'Diners Club',
  unionpay: 'UnionPay',
};

const style = `
:root{color-scheme:var(--colorScheme,light)}
*{box-sizing:border-box}
html,body{margin:0;background:transparent}
body{font:var(--fontSize,16px)/1.4 var(--fontFamily,system-ui,sans-serif);
color:var(--color,#1c2230)}
form{padding:4px}
.field{margin:0 0 12px}.field[hidden]{display:none}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(128px,1fr));gap:0 12px}
.top{display:flex;justify-content:space-between;gap:8px;margin:0 0 4px}
label{font-weight:600}
input{width:100%;min-height:48px;padding:10px 12px;font:inherit;color:inherit;
background:var(--background,#fff);border:1px solid var(--borderColor,#737d91);
border-radius:var(--borderRadius,8px)}
input[dir=ltr]{text-align:start}
input:focus-visible{outline:3px solid var(--focusColor,#1d4ed8);outline-offset:1px}
input[aria-invalid=true]{border:2px solid var(--errorColor,#a8071a)}
.wrong{margin:4px 0 0;color:var(--errorColor,#a8071a)}.wrong:empty{display:none}
`;

function pageOf(script: string, origin: string, { name, direction, texts }: Locale, body: string) {
  // Once an answer (CSP level 3).
  const nonce = randomBytes(18).toString('base64');
  const head =
    '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">' +
    `<title>${escaped(texts.title)}</title><style nonce="${nonce}">${style}</style>`;
  const attributes = `lang="${name}" dir="${direction}" data-origin="${escaped(origin)}"`;
  const policy = [
    "default-src 'none'",
    `style-src 'nonce-${nonce}'`,
    `script-src 'nonce-${nonce}'`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${origin}`,
  ].join('; ');
  const reply: Reply = {
    status: 200,
    contentType: 'text/html; charset=utf-8',
    headers: {
      'content-security-policy': policy,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'permissions-policy': 'camera=(), microphone=(), geolocation=()',
    },
    body:
      `<!doctype html><html ${attributes}><head>${head}</head>` +
      `<body data-texts="${escaped(wordsOf(texts))}">${body}` +
      `<script nonce="${nonce}">${script}</script></body></html>`,
  };
  return reply;
}

const wordsOf = ({ wrong }: Texts) => JSON.stringify({ wrong, brands: brandNames });

interface Field {
  readonly name: 'number' | 'expiry' | 'cvc' | 'holder';
  readonly label: string;
  /** Of the HTML standard, "autofill field". */
  readonly autocomplete: string;
  readonly attributes: string;
  readonly beside?: string;
}

const digits = 'inputmode="numeric" dir="ltr"';

function fieldOf({ name, label, autocomplete, attributes, beside = '' }: Field): string {
  return (
    `<div class="field"><div class="top"><label for="${name}">${escaped(label)}</label>${beside}` +
    `</div><input id="${name}" name="${name}" autocomplete="${autocomplete}" required ` +
    `spellcheck="false" aria-invalid="false" aria-describedby="${name}-wrong" ${attributes}>` +
    `<p class="wrong" id="${name}-wrong" aria-live="polite"></p></div>`
  );
}

/** The card form. `origin` comes from {@link allowedOrigin}. */
export function cardPage(origin: string, locale: Locale): Reply {
  const { texts } = locale;
  const number = fieldOf({
    name: 'number',
    label: texts.number,
    autocomplete: 'cc-number',
    attributes: `maxlength="23" ${digits}`,
    beside: '<span id="brand" aria-live="polite"></span>',
  });
  const expiry = fieldOf({
    name: 'expiry',
    label: texts.expiry,
    autocomplete: 'cc-exp',
    attributes: `maxlength="9" ${digits}`,
  });
  const cvc = fieldOf({
    name: 'cvc',
    label: texts.cvc,
    autocomplete: 'cc-csc',
    attributes: `maxlength="4" ${digits}`,
  });
  const holder = fieldOf({
    name: 'holder',
    label: texts.holder,
    autocomplete: 'cc-name',
    attributes: 'maxlength="100" dir="auto"',
  });
  const form =
    `<main><form id="card" novalidate aria-label="${escaped(texts.title)}">` +
    `${number}<div class="pair">${expiry}${cvc}</div>${holder}</form></main>`;
  return pageOf(cardFrameScript, origin, locale, form);
}

/** Nothing to see: calls of a page that has no card form mounted. */
export const bridgePage = (origin: string, locale: Locale): Reply =>
  pageOf(bridgeScript, origin, locale, '');

/** A page of nobody we know wants a frame. The switch's own headers keep this out of frames too. */
export const refusedPage: Reply = {
  status: 403,
  contentType: 'text/plain; charset=utf-8',
  body:
    'This page stands in frames of shops that the switch knows. If it should stand in yours, add ' +
    "the shop's origin (scheme, host, port) to plugin_settings.browser-sdk.allowed_origins.\n",
};
