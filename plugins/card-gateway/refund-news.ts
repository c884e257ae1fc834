/**
 * A payment as a refund left it. Made of events alone, which never change, so that a webhook has
 * the same bytes whenever it is printed; only the first refund changes the payment's own state.
 */
import {
  listAll,
  type Host,
  type NativeEvent,
  type NativeList,
  type NativePayment,
  type NativeRefund,
  type Principal,
  type PublishedEvent,
} from '#sdk';

export async function paymentAfterRefund(
  host: Host,
  { id, data }: PublishedEvent,
  principal: Principal,
): Promise<NativePayment | undefined> {
  const story = await storyOf(host, principal, (data.object as NativeRefund).payment);
  const end = story.findIndex((event) => event.id === id);
  let state: NativePayment | undefined;
  const amounts = new Map<string, number>();
  for (const event of story.slice(0, end + 1)) {
    const {
      type,
      data: { object },
    } = event;
    if (type.startsWith('payment.')) state = object as NativePayment;
    if (type !== 'refund.succeeded' && type !== 'refund.failed') continue;
    // One that failed after all has come back.
    const refund = object as NativeRefund;
    amounts.set(refund.id, type === 'refund.succeeded' ? refund.amount : 0);
  }
  if (!state) return undefined;
  const amount_refunded = [...amounts.values()].reduce((sum, amount) => sum + amount, 0);
  const whole = amount_refunded >= state.amount_captured;
  return { ...state, amount_refunded, status: whole ? 'refunded' : 'partially_refunded' };
}

/** A payment's events in their order. */
async function storyOf(host: Host, principal: Principal, payment: string): Promise<NativeEvent[]> {
  const newestFirst = await listAll((page) =>
    host.call<NativeList<NativeEvent>>('listEvents', { principal, query: { payment, ...page } }),
  );
  return newestFirst.toSorted((a, b) => (a.sequence ?? 0) - (b.sequence ?? 0));
}
