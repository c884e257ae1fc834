/**
 * Where requests become bookings: recognise a repeat, apply the rules, book once. All of it is
 * synchronous, so two requests can never interleave; the caller waits until it is durable.
 */
import { randomBytes } from 'node:crypto';
import type { Books } from './books.ts';
import { newId } from './ids.ts';
import type { LedgerFile } from './ledger-file.ts';
import type { Charge, Operation, OperationKind } from './model.ts';
import { Refusal } from './refusal.ts';
import {
  answerChallenge,
  capture,
  declineOf,
  newCharge,
  refund,
  refundFailed,
  release,
  review,
  type ChargeRequest,
} from './rules.ts';

const idPrefixes = {
  authorize: 'ch',
  capture: 'cap',
  void: 'void',
  refund: 'ref',
  approve: 'app',
  reject: 'rej',
} as const;

export interface OperationRequest {
  readonly kind: Exclude<OperationKind, 'authorize'>;
  readonly merchant: string;
  readonly chargeId: string;
  readonly reference: string;
  /** Missing where the kind knows it: a void of the rest, a review. */
  readonly amount: number | undefined;
  readonly final: boolean;
  readonly reason: string | undefined;
  /** The simulated issuer says no. */
  readonly decline: boolean;
  readonly origin?: 'dashboard';
}

export interface Booking {
  readonly operation: Operation;
  readonly charge: Charge;
  readonly replayed: boolean;
}

export class Desk {
  readonly #books: Books;
  readonly #file: LedgerFile;
  readonly #now: () => number;
  /** Off: the processor would act on a repeated reference again, like one without idempotency. */
  deduplicates = true;

  constructor(books: Books, file: LedgerFile, now: () => number) {
    this.#books = books;
    this.#file = file;
    this.#now = now;
  }

  authorize(merchant: string, request: ChargeRequest): Booking {
    const first = this.#replay(merchant, request.reference, {
      kind: 'authorize',
      amount: request.amount,
      currency: request.currency,
    });
    if (first) return first;
    const nowMs = this.#now();
    const charge = newCharge(request, {
      id: newId(idPrefixes.authorize, nowMs),
      merchant,
      challengeToken: randomBytes(18).toString('base64url'),
      nowMs,
    });
    const operation: Operation = {
      id: charge.id,
      kind: 'authorize',
      reference: charge.reference,
      merchant,
      charge: charge.id,
      amount: charge.amount,
      currency: charge.currency,
      status: charge.status === 'declined' ? 'declined' : 'succeeded',
      created_at: charge.created_at,
    };
    return this.#book(operation, charge);
  }

  operate(request: OperationRequest): Booking {
    const { kind, merchant, chargeId, reference, reason } = request;
    const { amount } = request;
    const first = this.#replay(merchant, reference, { kind, amount, charge: chargeId });
    if (first) return first;
    const charge = this.#books.charge(merchant, chargeId);
    if (!charge) throw new Refusal('unknown_charge', `no charge ${chargeId}`);
    const [next, moved] = this.#move(charge, request);
    const nowMs = this.#now();
    const operation: Operation = {
      id: newId(idPrefixes[kind], nowMs),
      kind,
      reference,
      merchant,
      charge: charge.id,
      amount: moved,
      currency: charge.currency,
      status: request.decline ? 'declined' : 'succeeded',
      ...(request.decline && { decline: declineOf('05') }),
      ...(reason !== undefined && { reason }),
      ...(request.origin && { origin: request.origin }),
      created_at: new Date(nowMs).toISOString(),
    };
    return this.#book(operation, request.decline ? charge : next);
  }

  /** Completes or fails a challenge. Answers with undefined for an unknown page. */
  challenge(token: string, approved: boolean): { charge: Charge; changed: boolean } | undefined {
    const charge = this.#books.chargeByToken(token);
    if (!charge) return undefined;
    const next = answerChallenge(charge, approved);
    const changed = next !== charge;
    if (changed) this.#record({ charge: next });
    return { charge: next, changed };
  }

  /** A refund that was taken for good could not be paid out. Undefined: there is none to fail. */
  failRefund(id: string): Booking | undefined {
    const operation = this.#books.operationById(id);
    if (operation?.kind !== 'refund' || operation.status !== 'succeeded') return undefined;
    const failed: Operation = {
      ...operation,
      status: 'failed',
      decline: declineOf('refund_failed'),
      failed_at: new Date(this.#now()).toISOString(),
    };
    const charge = refundFailed(this.#books.chargeOf(operation), operation.amount);
    return this.#book(failed, charge);
  }

  /** A hold that was not captured in time is let go by the bank. */
  expire(charge: Charge): Booking {
    const request = {
      merchant: charge.merchant,
      chargeId: charge.id,
      origin: 'dashboard',
    } as const;
    const { operation, charge: voided } = this.operate({
      ...request,
      kind: 'void',
      reference: newId('exp', this.#now()),
      amount: undefined,
      final: true,
      reason: 'expired',
      decline: false,
    });
    const expired = { ...voided, expired: true };
    this.#record({ charge: expired });
    return { operation, charge: expired, replayed: false };
  }

  #move(charge: Charge, request: OperationRequest): [Charge, number] {
    const amount = request.amount ?? charge.amount;
    switch (request.kind) {
      case 'capture':
        return [capture(charge, amount, request.final), amount];
      case 'refund':
        return [refund(charge, amount), amount];
      case 'void':
        return release(charge, request.amount);
      case 'approve':
      case 'reject':
        return [review(charge, request.kind === 'approve'), charge.amount];
    }
  }

  /** The first booking under this reference; another request under it is refused. */
  #replay(
    merchant: string,
    reference: string,
    asked: { kind: OperationKind; amount?: number; currency?: string; charge?: string },
  ): Booking | undefined {
    if (!this.deduplicates) return undefined;
    const operation = this.#books.operation(merchant, reference);
    if (!operation) return undefined;
    const { kind, amount, currency, charge } = asked;
    const same =
      kind === operation.kind &&
      (amount ?? operation.amount) === operation.amount &&
      (currency ?? operation.currency) === operation.currency &&
      (charge ?? operation.charge) === operation.charge;
    if (!same) {
      throw new Refusal('reference_reused', 'the reference belongs to another request');
    }
    return { operation, charge: this.#books.chargeOf(operation), replayed: true };
  }

  #book(operation: Operation, charge: Charge): Booking {
    this.#record({ operation, charge });
    return { operation, charge, replayed: false };
  }

  #record(record: Parameters<Books['apply']>[0]): void {
    this.#books.apply(record);
    this.#file.append(record);
  }
}
