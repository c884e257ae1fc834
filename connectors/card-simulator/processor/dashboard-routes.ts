/**
 * What a merchant does in the processor's own pages, and what banks do without being asked. Open:
 * it is a sandbox. Each is told by a webhook, as if the switch had never been there.
 */
import { eventsOf, viewOf } from './charge-routes.ts';
import type { Booking } from './desk.ts';
import { disputeNews, openDispute, settleDispute } from './dispute-desk.ts';
import { readJsonBody, type Exchange, type Reply } from './exchange.ts';
import { readAmount, readChoice, readOptionalText, readText } from './fields.ts';
import { merchantOf, newId } from './ids.ts';
import { disputeReasons, payoutStatuses, type Charge, type Payout } from './model.ts';
import { Refusal } from './refusal.ts';
import type { Route } from './router.ts';
import { leftOf } from './rules.ts';
import type { Simulator } from './simulator.ts';
import { record } from './webhook-routes.ts';

export function dashboardRoutes(simulator: Simulator): Route[] {
  const route = (path: string, handle: Route['handle']): Route => ({
    method: 'POST',
    path,
    merchant: false,
    handle,
  });
  return [
    ...(['captures', 'voids', 'refunds'] as const).map((collection) =>
      route(`/control/charges/:id/${collection}`, (exchange) =>
        operate(simulator, exchange, collection),
      ),
    ),
    route('/control/charges/:id/expire', async ({ params }) =>
      told(simulator, simulator.desk.expire(chargeOf(simulator, params['id']))),
    ),
    route('/control/charges/:id/disputes', async ({ params, request }) => {
      const charge = chargeOf(simulator, params['id']);
      const body = await readJsonBody(request);
      const amount =
        body['amount'] === undefined
          ? charge.amount_captured - charge.amount_refunded
          : readAmount(body);
      const reason =
        body['reason'] === undefined ? 'fraudulent' : readChoice(body, 'reason', disputeReasons);
      return disputeNews(simulator, openDispute(simulator, charge, amount, reason), 'opened');
    }),
    route('/control/disputes/:id/resolve', async ({ params, request }) => {
      const outcome = readChoice(await readJsonBody(request), 'outcome', ['won', 'lost'] as const);
      return disputeNews(simulator, settleDispute(simulator, params['id'] ?? '', outcome), outcome);
    }),
    route('/control/refunds/:id/fail', async ({ params }) => {
      const booking = simulator.desk.failRefund(params['id'] ?? '');
      if (!booking) throw new Refusal('unknown_refund', `no refund ${params['id']} that succeeded`);
      return told(simulator, booking);
    }),
    route('/control/payouts', (exchange) => payOut(simulator, exchange)),
  ];
}

/** By the processor's id or by the switch's reference of the authorization. */
function chargeOf({ books }: Simulator, id = ''): Charge {
  const byReference = () =>
    books.operations.find(({ kind, reference }) => kind === 'authorize' && reference === id);
  const charge = books.anyCharge(id) ?? books.anyCharge(byReference()?.charge ?? '');
  if (!charge) throw new Refusal('unknown_charge', `no charge ${id}`);
  return charge;
}

const kinds = { captures: 'capture', voids: 'void', refunds: 'refund' } as const;

async function operate(
  simulator: Simulator,
  { params, request }: Exchange,
  collection: keyof typeof kinds,
): Promise<Reply> {
  const charge = chargeOf(simulator, params['id']);
  const body = await readJsonBody(request);
  const whole = {
    captures: leftOf(charge),
    voids: undefined,
    refunds: charge.amount_captured - charge.amount_refunded,
  }[collection];
  const booking = simulator.desk.operate({
    kind: kinds[collection],
    merchant: charge.merchant,
    chargeId: charge.id,
    reference: newId('dash', simulator.now()),
    amount: body['amount'] === undefined ? whole : readAmount(body),
    final: false,
    reason: readOptionalText(body, 'reason'),
    decline: false,
    origin: 'dashboard',
  });
  return told(simulator, booking);
}

/** Durable first, then told, then answered. */
async function told(simulator: Simulator, booking: Booking): Promise<Reply> {
  await simulator.file.flushed();
  const view = viewOf(simulator, booking);
  simulator.webhooks.emit(booking.charge.merchant, eventsOf(simulator, booking, view), []);
  return { status: 200, body: view };
}

async function payOut(simulator: Simulator, { request }: Exchange): Promise<Reply> {
  const body = await readJsonBody(request);
  const now = new Date(simulator.now()).toISOString();
  const payout: Payout = {
    id: newId('po', simulator.now()),
    merchant: merchantOf(readText(body, 'api_key')),
    amount: readAmount(body),
    currency: readText(body, 'currency', /^[A-Z]{3}$/),
    status: body['status'] === undefined ? 'paid' : readChoice(body, 'status', payoutStatuses),
    created_at: now,
    arrival_at: now,
  };
  await record(simulator, { payout });
  return { status: 201, body: { object: 'payout', ...payout } };
}
