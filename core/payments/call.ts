/** From an operation's row to the connector's function: which one is called, and with what. */
import { invariant } from '../base/assert.ts';
import type { Account } from '../accounts/account.ts';
import type { MethodInput, OperationKind } from '../sdk/command.ts';
import type { Context } from '../sdk/connector.ts';
import type { Outcome } from '../sdk/outcome.ts';
import {
  stored,
  storedOr,
  type OperationDetails,
  type OperationRecord,
  type PaymentRecord,
  type RecordedKind,
  type StoredDetails,
} from './record.ts';

/** Everything one call needs; `method` is there for authorizations only, and only in memory. */
export interface Call {
  readonly account: Account;
  readonly payment: PaymentRecord;
  readonly operation: OperationRecord;
  readonly method: MethodInput | undefined;
  /** The authorization that a capture, void, refund or review is about. */
  readonly subject: OperationRecord | undefined;
  readonly returnUrl: string;
  /** The processor's id of the customer; for authorizations that need one. */
  readonly customerReference?: string | undefined;
}

const refOf = (operation: OperationRecord | undefined): unknown =>
  operation?.ref ? JSON.parse(operation.ref) : undefined;

/**
 * Carries out one operation at the processor. Throws Faults; invariants when a verb forgot a part.
 */
export function carryOut(call: Call, context: Context<unknown>): Promise<Outcome<unknown>> {
  const { operation, subject } = call;
  const { operations } = call.account.connector;
  const amount = { amount: operation.amount, currency: operation.currency };
  const asked = storedOr<OperationDetails>(operation.details, {});
  const common = { operationId: operation.id, amount, of: refOf(subject) };
  if (operation.kind === 'authorize') {
    invariant(call.method, 'an authorization has a payment method');
    const {
      return_url: merchants,
      webhook_url: _ours,
      webhook_signer: _theirs,
      ...details
    } = stored<StoredDetails>(call.payment.details);
    return operations.authorize(context, {
      operationId: operation.id,
      amount,
      capture: asked.capture ?? 'automatic',
      method: call.method,
      details:
        call.payment.reference === null
          ? details
          : { ...details, reference: call.payment.reference },
      customerReference: call.customerReference,
      returnUrl: call.returnUrl,
      ...(merchants === undefined && { staysThere: true }),
    });
  }
  invariant(common.of !== undefined, 'a later operation knows its authorization');
  switch (operation.kind) {
    case 'capture':
      invariant(operations.capture, 'the connector captures');
      return operations.capture(context, { ...common, final: asked.final ?? false });
    case 'void':
      invariant(operations.void, 'the connector voids');
      return operations.void(context, {
        ...common,
        because: asked.ends ?? 'released',
        reason: asked.reason,
      });
    case 'refund':
      invariant(operations.refund, 'the connector refunds');
      return operations.refund(context, { ...common, reason: asked.reason });
    case 'approve':
      invariant(operations.approve, 'the connector approves');
      return operations.approve(context, common);
    case 'reject':
      if (asked.by !== undefined) {
        const undo = operations[asked.by];
        invariant(undo, `the connector can ${asked.by}`);
        return undo(context, { ...common, because: 'released', reason: 'review_rejected' });
      }
      invariant(operations.reject, 'the connector rejects');
      return operations.reject(context, common);
    case 'dispute':
    case 'reinstatement':
      throw new Error(`a ${operation.kind} is the processor's own act`);
  }
}

/** What happened at the processor by itself is never asked for. */
function askable(kind: RecordedKind): OperationKind {
  invariant(kind !== 'dispute' && kind !== 'reinstatement', 'the switch does not dispute');
  return kind;
}

/** Asks the processor what became of an operation. */
export function askAbout(
  call: Pick<Call, 'account' | 'operation' | 'subject'>,
  context: Context<unknown>,
): Promise<Outcome<unknown> | 'not_found'> {
  const { operation, subject } = call;
  const { by, capture, method = 'card' } = storedOr<OperationDetails>(operation.details, {});
  const authorizing = operation.kind === 'authorize';
  return call.account.connector.operations.sync(context, {
    operationId: operation.id,
    // A rejection that voids or refunds is a void or a refund to the processor.
    kind: by ?? askable(operation.kind),
    amount: { amount: operation.amount, currency: operation.currency },
    ref: refOf(operation),
    of: authorizing ? undefined : refOf(subject),
    method: authorizing ? method : undefined,
    capture: authorizing ? capture : undefined,
    // Not later than now: a sandbox's clock may have been moved ahead of the processor's.
    begunAtMs: Math.min(Date.parse(operation.created_at), context.now()),
  });
}
