/** 3-D Secure questions: where `next_action` sends the customer, and what waits there. */
import type { Intent } from './types.ts';
import type { Account, Challenge, World } from './world.ts';

export type Challenged = 'passed' | 'failed';

/**
 * Opens a challenge. A redirect needs somewhere to come back to; without that, or when the page
 * said `use_stripe_sdk`, only Stripe.js can go on.
 */
export function challengeFor(
  world: World,
  account: Account,
  id: string,
  returnUrl: string | undefined,
  inPage: boolean,
): NonNullable<Intent['next_action']> {
  const token = world.secret(`challenge ${world.id('src')}`);
  account.challenges.set(id, { token, returnUrl });
  const url = `${world.url}/3d-secure/${id}?token=${token}`;
  if (returnUrl !== undefined && !inPage) {
    return { type: 'redirect_to_url', redirect_to_url: { return_url: returnUrl, url } };
  }
  return {
    type: 'use_stripe_sdk',
    use_stripe_sdk: {
      type: 'three_d_secure_redirect',
      stripe_js: url,
      source: world.id('src'),
    },
  };
}

/** Where the customer goes afterwards, as Stripe builds it; undefined without a return_url. */
export function returnTo(
  { returnUrl }: Challenge,
  intent: { id: string; object: string; client_secret: string | null; status: string },
): string | undefined {
  if (returnUrl === undefined) return undefined;
  const url = new URL(returnUrl);
  url.searchParams.set(intent.object, intent.id);
  url.searchParams.set(`${intent.object}_client_secret`, intent.client_secret ?? '');
  const done = intent.status === 'succeeded' || intent.status === 'requires_capture';
  url.searchParams.set('redirect_status', done ? 'succeeded' : 'failed');
  return url.href;
}

/** The bank's page: two buttons. */
export function challengePage(id: string, token: string): string {
  const button = (answer: Challenged, label: string): string =>
    `<form method="post" action="/3d-secure/${id}?token=${token}">` +
    `<input type="hidden" name="answer" value="${answer}">` +
    `<button id="${answer}">${label}</button></form>`;
  return (
    '<!doctype html><html lang="en"><title>3-D Secure test page</title><h1>Your test bank</h1>' +
    `<p>Do you approve this payment?</p>${button('passed', 'Complete')}${button('failed', 'Fail')}`
  );
}
