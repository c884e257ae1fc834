/** What can be done to a merchant's rules and its draft, decided and put into change sets. */
import type { Accounts } from '../accounts/account.ts';
import { isoTime, type Clock } from '../base/clock.ts';
import { eventChange } from '../events/event.ts';
import { Problem } from '../sdk/problem.ts';
import type { Finding } from '../yaml/findings.ts';
import { Conflict, findOne, insert, update, type Change, type Database } from '../storage/index.ts';
import { parseRules } from './rules/parse.ts';
import type { KnownAccount, Rules } from './rules/rule.ts';
import {
  apiFileName,
  termsOf,
  type ActiveRecord,
  type DraftGuard,
  type DraftTerms,
  type RulesRecord,
  type RulesSource,
} from './source.ts';
import { tagsOf } from './lineup.ts';

export interface SourceDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly accounts: Accounts;
  readonly source: RulesSource;
}

/** Rules as they are given over the API: YAML text, or the same as JSON. */
export type GivenRules = string | Readonly<Record<string, unknown>>;

/** The text that is kept; JSON is YAML, and findings about it count its lines so. */
export function textOfRules(given: GivenRules): string {
  return typeof given === 'string' ? given : `${JSON.stringify(given, null, 2)}\n`;
}

/** A finding as the API shows it. */
export function presentFinding({ place, key, message, found, allowed }: Finding) {
  const { line, column } = 'line' in place ? place : { line: null, column: null };
  return { line, column, key, message, found: found ?? null, allowed: allowed ?? null };
}

export async function knownAccounts(
  { accounts }: Pick<SourceDeps, 'accounts'>,
  merchantId: string,
): Promise<readonly KnownAccount[]> {
  return (await accounts.list(merchantId)).map((account) => {
    const { id, name, weight } = account.record;
    return { id, name, weight, tags: tagsOf(account) };
  });
}

/**
 * Rules that a merchant gives, held against its accounts. Throws Problem `invalid_request` with
 * all that is wrong in `findings`.
 */
export async function readGiven(
  deps: Pick<SourceDeps, 'accounts'>,
  merchantId: string,
  given: GivenRules,
): Promise<{ readonly text: string; readonly rules: Rules }> {
  const text = textOfRules(given);
  const accounts = await knownAccounts(deps, merchantId);
  const { rules, findings } = parseRules(text, apiFileName, { accounts });
  if (rules) return { text, rules };
  const told = findings.map(presentFinding);
  const more = told.length > 1 ? ` (and ${told.length - 1} more, see findings)` : '';
  throw new Problem('invalid_request', `${told.slice(0, 1).map(sentence).join('')}${more}`, {
    param: 'rules',
    members: { findings: told },
  });
}

function sentence({ line, column, key, message }: ReturnType<typeof presentFinding>): string {
  const place = line === null ? '' : `line ${line}, column ${column}: `;
  return `${place}${key === '' ? '' : `${key}: `}${message}`;
}

/** A version once; its text may get other comments, which change nothing that it decides. */
export async function storeChanges(
  { db, clock }: Pick<SourceDeps, 'db' | 'clock'>,
  merchantId: string,
  source: RulesRecord['source'],
  { text, rules }: { readonly text: string; readonly rules: Rules },
): Promise<Change[]> {
  const key = { merchant_id: merchantId, hash: rules.version };
  const known = await findOne<RulesRecord>(db, 'routing_rules', key);
  if (known?.text === text) return [];
  if (known) return [update('routing_rules', { text, source }, key, 'routing_rules')];
  const record = { ...key, source, text, created_at: isoTime(clock.now()) };
  return [insert('routing_rules', record)];
}

export async function activeRecord(
  { db }: Pick<SourceDeps, 'db'>,
  merchantId: string,
): Promise<ActiveRecord | undefined> {
  return findOne<ActiveRecord>(db, 'routing_active', { merchant_id: merchantId });
}

type Columns = Pick<ActiveRecord, 'hash' | 'draft_hash' | 'draft_percent' | 'draft_guard'>;

const noDraft = { draft_hash: null, draft_percent: 0, draft_guard: null } as const;

