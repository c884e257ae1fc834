/**
 * "What became of the set-up?" Asked on demand, when the processor sends news of it, and on a
 * schedule. "Not found" proves something only when it was said twice, a grace period apart.
 */
import { isoTime, minute } from '../base/clock.ts';
import { inParallel } from '../base/parallel.ts';
import type { Account } from '../accounts/account.ts';
import { contextOf } from '../accounts/context.ts';
import { faultOf } from '../accounts/fault.ts';
import { Conflict, earliest, findOne } from '../storage/index.ts';
import { nextCheckAt } from './check-schedule.ts';
import { conclude, isOpen, setupById, setupChange, setupGuard } from './conclude.ts';
import { accountOf } from './desk.ts';
import type { MethodsDeps, SetupError, SetupRecord } from './record.ts';
import { absent, judgeSetup, storedRef, type SetupVerdict } from './verdict.ts';

/** A claim that is older than this belongs to a node that died: another one takes over. */
const claimMs = minute;

/** Questions under way at a time. */
const concurrency = 8;

const batchSize = 100;

/**
 * Asks the processor and concludes as far as the answer is evidence; answers the set-up as it
 * stands then. A processor that is silent changes nothing. Throws Problem `account_unusable` when
 * the connector is not installed any more.
 */
export async function askSetup(deps: MethodsDeps, setup: SetupRecord): Promise<SetupRecord> {
  if (!worthAsking(setup)) return setup;
  const account = await accountOf(deps, setup.merchant_id, setup.account_id);
  const found = await ask(deps, account, setup);
  if (found === 'no_answer') return setup;
  if (found !== 'not_found') return conclude(deps, setup, found);
  // What ended already is not ended again by a processor that has forgotten it.
  if (!isOpen(setup)) return setup;
  const { absent_since: since } = setup;
  const graceStart = isoTime(deps.clock.now() - deps.absenceGraceMs);
  if (since !== null && since <= graceStart) return conclude(deps, setup, absent);
  return since === null ? noteAbsence(deps, setup) : setup;
}

/** Also what was given up because the processor had never heard of it: it may have turned up. */
function worthAsking(setup: SetupRecord): boolean {
  if (isOpen(setup)) return true;
  if (setup.status !== 'failed' || setup.last_error === null) return false;
  return (JSON.parse(setup.last_error) as SetupError).code === 'not_sent';
}

async function ask(
  deps: MethodsDeps,
  account: Account,
  setup: SetupRecord,
): Promise<SetupVerdict | 'not_found' | 'no_answer'> {
  const { setups } = account.connector;
  if (!setups) return 'no_answer';
  try {
    const outcome = await setups.sync(contextOf(account, deps.mode, deps.clock), {
      setupId: setup.id,
      ref: setup.ref === null ? undefined : JSON.parse(setup.ref),
      begunAtMs: Date.parse(setup.created_at),
    });
    return outcome === 'not_found' ? outcome : judgeSetup(outcome);
  } catch (error) {
    deps.observer.methodFault(account, setup.id, faultOf(error));
    return 'no_answer';
  }
}

async function noteAbsence(deps: MethodsDeps, setup: SetupRecord): Promise<SetupRecord> {
  const absentSince = isoTime(deps.clock.now());
  return change(deps, setup, { absent_since: absentSince });
}

/** Under the version; when somebody else was faster, what they left is answered. */
async function change(
  deps: MethodsDeps,
  setup: SetupRecord,
  set: Partial<SetupRecord>,
): Promise<SetupRecord> {
  const after = { ...setup, ...set, version: setup.version + 1 };
  const won = await tryChange(deps, setup, after);
  return won ? after : setupById(deps, setup.id);
}

async function tryChange(
  { db }: MethodsDeps,
  before: SetupRecord,
  after: SetupRecord,
): Promise<boolean> {
  try {
    await db.commit([setupChange(before, after)]);
    return true;
  } catch (error) {
    if (error instanceof Conflict && error.guard === setupGuard) return false;
    throw error;
  }
}

/**
 * News of a set-up from its processor: finds it by the connector's ref and asks about it. False
 * when no set-up of the account has this ref (yet: our own answer may still be on its way).
 */
export async function setupNews(
  deps: MethodsDeps,
  account: Account,
  ref: unknown,
): Promise<boolean> {
  const where = { account_id: account.record.id, ref: storedRef(ref) };
  const setup = await findOne<SetupRecord>(deps.db, 'setups', where);
  if (!setup) return false;
  await askSetup(deps, setup);
  return true;
}

/**
 * Asks about every set-up whose time has come; for the recovery job. Any number of nodes may run
 * it: a row is claimed by compare-and-swap on its version.
 */
export async function dueSetups(deps: MethodsDeps): Promise<void> {
  const tried = new Set<string>();
  for (;;) {
    const query = deps.db
      .knex('setups')
      .select('*')
      .whereNotNull('next_check_at')
      .where('next_check_at', '<=', isoTime(deps.clock.now()))
      .orderBy('next_check_at')
      .orderBy('id')
      .limit(batchSize);
    const rows = await deps.db.rows<SetupRecord>(query);
    const due = rows.filter(({ id }) => !tried.has(id));
    if (due.length === 0) return;
    for (const { id } of due) tried.add(id);
    await inParallel(due, concurrency, (setup) => check(deps, setup));
  }
}

async function check(deps: MethodsDeps, due: SetupRecord): Promise<void> {
  const claimed = {
    ...due,
    checks: due.checks + 1,
    next_check_at: isoTime(deps.clock.now() + claimMs),
    version: due.version + 1,
  };
  if (!(await tryChange(deps, due, claimed))) return;
  try {
    const current = await askSetup(deps, claimed);
    // A state that is new has its own next check; another's claim is theirs to follow up.
    if (!isOpen(current) || current.next_check_at !== claimed.next_check_at) return;
    const at = nextCheckAt(current.checks, deps.clock.now());
    await change(deps, current, { next_check_at: at });
  } catch (error) {
    // The claim runs out by itself and the row is asked about again; the operator hears why.
    deps.observer.setupRecoveryFailed(due.id, error);
  }
}

/** When the next question is due, if any: the sandbox's clock can be moved there. */
export async function nextSetupCheckAt({
  db,
}: Pick<MethodsDeps, 'db'>): Promise<string | undefined> {
  return earliest(db, db.knex('setups'), 'next_check_at');
}
