/**
 * The rhythm of every operation: commit the intention, call the processor with nothing open, commit
 * the outcome with its entries, events and answer together. A crash anywhere leaves a row that says
 * what to do.
 */
import { invariant } from '../base/assert.ts';
import { isoTime, type Clock } from '../base/clock.ts';
import { failpoint } from '../base/failpoint.ts';
import type { Idempotency } from '../idempotency/idempotency.ts';
import type { Account, Accounts } from '../accounts/account.ts';
import type { MethodInput, OperationKind } from '../sdk/command.ts';
import type { IdempotencySlot, Reply } from '../sdk/route.ts';
import { Conflict, type Change, type Database } from '../storage/index.ts';
import { carryOut, contextOf, type Call } from './call.ts';
import { cascade, mayCascade } from './cascade.ts';
import { faultOf, judge, judgeFault, type Verdict } from './judge.ts';
import { isUnresolved } from './machine.ts';
import type { OperationRecord, PaymentRecord } from './record.ts';
import { operationGuard, paymentGuard, settle } from './settle.ts';
import { operationById, paymentById } from './store.ts';

/** What a verb has decided, before anything is written. */
export interface Intent {
  /** The payment as it stands once the intention is committed. */
  readonly payment: PaymentRecord;
  /** In state `calling`. */
  readonly operation: OperationRecord;
  /** The intention's rows: the payment, the operation, events. */
  readonly changes: readonly Change[];
  readonly account: Account;
  /** Where else an authorization may go when it surely did not leave. */
  readonly alternatives?: readonly Account[];
  readonly method?: MethodInput;
  readonly subject?: OperationRecord;
  readonly slot: IdempotencySlot | undefined;
  /** The answer to the caller, from how it ended; serialised into the outcome's commit. */
  answer(settled: Settled): { status: number; body: unknown };
}

export interface Settled {
  readonly payment: PaymentRecord;
  readonly operation: OperationRecord;
}

/** What metrics and logs want to know. No card data, no bodies. */
export interface EngineObserver {
  called(account: Account, kind: OperationKind, verdict: Verdict, durationMs: number): void;
  settled(payment: PaymentRecord, operation: OperationRecord): void;
  /** A connector that threw something other than a Fault: a bug to be mended. */
  connectorBroke(account: Account, error: unknown): void;
}

export interface EngineDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly accounts: Accounts;
  readonly idempotency: Idempotency;
  readonly mode: 'sandbox' | 'live';
  readonly observer: EngineObserver;
  returnUrlOf(payment: PaymentRecord): string;
}

/** How often a lost compare-and-swap is read and decided again before the caller is told. */
const settleTriesMax = 20;

/** Verdicts that stay true whatever happened since: the processor said so. */
const lasting: ReadonlySet<Verdict['state']> = new Set([
  'succeeded',
  'declined',
  'pending',
  'review',
]);

export class Engine {
  readonly #deps: EngineDeps;
  /** Operations this process is calling for right now: nobody may ask about them yet. */
  readonly #calling = new Set<string>();

  constructor(deps: EngineDeps) {
    this.#deps = deps;
  }

