/** The merchants' API: charges and what is done to them. */
import type { Booking } from './desk.ts';
import { readJsonBody, type Answer, type Exchange, type Reply } from './exchange.ts';
import { readSimulate, type ActiveFault } from './faults.ts';
import {
  isRecord,
  readAmount,
  readChoice,
  readFlag,
  readOptionalText,
  readOptionalUrl,
  readRecord,
  readReference,
  readText,
  readWhole,
  type Body,
} from './fields.ts';
import type { OperationKind } from './model.ts';
import type { Route } from './router.ts';
import type { ChargeRequest } from './rules.ts';
import type { Simulator } from './simulator.ts';
import { withFaults } from './strikes.ts';
import { chargeView, operationView, type View } from './view.ts';
import type { WebhookEvent } from './webhooks.ts';

/** Operation kind → its collection under a charge. */
const collections = [
  ['captures', 'capture'],
  ['voids', 'void'],
  ['refunds', 'refund'],
  ['approve', 'approve'],
  ['reject', 'reject'],
] as const;

export function chargeRoutes(simulator: Simulator): Route[] {
  return [
    {
      method: 'POST',
      path: '/v1/charges',
      merchant: true,
      handle: (exchange) => createCharge(simulator, exchange),
    },
    ...collections.map(([collection, kind]): Route => ({
      method: 'POST',
      path: `/v1/charges/:id/${collection}`,
      merchant: true,
      handle: (exchange) => operate(simulator, exchange, kind),
    })),
  ];
}

async function createCharge(simulator: Simulator, exchange: Exchange): Promise<Answer> {
  const body = await readJsonBody(exchange.request);
  const request = readChargeRequest(body);
  const metadata = isRecord(body['metadata']) ? body['metadata'] : {};
  const fault = readSimulate(metadata['simulate']);
  const { merchant } = exchange;
  const { reference } = request;
  const faults = simulator.faults.strike('authorize', merchant, { fault, reference });
  return withFaults(exchange, faults, () =>
    finish(simulator, simulator.desk.authorize(merchant, request), faults),
  );
}

async function operate(
  simulator: Simulator,
  exchange: Exchange,
  kind: Exclude<OperationKind, 'authorize'>,
): Promise<Answer> {
  const body = await readJsonBody(exchange.request);
  const { merchant } = exchange;
  const reference = readReference(body);
  const needsAmount = kind === 'capture' || kind === 'refund';
  const mayHaveAmount = needsAmount || (kind === 'void' && body['amount'] !== undefined);
  const request = {
    kind,
    merchant,
    chargeId: exchange.params['id'] ?? '',
    reference,
    amount: mayHaveAmount ? readAmount(body) : undefined,
    final: readFlag(body, 'final', false),
    reason: readOptionalText(body, 'reason'),
  };
  const fault = readSimulate(body['simulate']);
  const faults = simulator.faults.strike(kind, merchant, { fault, reference });
  const decline = needsAmount || kind === 'void' ? has(faults, 'decline') : false;
  return withFaults(exchange, faults, () =>
    finish(simulator, simulator.desk.operate({ ...request, decline }), faults),
  );
}

const has = (faults: readonly ActiveFault[], name: ActiveFault['name']): boolean =>
  faults.some((fault) => fault.name === name);

/** Makes the booking durable, tells the webhooks, then answers: never the other way round. */
async function finish(
  simulator: Simulator,
  booking: Booking,
  faults: readonly ActiveFault[],
): Promise<Reply> {
  const { operation, charge, replayed } = booking;
  await simulator.file.flushed();
  const lag = faults.find((fault) => fault.name === 'not_found_lag');
  if (lag && !replayed) simulator.visibleFrom.set(operation.id, simulator.now() + lag.latencyMs);
  const view = viewOf(simulator, booking);
  if (!replayed) {
    simulator.webhooks.emit(charge.merchant, eventsOf(simulator, booking, view), faults);
  }
  const declined = view['status'] === 'declined';
  return { status: declined ? 402 : 200, body: { ...view, replayed } };
}

/** The object a booking is about: the charge itself, or the operation on it. */
export function viewOf(
  simulator: Simulator,
  { operation, charge }: Pick<Booking, 'operation' | 'charge'>,
): View {
  return operation.kind === 'authorize'
    ? chargeView(charge, simulator.baseUrl())
    : operationView(operation, charge);
}

export function eventsOf(simulator: Simulator, booking: Booking, view: View): WebhookEvent[] {
  const { operation, charge } = booking;
  switch (operation.kind) {
    case 'authorize':
    case 'approve':
    case 'reject':
      return chargeEvents(chargeView(charge, simulator.baseUrl()));
    default:
      return [{ type: `${operation.kind}.${operation.status}`, object: view }];
  }
}

/** A charge captured at once was authorized first: two events, as if the merchant had done it. */
export function chargeEvents(object: View): WebhookEvent[] {
  const status = String(object['status']);
  const event = { type: `charge.${status}`, object };
  return status === 'captured' ? [{ type: 'charge.authorized', object }, event] : [event];
}

function readChargeRequest(body: Body): ChargeRequest {
  const card = readRecord(body, 'card');
  const number = readText(card, 'number', /^\d{12,19}$/);
  const cvcLength = /^3[47]/.test(number) ? /^\d{4}$/ : /^\d{3}$/;
  readOptionalText(card, 'holder_name');
  readOptionalText(body, 'description');
  readOptionalText(body, 'statement_descriptor');
  const billing = isRecord(body['billing']) ? body['billing'] : {};
  return {
    reference: readReference(body),
    amount: readAmount(body),
    currency: readText(body, 'currency', /^[A-Z]{3}$/),
    capture: readFlag(body, 'capture', true),
    card: {
      number,
      exp_month: readWhole(card, 'exp_month', 1, 12),
      exp_year: readWhole(card, 'exp_year', 2000, 2099),
      cvc: readOptionalText(card, 'cvc', cvcLength),
    },
    threeDs:
      body['three_ds'] === undefined
        ? undefined
        : readChoice(body, 'three_ds', ['challenge', 'none'] as const),
    returnUrl: readOptionalUrl(body, 'return_url'),
    hasBillingAddress: isRecord(billing['address']),
  };
}
