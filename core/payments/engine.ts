/**
 * The rhythm of every operation: commit the intention, call the processor with nothing open, commit
 * the outcome with its entries, events and answer together. A crash anywhere leaves a row that says
 * what to do.
 */
import { invariant } from '../base/assert.ts';
import { isoTime } from '../base/clock.ts';
import { failpoint } from '../base/failpoint.ts';
import type { Account } from '../accounts/account.ts';
import { contextOf } from '../accounts/context.ts';
import { faultOf } from '../accounts/fault.ts';
import { changesOf } from '../routing/board.ts';
import type { MethodInput } from '../sdk/command.ts';
import type { Reply } from '../sdk/route.ts';
import { Conflict, type Change } from '../storage/index.ts';
import { carryOut, type Call } from './call.ts';
import type { EngineDeps, Intent, Settled } from './intent.ts';
import { judge, judgeFault, type Verdict } from './judge.ts';
import { keepingGuards, keptWith, referenceOf } from './keeping.ts';
import { isUnresolved } from './machine.ts';
import { nextAccount } from './next-account.ts';
import { stored, type OperationRecord, type PaymentRecord, type StoredDetails } from './record.ts';
import { retryGuards, retryOf } from './retry-schedule.ts';
import { operationGuard, paymentGuard, settle } from './settle.ts';
import { operationById, paymentById } from './store.ts';

export type { EngineDeps, EngineObserver, Intent, Settled } from './intent.ts';

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
      await this.#begin(intent, taken);
      intent.begun?.();
      failpoint('after_intention');
      for (let attempts = 1; ; attempts += 1) {
        const verdict = await this.#call({
          account,
          payment,
          operation,
          method: intent.method,
          customerReference: intent.customerReference,
          subject: intent.subject,
          returnUrl: this.#deps.returnUrlOf(payment),
        });
        const failed = { payment, operation, verdict, attempts };
        const next = await nextAccount(this.#deps, intent, failed, untried, this.#calling);
        if (!next) return await this.#finish(intent, payment, operation, verdict);
        failpoint('after_intention');
        this.#calling.delete(operation.id);
        ({ payment, operation, account } = next);
      }
    } finally {
      this.#calling.delete(operation.id);
    }
  }

  /** The intention becomes durable, with what its decision holds of shares and limits. */
  async #begin(intent: Intent, taken: readonly Change[]): Promise<void> {
    const { db, routing } = this.#deps;
    const reservation = intent.routed?.reservation;
    try {
      const held = changesOf(reservation?.deltas ?? []);
      await db.commit([...intent.changes, ...held, ...taken]);
      if (reservation) routing.book.landed(reservation);
    } catch (error) {
      if (reservation) routing.book.undo(reservation);
      throw error;
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
    const { clock, keyring, mode, observer } = this.#deps;
    const startedMs = performance.now();
    const { health } = this.#deps.routing;
    const { id: accountId } = call.account.record;
    const authorizing = call.operation.kind === 'authorize';
    const flight = health.begin(accountId, authorizing);
    const verdict = await (async () => {
      try {
        const known = await this.#withCustomer(call);
        const outcome = await carryOut(known, contextOf(call.account, mode, clock));
        return judge(call.operation, outcome, keyring);
      } catch (error) {
        const fault = faultOf(error);
        if (fault !== error) observer.connectorBroke(call.account, error);
        return judgeFault(call.operation, fault);
      }
    })();
    failpoint('after_answer');
    const latencyMs = performance.now() - startedMs;
    const counted = authorizing && (verdict.state === 'succeeded' || verdict.state === 'declined');
    health.record(accountId, flight, { outcome: outcomeOf(verdict), latencyMs }, counted);
    observer.called(call.account, call.operation.kind, verdict, latencyMs);
    return verdict;
  }

  /** A method that is to be kept is kept for somebody: he is made known to the processor first. */
  async #withCustomer(call: Call): Promise<Call> {
    const { payment, operation, account, customerReference: known } = call;
    if (operation.kind !== 'authorize' || known !== undefined || payment.customer_id === null) {
      return call;
    }
    const { setup_future_usage: usage } = stored<StoredDetails>(payment.details);
    if (usage === undefined) return call;
    return { ...call, customerReference: await referenceOf(this.#deps, account, payment) };
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
    let kept: Reply | undefined;
    const { method } = intent;
    const extra = (after: Settled) => {
      if (!slot) return [];
      kept = undefined;
      // Unknown outcomes are not frozen: a repeat of the request hears how it stands by then.
      if (isUnresolved(after.operation.state)) return [idempotency.leaveOpen(slot)];
      const reply = answered(after);
      kept = reply;
      return [idempotency.finish(slot, reply)];
    };
    const settled = await this.settle(payment, operation, verdict, subject, extra, method);
    failpoint('after_outcome');
    return kept ?? answered(settled);
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
    method?: MethodInput,
  ): Promise<Settled> {
    const { db, clock, observer } = this.#deps;
    let current = { payment, operation, subject };
    for (let attempt = 1; ; attempt += 1) {
      const ms = clock.now();
      const now = { ms, iso: isoTime(ms) };
      const retry = await retryOf(db, current.payment, current.operation);
      const { payment: before, operation: asked } = current;
      const settlement = settle(before, asked, verdict, current.subject, now, retry);
      try {
        const kept = await keptWith(this.#deps, settlement, verdict, method);
        await db.commit([...settlement.changes, ...kept, ...extra(settlement)]);
        this.#deps.routing.book.ended(payment.merchant_id, settlement.ended);
        observer.settled(settlement.payment, settlement.operation);
        return settlement;
      } catch (error) {
        const lost =
          error instanceof Conflict &&
          [paymentGuard, operationGuard, ...keepingGuards, ...retryGuards].includes(error.guard);
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
}

/** How the processor behaved: a refusal is an answer, and says nothing bad of it. */
function outcomeOf({ state, result }: Verdict): 'approved' | 'declined' | 'failed' {
  if (state === 'declined' || result.fault === 'rejected') return 'declined';
  return state === 'failed' || state === 'unknown' ? 'failed' : 'approved';
}
