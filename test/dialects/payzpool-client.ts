/** What the suites of the Stripe pool share: comparing with samples, and a customer at the page. */
import { expect } from 'chai';

/**
 * The same members, and the same values but for those that vary. Paths are dotted.
 */
export function expectLike(
  told: unknown,
  sample: unknown,
  varies: Readonly<Record<string, RegExp>>,
  at = '',
): void {
  const pattern = varies[at];
  if (pattern) {
    expect(told, at).to.be.a('string').that.matches(pattern);
  } else if (typeof sample !== 'object' || sample === null) {
    expect(told, at).to.equal(sample);
  } else {
    expect(told, at).to.be.an(Array.isArray(sample) ? 'array' : 'object');
    expect(Object.keys(told as object), at).to.have.members(Object.keys(sample));
    for (const [key, value] of Object.entries(sample)) {
      const inside = (told as Record<string, unknown>)[key];
      expectLike(inside, value, varies, at === '' ? key : `${at}.${key}`);
    }
  }
}

/** Opens the page and sends a card, without JavaScript; answers where the page sends him. */
export async function payAtPage(url: string, number = '4242424242424242'): Promise<string> {
  const page = await (await fetch(url)).text();
  const action = /<form method="post" action="([^"]+)"/.exec(page)?.[1] ?? '';
  const form = /name="form" value="([0-9a-z]+)"/.exec(page)?.[1] ?? '';
  const fields = { method: 'card', number, expiry: '12/34', cvc: '123', holder: 'John Doe', form };
  const sent = await fetch(new URL(action, url), {
    method: 'POST',
    body: new URLSearchParams(fields),
    redirect: 'manual',
  });
  expect(sent.status, await sent.text()).to.equal(303);
  return new URL(sent.headers.get('location') ?? '', url).href;
}
