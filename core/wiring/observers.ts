/** What the payments feature tells the operator: log lines and counts, no bodies, no cards. */
import type { DeskObserver } from '../payments/desk.ts';
import type { EngineObserver } from '../payments/engine.ts';
import type { IncomingObserver } from '../incoming/desk.ts';
import type { WebhookObserver } from '../webhooks/desk.ts';
import type { GuardObserver } from '../routing/source-guard.ts';
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
    failedOver: ({ id, payment_id, account_id }, { record }, reason) => {
      metrics.failedOver(account_id, reason);
      log.info('a payment goes on to another account', {
        payment_id,
        operation_id: id,
        account_id: record.id,
        reason,
      });
    },
    connectorBroke: ({ record }, error) => {
      log.error('connector broke', { account_id: record.id, ...errorFields(error) });
    },
  };
}

export function incomingObserver(log: Log, metrics: Metrics): IncomingObserver {
  return {
    refused: ({ record }, refusal) => {
      metrics.webhook('refused');
      log.warn('a webhook was refused', { account_id: record.id, reason: refusal.message });
    },
    repeated: () => metrics.webhook('repeated'),
    applied: ({ account_id, payment_id, type, state }) => {
      metrics.webhook(state);
      log.debug('a webhook was applied', {
        account_id,
        payment_id: payment_id ?? undefined,
        kind: type,
        state,
      });
    },
    failed: ({ id, account_id, type }, error) => {
      metrics.webhook('failed');
      log.warn('a webhook waits', { account_id, subject: id, kind: type, ...errorFields(error) });
    },
  };
}

export function webhookObserver(log: Log, metrics: Metrics): WebhookObserver {
  return {
    attempted: ({ id, event_type, state, attempts, last_status }, durationMs) => {
      metrics.delivery(state, durationMs);
      log.debug('a webhook was sent', {
        subject: id,
        kind: event_type,
        state,
        count: attempts,
        status: last_status ?? undefined,
      });
    },
    disabled: ({ id, merchant_id }) => {
      log.info('a webhook endpoint that only failed is disabled', { subject: id, merchant_id });
    },
    broke: (id, error) => {
      log.error('a webhook could not be sent', { subject: id, ...errorFields(error) });
    },
  };
}

export function guardObserver(log: Log, metrics: Metrics): GuardObserver {
  return {
    withdrawn: (merchant_id, { version, reason }) => {
      metrics.draftWithdrawn();
      log.warn('a draft of routing rules was withdrawn', { merchant_id, subject: version, reason });
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
    retryFailed: (paymentId, error) => {
      log.error('a later retry failed', { payment_id: paymentId, ...errorFields(error) });
    },
    needsOperator: (operation) => {
      metrics.needsOperator();
      log.error('an operation needs an operator', {
        operation_id: operation.id,
        payment_id: operation.payment_id,
        kind: operation.kind,
      });
    },
    contradiction: (payment, reason) => {
      metrics.needsOperator();
      log.error('the processor contradicts the books', { payment_id: payment.id, reason });
    },
    methodFault: ({ record }, subject, fault) => {
      log.warn('a processor did not answer about a saved method', {
        account_id: record.id,
        subject,
        fault: fault.kind,
        reason: fault.message,
      });
    },
    setupRecoveryFailed: (subject, error) => {
      log.error('recovery failed', { subject, ...errorFields(error) });
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
