/** `/checkout/{session_id}`: the page, and where its form goes. */
import type { NativePayment, PageRoute, PageVisit, Problem, Reply } from '#sdk';
import { actionPage } from './action-view.ts';
import { declineOf } from './decline-text.ts';
import { formPage, type Complaint } from './form-view.ts';
import { newFormKey } from './ids.ts';
import { localeOf } from './locales/index.ts';
import { tryToPay } from './pay.ts';
import { sessionUrl } from './present.ts';
import { detailsOf, type SessionRow } from './record.ts';
import { scriptUrlOf } from './settings.ts';
import { isOverdue, linkPaid, lookedUp, paymentOf, settled } from './session.ts';
import { brokenPage, endedPage, notFoundPage, paidPage, waitingPage } from './state-view.ts';
import { sessionById, sessionNamed, type CheckoutHost } from './store.ts';
import type { Deadline } from './time-left.ts';
import { filledFor } from './urls.ts';

const path = '/checkout/{session_id}';

/** After the form was sent: the browser goes on by itself where it has to. */
const atOnceMark = 'sent';

export function sessionPages(host: CheckoutHost): readonly PageRoute[] {
  const problem = problemPage(host);
  return [
    { id: 'session', method: 'get', path, problem, handle: (visit) => show(host, visit) },
    {
      id: 'session-pay',
      method: 'post',
      path,
      cardField: 'number',
      problem,
      handle: (visit) => pay(host, visit),
    },
  ];
}

/** Whoever lost his way sees a page, with nothing of ours in it but the request's id. */
export function problemPage({ mode }: Pick<CheckoutHost, 'mode'>) {
  return ({ status }: Problem, requestId: string): Reply => {
    const view = { locale: localeOf('en'), sandbox: mode === 'sandbox' };
    return status === 404 ? notFoundPage(view) : brokenPage(view, status, requestId);
  };
}

async function show(host: CheckoutHost, visit: PageVisit): Promise<Reply> {
  const row = await sessionNamed(host, visit.params['session_id'] ?? '');
  const payment = await lookedUp(host, row);
  const now = await upToDate(host, row, payment);
  if (isInPlace(visit)) return json(200, { state: stateOf(now, payment) });
  return shown(host, visit, now, payment);
}

/** Asked by one of our scripts. */
const isInPlace = ({ headers }: PageVisit) =>
  (headers['accept'] ?? '').startsWith('application/json');

/** A page that waits draws itself anew when this is another one. */
const stateOf = (row: SessionRow, payment: NativePayment) => `${row.status} ${payment.status}`;

async function upToDate(
  host: CheckoutHost,
  row: SessionRow,
  payment: NativePayment,
): Promise<SessionRow> {
  const now = await settled(host, row, payment);
  await linkPaid(host, now);
  return now;
}

/** Nothing can be sent to the bank any more, whether or not the job has been round. */
const isClosed = (host: CheckoutHost, row: SessionRow, { status }: NativePayment) =>
  row.status === 'open' && isOverdue(host, row) && (status === 'created' || status === 'failed');

function shown(
  host: CheckoutHost,
  visit: PageVisit,
  row: SessionRow,
  payment: NativePayment,
  complaint?: Complaint,
): Reply {
  const details = detailsOf(row);
  const locale = localeOf(details.locale, visit.headers['accept-language']);
  const { success_url: success, cancel_url: cancel } = details;
  const page = { locale, sandbox: host.mode === 'sandbox' };
  const here = sessionUrl(host, row, payment.account);
  const back = cancel === undefined ? undefined : filledFor(cancel, row);
  const atOnce = visit.query[atOnceMark] !== undefined;
  if (row.status === 'complete') {
    const url = success === undefined ? undefined : filledFor(success, row);
    // The bank sends him back with the payment in the query: he has just paid.
    return paidPage(page, details, url, atOnce || visit.query['payment'] !== undefined);
  }
  if (row.status === 'expired') return endedPage(page, details, row.end_reason ?? 'time', back);
  if (isClosed(host, row, payment)) return endedPage(page, details, 'time', back);
  const { status, next_action: action } = payment;
  if (status === 'requires_action' && action) {
    const scriptUrl = action.processor && scriptUrlOf(host.settings, action.processor);
    return actionPage({
      ...page,
      ...deadlineOf(host, row),
      offer: details,
      action,
      here,
      back,
      atOnce,
      scriptUrl: scriptUrl || undefined,
      watched: stateOf(row, payment),
      complaint: declineOf(payment, locale.texts)?.text,
    });
  }
  if (status !== 'created' && status !== 'failed') {
    return waitingPage(page, here, stateOf(row, payment));
  }
  return formPage({
    ...page,
    ...deadlineOf(host, row),
    id: row.id,
    details,
    back,
    complaint: complaint ?? declineOf(payment, locale.texts),
    status: complaint ? 422 : 200,
  });
}

function deadlineOf(host: CheckoutHost, { expires_at }: SessionRow): Deadline {
  const leftMs = Math.max(0, Date.parse(expires_at) - host.clock.now());
  return { secondsLeft: Math.ceil(leftMs / 1000), expiresAt: expires_at };
}

async function pay(host: CheckoutHost, visit: PageVisit): Promise<Reply> {
  const row = await sessionById(host, visit.params['session_id'] ?? '');
  const inPlace = isInPlace(visit);
  const { texts } = localeOf(detailsOf(row).locale, visit.headers['accept-language']);
  const before = await paymentOf(host, row);
  const open = await upToDate(host, row, before);
  if (open.status === 'complete') {
    // The second of two clicks is the one whose answer the browser shows.
    return inPlace ? next(open, before, texts) : seeOther(row);
  }
  if (open.status === 'expired' || isClosed(host, open, before)) {
    return inPlace ? json(410, { reload: true }) : shown(host, visit, open, before);
  }
  const tried = await tryToPay(host, open, visit, texts);
  if ('complaint' in tried) {
    return inPlace
      ? refused(422, tried.complaint)
      : shown(host, visit, open, await paymentOf(host, row), tried.complaint);
  }
  const after = await upToDate(host, open, tried.payment);
  return inPlace ? next(after, tried.payment, texts) : seeOther(row);
}

const json = (status: number, body: object): Reply => ({
  status,
  contentType: 'application/json',
  body: JSON.stringify(body),
});

/** With a new key: the next try is another one. */
const refused = (status: number, { text, field }: Complaint) =>
  json(status, { error: text, form: newFormKey(), ...(field && { field }) });

/** A reload of what follows sends nothing again. */
const seeOther = ({ id }: SessionRow): Reply => ({
  status: 303,
  contentType: 'text/plain',
  body: '',
  headers: { location: `/checkout/${id}?${atOnceMark}=1` },
});

/** For the script: where to go, or what to say beside the form. */
function next(
  row: SessionRow,
  payment: NativePayment,
  texts: Parameters<typeof declineOf>[1],
): Reply {
  const { success_url: success } = detailsOf(row);
  if (row.status === 'complete' && success !== undefined) {
    return json(200, { go: filledFor(success, row) });
  }
  const { status, next_action: action } = payment;
  if (status === 'requires_action' && action?.type === 'redirect') {
    return json(200, { go: action.url });
  }
  const declined = declineOf(payment, texts);
  if (row.status === 'open' && status === 'failed' && declined) return refused(402, declined);
  return json(200, { reload: true });
}