/** Commits the row of what is active; throws `concurrent_change` when somebody else changed it. */
async function activate(
  { db, clock, source }: SourceDeps,
  merchantId: string,
  before: ActiveRecord | undefined,
  columns: Partial<Columns>,
  more: readonly Change[] = [],
): Promise<void> {
  const set = { ...columns, updated_at: isoTime(clock.now()), version: (before?.version ?? 0) + 1 };
  const where = { merchant_id: merchantId, version: before?.version ?? 0 };
  const change = before
    ? update('routing_active', set, where, 'routing_version')
    : insert('routing_active', { merchant_id: merchantId, hash: '', ...noDraft, ...set });
  try {
    await db.commit([...more, change]);
  } catch (error) {
    // Anything else is the caller's: its idempotency key, say.
    if (!(error instanceof Conflict) || !error.guard.startsWith('routing_')) throw error;
    throw new Problem('concurrent_change', 'the rules were changed meanwhile: read them again');
  } finally {
    source.forget(merchantId);
  }
}

/** The merchant's own rules, from the next payment on. */
export async function setRules(
  deps: SourceDeps,
  merchantId: string,
  given: GivenRules,
): Promise<void> {
  const read = await readGiven(deps, merchantId, given);
  const before = await activeRecord(deps, merchantId);
  const stored = await storeChanges(deps, merchantId, 'api', read);
  await activate(deps, merchantId, before, { hash: read.rules.version }, stored);
}

/** Back to the box's rules, if it has any; a draft goes too. */
export async function dropRules(deps: SourceDeps, merchantId: string): Promise<void> {
  const before = await activeRecord(deps, merchantId);
  if (!before || (before.hash === '' && before.draft_hash === null)) return;
  await activate(deps, merchantId, before, { hash: '', ...noDraft });
}

export interface GivenDraft {
  readonly rules: GivenRules;
  readonly percent?: number;
  readonly guard?: DraftGuard;
}

/** Another percentage for the same rules keeps what was counted; other rules begin anew. */
export async function setDraft(
  deps: SourceDeps,
  merchantId: string,
  { rules: given, percent = 0, guard }: GivenDraft,
): Promise<void> {
  const read = await readGiven(deps, merchantId, given);
  const before = await activeRecord(deps, merchantId);
  const hash = read.rules.version;
  const goesOn = before?.draft_hash === hash;
  const terms: DraftTerms = {
    since_ms: goesOn ? termsOf(before).since_ms : deps.clock.now(),
    ...(guard && { guard }),
  };
  const stored = await storeChanges(deps, merchantId, 'api', read);
  const columns = {
    draft_hash: hash,
    draft_percent: percent,
    draft_guard: JSON.stringify(terms),
  };
  await activate(deps, merchantId, before, columns, stored);
}

/** No draft is no mistake: then there is nothing to do. */
export async function dropDraft(deps: SourceDeps, merchantId: string): Promise<void> {
  const before = await activeRecord(deps, merchantId);
  if (!before || before.draft_hash === null) return;
  await activate(deps, merchantId, before, noDraft);
}

/**
 * The draft becomes the merchant's live rules. `version` is the one that was looked at: throws
 * Problem `not_found` when the draft is another one, or there is none. `more` is committed with it.
 */
export async function promoteDraft(
  deps: SourceDeps,
  merchantId: string,
  version: string,
  more: readonly Change[],
): Promise<void> {
  const before = await activeRecord(deps, merchantId);
  if (!before || before.draft_hash !== version) {
    throw new Problem('not_found', 'there is no draft of that version');
  }
  await activate(deps, merchantId, before, { hash: version, ...noDraft }, more);
}

export interface Withdrawal {
  readonly version: string;
  readonly percent: number;
  readonly reason: string;
  /** Rates of approval, from 0 to 1; null where nothing has ended. */
  readonly draft_rate: number | null;
  readonly live_rate: number | null;
  readonly draft_ended: number;
}

/**
 * Gives the draft up by itself, and says so in an event. Answers false when somebody changed it
 * meanwhile: then it is another draft, to be judged by its own figures.
 */
export async function withdrawDraft(
  deps: SourceDeps,
  before: ActiveRecord,
  withdrawal: Withdrawal,
): Promise<boolean> {
  const { merchant_id: merchantId } = before;
  const event = eventChange(
    'routing.draft_withdrawn',
    { merchantId },
    { object: 'routing_draft', ...withdrawal },
    deps.clock.now(),
  );
  try {
    await activate(deps, merchantId, before, noDraft, [event]);
    return true;
  } catch (error) {
    if (error instanceof Problem && error.code === 'concurrent_change') return false;
    throw error;
  }
}
