/**
 * A customer sends the form. Whatever is clicked, reloaded or sent from two tabs, the session has
 * one payment, a payment is charged once, and a form that is sent twice is the same request.
 */
import { Problem, type NativePayment, type PageVisit } from '#sdk';
import { complaintOf, fieldOfParam, isEmail, typedCard } from './card-fields.ts';
import type { Complaint } from './form-view.ts';
import type { Texts } from './locales/index.ts';
import { detailsOf, pageMethods, type PageMethod, type SessionRow } from './record.ts';
import { actorOf, paymentOf } from './session.ts';
import { sessionUrl } from './present.ts';
import type { CheckoutHost } from './store.ts';

/** The payment as it stands after the try, or why there was none. */
export type Tried = { readonly payment: NativePayment } | { readonly complaint: Complaint };

/** Refusals after which the payment's own state says what to show. */
const lookAgain = new Set([
  'payment_declined',
  'authentication_required',
  'processor_unreachable',
  'processor_refused',
  'payment_state',
  'payment_expired',
  'attempts_exhausted',
  'operation_in_progress',
  'concurrent_change',
  'idempotency_key_in_use',
]);

export async function tryToPay(
  host: CheckoutHost,
  row: SessionRow,
  visit: PageVisit,
  texts: Texts,
): Promise<Tried> {
  const { form } = visit;
  const asked = methodOf(row, form, texts);
  if ('complaint' in asked) return asked;
  const key = /^[0-9a-z]{26}$/.exec(form['form'] ?? '')?.[0];
  if (key === undefined) return { complaint: { text: texts.again } };
  try {
    const body = {
      ...asked,
      account: detailsOf(row).account,
      return_url: sessionUrl(host, row),
      browser_info: browserOf(visit),
    };
    const { body: payment } = await repeated(() =>
      host.call<NativePayment>('confirmPayment', {
        principal: actorOf(host, row),
        params: { payment_id: row.payment_id },
        body,
        idempotencyKey: `${row.id} ${key}`,
        requestId: visit.requestId,
        clientIp: visit.clientIp,
      }),
    );
    return { payment };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (lookAgain.has(error.code)) return { payment: await paymentOf(host, row) };
    return { complaint: complaintAbout(host, row, error, visit, texts) };
  }
}

/** Nothing was sent to anybody: the form is shown again. */
function complaintAbout(
  host: CheckoutHost,
  row: SessionRow,
  error: Problem,
  { requestId }: PageVisit,
  texts: Texts,
): Complaint {
  const field = fieldOfParam(error.options.param);
  if (field) return complaintOf(field, texts);
  if (error.code === 'invalid_card') return complaintOf('number', texts);
  if (error.code === 'idempotency_key_reused') return { text: texts.again };
  const { merchant_id: merchantId, payment_id: paymentId } = row;
  host.log.warn('a method that the page offers was refused', {
    requestId,
    merchantId,
    paymentId,
    reason: error.code,
  });
  return { text: texts.unavailable };
}

/** A click of the same form is on its way: both hear what comes of it. 5 s, then the page waits. */
async function repeated<T>(act: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await act();
    } catch (error) {
      const busy = error instanceof Problem && error.code === 'idempotency_key_in_use';
      if (!busy || tries === 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

function methodOf(
  row: SessionRow,
  form: PageVisit['form'],
  texts: Texts,
): { readonly payment_method: object; readonly billing?: object } | { complaint: Complaint } {
  const { allowed_methods: allowed, bank } = detailsOf(row);
  const wanted = form['method'] as PageMethod;
  if (!pageMethods.includes(wanted) || !allowed.includes(wanted)) {
    return { complaint: { text: texts.unavailable } };
  }
  if (wanted !== 'card') {
    return { payment_method: { type: wanted, ...(wanted === 'bank_transfer' && { bank }) } };
  }
  const card = typedCard(form);
  if (typeof card === 'string') return { complaint: complaintOf(card, texts) };
  const email = form['email']?.trim() ?? '';
  if (email !== '' && !isEmail(email)) return { complaint: complaintOf('email', texts) };
  return { payment_method: { type: 'card', card }, ...(email !== '' && { billing: { email } }) };
}

/** Headers as far as the payment API takes them. */
function browserOf({ headers, clientIp }: PageVisit) {
  const part = (name: string, length: number) => headers[name]?.slice(0, length) || undefined;
  return {
    ip_address: clientIp === '' ? undefined : clientIp.slice(0, 45),
    user_agent: part('user-agent', 1000),
    accept_header: part('accept', 1000),
    language: /^[a-z-]{2,35}/i.exec(headers['accept-language'] ?? '')?.[0],
  };
}
