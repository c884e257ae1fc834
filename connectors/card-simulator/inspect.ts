/** Everything the simulator has about one charge: its totals, its refunds, its disputes. */
import { Fault, type FoundRefund, type Inspect, type Inspection } from '#sdk';
import { chargeWords } from './answers.ts';
import { get, type SimulatorContext } from './calls.ts';
import { readDispute } from './disputes.ts';
import {
  asFields,
  flagOf,
  listOf,
  moneyOf,
  optionalTextOf,
  textOf,
  wordOf,
  type Fields,
} from './fields.ts';
import type { CardSimulatorRef } from './settings.ts';

export async function inspect(
  context: SimulatorContext,
  { of, operationId }: Inspect<CardSimulatorRef>,
): Promise<Inspection<CardSimulatorRef>> {
  const path = `/v1/charges/${encodeURIComponent(of.charge)}/history`;
  const history = asFields(await get(context, path), 'the answer');
  wordOf(history, 'object', ['history']);
  const charge = asFields(history['charge'], 'charge');
  if (textOf(charge, 'reference') !== operationId) {
    throw new Fault('unintelligible', 'the history is that of another charge');
  }
  return {
    authorized: moneyOf(charge, 'amount_authorized'),
    captured: moneyOf(charge, 'amount_captured'),
    released: readReleased(history, charge),
    refunds: listOf(history, 'operations').flatMap(readRefund),
    disputes: listOf(history, 'disputes').map(readDispute),
  };
}

function readReleased(history: Fields, charge: Fields): Inspection<CardSimulatorRef>['released'] {
  const word = wordOf(charge, 'status', chargeWords);
  switch (word) {
    case 'requires_action':
    case 'held':
    case 'authorized':
      return false;
    case 'declined':
      return 'voided';
    case 'voided':
    case 'captured': {
      if (flagOf(history, 'expired')) return 'expired';
      return moneyOf(charge, 'amount_voided').amount > 0 || word === 'voided'
        ? 'voided'
        : 'captured';
    }
  }
}

const refundWords = ['succeeded', 'failed', 'declined'] as const;

/** A refund that was declined was never begun. */
function readRefund(operation: Fields): FoundRefund<CardSimulatorRef>[] {
  if (textOf(operation, 'object') !== 'refund') return [];
  const status = wordOf(operation, 'status', refundWords);
  if (status === 'declined') return [];
  const reason = reasonOf(operation, status);
  return [
    {
      ref: { charge: textOf(operation, 'charge'), operation: textOf(operation, 'id') },
      operationId:
        wordOf(operation, 'origin', ['api', 'dashboard']) === 'api'
          ? textOf(operation, 'reference')
          : undefined,
      amount: moneyOf(operation, 'amount'),
      status,
      ...(reason !== undefined && { reason }),
    },
  ];
}

function reasonOf(operation: Fields, status: 'succeeded' | 'failed'): string | undefined {
  if (status === 'succeeded') return optionalTextOf(operation, 'reason');
  return textOf(asFields(operation['decline'], 'decline'), 'code');
}
