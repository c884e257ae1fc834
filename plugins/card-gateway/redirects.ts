/** Where the customer is sent: the document's placeholder in the words of our checkout. */

/** Filled in by the checkout when it is known: the payment's id as this dialect's intent id. */
const intentId = 'pi_{PAYMENT_ULID}';

export const redirectTo = (url: string) => url.replaceAll('{CHECKOUT_SESSION_ID}', intentId);

/** With `payment_intent=pi_…`, by which the shop asks what became of it. */
export function successRedirect(url: string): string {
  const [target = '', ...fragment] = redirectTo(url).split('#');
  if (/[?&]payment_intent=/.test(target)) return redirectTo(url);
  const joint = target.includes('?') ? '&' : '?';
  return [`${target}${joint}payment_intent=${intentId}`, ...fragment].join('#');
}