  /**
   * Whether somebody is on the line about this operation: then nobody else may ask about it yet.
   */
  isLive(operation: OperationRecord): boolean {
    if (this.#calling.has(operation.id)) return true;
    if (operation.state !== 'calling' || this.#deps.db.dialect === 'sqlite') return false;
    // Another node on the same Postgres may be calling; until then it is taken at its word.
    return (
      operation.next_check_at !== null && operation.next_check_at > isoTime(this.#deps.clock.now())
    );
  }

  get callingCount(): number {
    return this.#calling.size;
  }

  /** Commits, calls, commits. Throws Conflict when the intention lost its compare-and-swap. */
  async perform(intent: Intent): Promise<Reply> {
    const { slot } = intent;
    const about = { paymentId: intent.payment.id, operationId: intent.operation.id };
    const taken = slot ? [this.#deps.idempotency.take(slot, about)] : [];
    let { payment, operation, account } = intent;
    const untried = [...(intent.alternatives ?? [])];
    this.#calling.add(operation.id);
    try {
      failpoint('before_intention');
      await this.#deps.db.commit([...intent.changes, ...taken]);
      failpoint('after_intention');
      for (;;) {
        const verdict = await this.#call({
          account,
          payment,
          operation,
          method: intent.method,
          subject: intent.subject,
          returnUrl: this.#deps.returnUrlOf(payment),
        });
        const next = mayCascade(operation, verdict) ? untried.shift() : undefined;
        if (!next) return await this.#finish(intent, payment, operation, verdict);
        const moved = cascade(payment, operation, verdict, next, this.#deps.clock.now());
        this.#calling.add(moved.operation.id);
        if (!(await this.#tryCommit(moved.changes))) {
          return await this.#finish(intent, payment, operation, verdict);
        }
        failpoint('after_intention');
        this.#calling.delete(operation.id);
        ({ payment, operation } = moved);
        account = next;
      }
    } finally {
      this.#calling.delete(operation.id);
    }
  }

  /**
   * Sends an operation again under its own id: for what the processor has surely never seen and
   * would recognise if it had. Never an authorization: its card is gone. The caller holds the
   * claim.
   */
  async resend(
    payment: PaymentRecord,
    operation: OperationRecord,
    account: Account,
    subject: OperationRecord | undefined,
  ): Promise<Settled> {
    invariant(operation.kind !== 'authorize', 'an authorization is never sent again');
    this.#calling.add(operation.id);
    try {
      const returnUrl = this.#deps.returnUrlOf(payment);
      const call = { account, payment, operation, method: undefined, subject, returnUrl };
      return await this.settle(payment, operation, await this.#call(call), subject);
    } finally {
      this.#calling.delete(operation.id);
    }
  }

  /** One call, judged. Never throws: whatever a connector throws is a fault with an effect. */
  async #call(call: Call): Promise<Verdict> {
    const { clock, mode, observer } = this.#deps;
    const startedMs = performance.now();
    const verdict = await (async () => {
      try {
        const outcome = await carryOut(call, contextOf(call.account, mode, clock));
        return judge(call.operation, outcome);
      } catch (error) {
        const fault = faultOf(error);
        if (fault !== error) observer.connectorBroke(call.account, error);
        return judgeFault(call.operation, fault);
      }
    })();
    failpoint('after_answer');
    observer.called(call.account, call.operation.kind, verdict, performance.now() - startedMs);
    return verdict;
  }

  async #finish(
    intent: Intent,
    payment: PaymentRecord,
    operation: OperationRecord,
    verdict: Verdict,
  ): Promise<Reply> {
    const { slot, subject } = intent;
    const answered = (settled: Settled) => {
      const answer = intent.answer(settled);
      return { ...answer, text: JSON.stringify(answer.body) };
    };
    const { idempotency } = this.#deps;
    // What was stored is what is sent: the last one made is of the commit that landed.
    let stored: Reply | undefined;
    const settled = await this.settle(payment, operation, verdict, subject, (after) => {
      if (!slot) return [];
      stored = undefined;
      // Unknown outcomes are not frozen: a repeat of the request hears how it stands by then.
      if (isUnresolved(after.operation.state)) return [idempotency.leaveOpen(slot)];
      const reply = answered(after);
      stored = reply;
      return [idempotency.finish(slot, reply)];
    });
    failpoint('after_outcome');
    return stored ?? answered(settled);
  }

  /**
   * Commits what a verdict means, with whatever `extra` wants beside it. When somebody else changed
   * the payment meanwhile it is read and concluded again. When somebody else touched the operation,
   * the version is a fence: a processor's plain word is still true and is concluded again, but "it
   * was not carried out" and "nobody knows" may be out of date by then, and theirs stands.
   */
  async settle(
    payment: PaymentRecord,
    operation: OperationRecord,
    verdict: Verdict,
    subject: OperationRecord | undefined,
    extra: (settled: Settled) => readonly Change[] = () => [],
  ): Promise<Settled> {
    const { db, clock, observer } = this.#deps;
    let current = { payment, operation, subject };
    for (let attempt = 1; ; attempt += 1) {
      const ms = clock.now();
      const now = { ms, iso: isoTime(ms) };
      const settlement = settle(current.payment, current.operation, verdict, current.subject, now);
      try {
        await db.commit([...settlement.changes, ...extra(settlement)]);
        observer.settled(settlement.payment, settlement.operation);
        return settlement;
      } catch (error) {
        const lost =
          error instanceof Conflict && [paymentGuard, operationGuard].includes(error.guard);
        if (!lost || attempt === settleTriesMax) throw error;
      }
      current = {
        payment: await paymentById(db, payment.merchant_id, payment.id),
        operation: await operationById(db, operation.id),
        subject: subject && (await operationById(db, subject.id)),
      };
      const touched = current.operation.version !== operation.version;
      if (touched && (!isUnresolved(current.operation.state) || !lasting.has(verdict.state))) {
        const settled = { payment: current.payment, operation: current.operation };
        const changes = extra(settled);
        if (changes.length > 0) await db.commit(changes);
        return settled;
      }
    }
  }

  /** False when somebody else changed the payment meanwhile: then nothing new is begun on it. */
  async #tryCommit(changes: readonly Change[]): Promise<boolean> {
    try {
      await this.#deps.db.commit(changes);
      return true;
    } catch (error) {
      if (error instanceof Conflict) return false;
      throw error;
    }
  }
}
