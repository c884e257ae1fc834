/** The 3-D Secure page: one form, two buttons, no script. */
import { createHash } from 'node:crypto';
import { chargeEvents } from './charge-routes.ts';
import { readBody, type Reply } from './exchange.ts';
import type { Charge } from './model.ts';
import { Refusal } from './refusal.ts';
import type { Route } from './router.ts';
import type { Simulator } from './simulator.ts';
import { chargeView } from './view.ts';

const style = `
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 28rem; margin: 3rem auto; padding: 0 1rem;
  color: #1a1a1a; background: #fff; }
button { font: inherit; padding: .6rem 1.4rem; margin: .5rem .5rem 0 0; border-radius: .3rem;
  border: 2px solid #14532d; color: #14532d; background: #fff; cursor: pointer; }
button[value="approve"] { background: #14532d; color: #fff; }
button:focus-visible { outline: 3px solid #b45309; outline-offset: 2px; }
`;

// No form-action: browsers apply it to redirects as well, and the form's answer leads back to the
// merchant. Nothing on the page comes from outside unescaped.
const pageHeaders = {
  'content-security-policy': [
    "default-src 'none'",
    `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

function page(status: number, title: string, main: string): Reply {
  return {
    status,
    contentType: 'text/html; charset=utf-8',
    headers: pageHeaders,
    text: `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><style>${style}</style></head>
<body><main><h1>${title}</h1>
${main}
</main></body>
</html>
`,
  };
}

export function challengeRoutes(simulator: Simulator): Route[] {
  return [
    {
      method: 'GET',
      path: '/challenge/:token',
      merchant: false,
      handle: async ({ params }) => {
        const charge = simulator.books.chargeByToken(params['token'] ?? '');
        return charge ? showChallenge(charge) : unknownPage();
      },
    },
    {
      method: 'POST',
      path: '/challenge/:token',
      merchant: false,
      handle: async ({ params, request }) => {
        const outcome = new URLSearchParams(await readBody(request)).get('outcome');
        if (outcome !== 'approve' && outcome !== 'fail') {
          throw new Refusal('invalid_request', 'outcome must be approve or fail', 'outcome');
        }
        return answer(simulator, params['token'] ?? '', outcome === 'approve');
      },
    },
  ];
}

const unknownPage = (): Reply =>
  page(404, 'Not found', '<p>There is no such payment to confirm.</p>');

function showChallenge(charge: Charge): Reply {
  if (charge.status !== 'requires_action') {
    return page(200, 'Already answered', '<p>You can close this page.</p>');
  }
  const { brand, last4 } = charge.card;
  return page(
    200,
    'Confirm your payment',
    `<p>This is a test bank. A merchant asks for <strong>${charge.amount}</strong> minor units of
<strong>${charge.currency}</strong> from your ${brand} card ending in ${last4}.</p>
<form method="post">
<button name="outcome" value="approve">Approve</button>
<button name="outcome" value="fail">Fail</button>
</form>`,
  );
}

/** A second answer changes nothing and leads to the same place. */
async function answer(simulator: Simulator, token: string, approved: boolean): Promise<Reply> {
  const result = simulator.desk.challenge(token, approved);
  if (!result) return unknownPage();
  const { charge, changed } = result;
  await simulator.file.flushed();
  if (changed) {
    const object = chargeView(charge, simulator.baseUrl());
    simulator.webhooks.emit(charge.merchant, chargeEvents(object), []);
  }
  const location = charge.challenge?.return_url;
  if (location === undefined) return page(200, 'Thank you', '<p>You can close this page.</p>');
  return { status: 303, text: '', contentType: 'text/plain', headers: { location } };
}
