/** What an answer does to a set-up: its row, the method it brought, its events, in one commit. */
import { isoTime } from '../base/clock.ts';
import { invariant } from '../base/assert.ts';
import type { NextAction } from '../sdk/outcome.ts';
import { eventChange, type EventType } from '../events/event.ts';
import { Conflict, findOne, update, type Change } from '../storage/index.ts';
import { nextCheckAt } from './check-schedule.ts';
import { setupMachine } from './machine.ts';
import { storedAction } from './next-action.ts';
import { presentEvent } from './present.ts';
import type { MethodsDeps, SetupRecord, StoredAction } from './record.ts';
import { keepMethod, savedMethodGuard } from './saved.ts';
import type { SetupVerdict } from './verdict.ts';

export const setupGuard = 'setup_version';

/** How often a lost compare-and-swap is read and decided again. */
const triesMax = 20;

const moves = {
  succeeded: 'succeed',
  requires_action: 'ask_customer',
  processing: 'process',
  failed: 'fail',
  cancelled: 'cancel',
} as const;

const announced: Readonly<Partial<Record<SetupRecord['status'], EventType>>> = {
  succeeded: 'setup.succeeded',
  failed: 'setup.failed',
};

export function isOpen({ status }: SetupRecord): boolean {
  return status === 'processing' || status === 'requires_action';
}

export function setupChange(before: SetupRecord, after: SetupRecord): Change {
  const changed = Object.entries(after).filter(
    ([column, value]) => before[column as keyof SetupRecord] !== value,
  );
  const set = Object.fromEntries(changed) as Record<string, string | number | null>;
  return update('setups', set, { id: before.id, version: before.version }, setupGuard);
}

/**
 * Commits what a verdict means, with whatever `extra` wants beside it, and answers the set-up as it
 * stands then. Another's commit in between is read and concluded upon again: the processor's word
 * is still true, but "nobody knows" and "it was not sent" may be out of date, and theirs stands.
 */
export async function conclude(
  deps: MethodsDeps,
  setup: SetupRecord,
  verdict: SetupVerdict,
  extra: (after: SetupRecord) => readonly Change[] = () => [],
): Promise<SetupRecord> {
  let current = setup;
  for (let attempt = 1; ; attempt += 1) {
    const overtaken = current.version !== setup.version && !isLasting(verdict);
    const { after, changes } = overtaken
      ? { after: current, changes: [] }
      : await decide(deps, current, verdict);
    const all = [...changes, ...extra(after)];
    try {
      if (all.length > 0) await deps.db.commit(all);
      return after;
    } catch (error) {
      const lost =
        error instanceof Conflict && [setupGuard, savedMethodGuard].includes(error.guard);
      if (!lost || attempt === triesMax) throw error;
    }
    current = await setupById(deps, setup.id);
  }
}

function isLasting(verdict: SetupVerdict): boolean {
  if (verdict.status === 'unknown') return false;
  return verdict.status !== 'failed' || verdict.error.code === 'declined';
}

/** It goes on. */
type Told = Extract<SetupVerdict, { readonly nextAction: unknown }>;
/** It has ended. */
type Over = Exclude<SetupVerdict, Told | { readonly status: 'unknown' }>;

interface Decided {
  readonly after: SetupRecord;
  readonly changes: readonly Change[];
}

async function decide(
  deps: MethodsDeps,
  before: SetupRecord,
  verdict: SetupVerdict,
): Promise<Decided> {
  const nowMs = deps.clock.now();
  if (verdict.status === 'unknown') return stillOpen(before, {}, nowMs);
  const moved = setupMachine.next(before.status, moves[verdict.status]);
  // As it was, but still open: then what the customer has to do may be new.
  const same = verdict.status === before.status && isOpen(before);
  if (moved === undefined && !same) return { after: before, changes: [] };
  if ('nextAction' in verdict) {
    return stillOpen(before, toldBy(deps, before, verdict), nowMs);
  }
  return over(deps, before, verdict, nowMs);
}

function toldBy(
  deps: MethodsDeps,
  before: SetupRecord,
  { status, ref, nextAction, error }: Told,
): Partial<SetupRecord> {
  return {
    status,
    ref,
    next_action: nextAction ? actionText(deps, before, nextAction) : null,
    last_error: error ? JSON.stringify(error) : before.last_error,
  };
}

/** The same action is not sealed anew whenever it is heard of. */
function actionText(
  { keyring }: MethodsDeps,
  { next_action: text }: SetupRecord,
  action: NextAction,
): string {
  const known = text === null ? undefined : (JSON.parse(text) as StoredAction);
  return JSON.stringify(storedAction(action, known, keyring));
}

function stillOpen(before: SetupRecord, told: Partial<SetupRecord>, nowMs: number): Decided {
  if (!isOpen(before)) return { after: before, changes: [] };
  const next = { ...before, ...told };
  const fresh = next.status !== before.status || before.ref !== next.ref || before.checks === 0;
  const after: SetupRecord = {
    ...next,
    absent_since: told.ref === undefined ? before.absent_since : null,
    checks: fresh ? 0 : before.checks,
    next_check_at: fresh ? nextCheckAt(0, nowMs) : before.next_check_at,
    updated_at: isoTime(nowMs),
    version: before.version + 1,
  };
  return { after, changes: [setupChange(before, after)] };
}

async function over(
  deps: MethodsDeps,
  before: SetupRecord,
  verdict: Over,
  nowMs: number,
): Promise<Decided> {
  const { merchant_id: merchantId, customer_id: customerId, account_id: accountId } = before;
  const kept =
    verdict.status === 'succeeded'
      ? await keepMethod(deps, {
          merchantId,
          customerId,
          accountId,
          saved: verdict.saved,
          usage: before.usage,
        })
      : undefined;
  const after: SetupRecord = {
    ...before,
    status: verdict.status,
    ref: verdict.ref ?? before.ref,
    next_action: null,
    last_error: errorText(before, verdict),
    payment_method_id: kept?.methodId ?? null,
    absent_since: null,
    next_check_at: null,
    updated_at: isoTime(nowMs),
    version: before.version + 1,
  };
  const type = announced[after.status];
  const event = type ? [eventChange(type, { merchantId }, presentEvent(after), nowMs)] : [];
  // The method before the set-up that points at it.
  return { after, changes: [...(kept?.changes ?? []), setupChange(before, after), ...event] };
}

function errorText(before: SetupRecord, verdict: SetupVerdict): string | null {
  if (verdict.status === 'failed') return JSON.stringify(verdict.error);
  return verdict.status === 'succeeded' ? null : before.last_error;
}

export async function setupById({ db }: Pick<MethodsDeps, 'db'>, id: string) {
  const setup = await findOne<SetupRecord>(db, 'setups', { id });
  invariant(setup, 'a set-up is never deleted');
  return setup;
}
