/** What the payments feature tells the operator: log lines and counts, no bodies, no cards. */
import type { DeskObserver } from '../payments/desk.ts';
import type { EngineObserver } from '../payments/engine.ts';
import { errorFields, type Log } from './log.ts';
import type { Metrics } from './metrics.ts';

export function engineObserver(log: Log, metrics: Metrics): EngineObserver {
  return {
    called: metrics.called,
    settled: (payment, operation) => {
      log.debug('operation settled', {
        payment_id: payment.id,
        operation_id: operation.id,
        kind: operation.kind,
        state: operation.state,
      });
    },
    connectorBroke: ({ record }, error) => {
      log.error('connector broke', { account_id: record.id, ...errorFields(error) });
    },
  };
}

export function deskObserver(log: Log, metrics: Metrics): DeskObserver {
  return {
    recoveryFailed: (operation, error) => {
      log.error('recovery failed', { operation_id: operation.id, ...errorFields(error) });
    },
    expiryFailed: (payment, error) => {
      log.error('expiry failed', { payment_id: payment.id, ...errorFields(error) });
    },
    needsOperator: (operation) => {
      metrics.needsOperator();
      log.error('an operation needs an operator', {
        operation_id: operation.id,
        payment_id: operation.payment_id,
        kind: operation.kind,
      });
    },
    askFailed: ({ record }, operation, fault) => {
      log.warn('look-up failed', {
        account_id: record.id,
        operation_id: operation.id,
        fault: fault.kind,
        reason: fault.message,
      });
    },
  };
}
