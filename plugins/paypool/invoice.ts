/** Where a payment is paid: on Midtrans's page, or on the switch's own. */
import {
  listAll,
  Problem,
  type Call,
  type Host,
  type JsonObject,
  type NativeAccount,
  type NativeList,
  type NativePayment,
  type NativeSession,
} from '#sdk';
import { paymentOf, type Application } from './application.ts';
import { externalKind } from './payment.ts';
import { returnUrlOf, type Redirects } from './return.ts';

/** What the application ordered, in native words but for its own number. */
interface Order {
  readonly external_id: string;
  readonly amount: number;
  readonly currency: string;
  readonly description: string | undefined;
  readonly metadata: JsonObject;
  readonly customer: {
    readonly name: string;
    readonly email: string;
    readonly phone: string | undefined;
  };
}

interface Wish {
  readonly host: Host;
  readonly call: Call;
  readonly application: Application;
  readonly order: Order;
  readonly redirects: Redirects;
}

interface Invoice {
  readonly payment: NativePayment;
  /** Null while nobody knows whether the page was opened. */
  readonly url: string | null;
}

/** Throws what the native calls refuse; `reference_taken` for an external_id that is taken. */
export async function openInvoice(wish: Wish): Promise<Invoice> {
  const account = await midtransAccount(wish);
  const isTheirs = account !== undefined && wish.order.currency === 'IDR';
  return isTheirs ? openSnap(wish, account) : openCheckout(wish);
}

/** The merchant's one at Midtrans; '' for several, where routing chooses; undefined for none. */
async function midtransAccount({ host, application }: Wish): Promise<string | undefined> {
  const { merchantId } = application;
  const principal = host.actFor({ merchantId });
  const accounts = await listAll((query) =>
    host.call<NativeList<NativeAccount>>('listAccounts', { principal, query }),
  );
  const ours = accounts.filter(
    ({ connector, status }) => connector === 'midtrans' && status === 'active',
  );
  return ours.length > 1 ? '' : ours[0]?.id;
}

const aliasOf = ({ application, order }: Wish) => ({
  noun: 'payment' as const,
  kind: externalKind(application.profileId),
  value: order.external_id,
});

async function openSnap(wish: Wish, account: string): Promise<Invoice> {
  const { host, call, application, order, redirects } = wish;
  const { external_id: _theirs, ...described } = order;
  const charge = {
    payment_method: { type: 'hosted' },
    account: account || undefined,
    return_url: returnUrlOf(host, application, redirects),
  };
  const { profileId: profile_id } = application;
  const { body: payment } = await call<NativePayment>('createPayment', {
    body: { ...described, ...charge, profile_id, confirm: true, capture_method: 'automatic' },
    alias: aliasOf(wish),
  }).catch((error: unknown) => openAgain(wish, charge, error));
  return { payment, url: payment.next_action?.url ?? null };
}

/**
 * A payment whose page never opened (this was answered 500) takes its external_id with it: the same
 * request once more opens the page of that payment. Throws what was refused otherwise.
 */
async function openAgain({ host, call, application, order }: Wish, charge: object, error: unknown) {
  if (!(error instanceof Problem) || error.code !== 'reference_taken') throw error;
  const known = await paymentOf(host, application, order.external_id, call);
  const { id, status, last_error: failure, amount, currency } = known;
  const neverOpened = failure?.code === 'not_sent' || failure?.code === 'refused';
  const isSame = amount === order.amount && currency === order.currency;
  if (status !== 'failed' || !neverOpened || !isSame) throw error;
  return call<NativePayment>('confirmPayment', { params: { payment_id: id }, body: charge });
}

async function openCheckout(wish: Wish): Promise<Invoice> {
  const { host, call, application, order, redirects } = wish;
  const { external_id: _theirs, customer, ...described } = order;
  // Without a redirect the page is where he stays.
  const here = `${host.baseUrl()}/checkout/{CHECKOUT_SESSION_ID}`;
  const { body: session } = await call<NativeSession>('createCheckoutSession', {
    body: {
      ...described,
      profile_id: application.profileId,
      customer_name: customer.name,
      customer_email: customer.email,
      success_url: redirects.success ?? here,
      cancel_url: redirects.failure ?? here,
    },
    alias: aliasOf(wish),
  });
  const params = { payment_id: session.payment };
  // A session has no room for a telephone number.
  const { body: payment } = customer.phone
    ? await call<NativePayment>('updatePayment', { params, body: { customer } })
    : await call<NativePayment>('getPayment', { params });
  return { payment, url: session.url };
}
