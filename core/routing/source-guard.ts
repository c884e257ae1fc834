/** How a draft does against the live rules, and when it is given up. */
import { day } from '../base/clock.ts';
import { firstIdAt } from '../base/id.ts';
import { remove, type Database } from '../storage/index.ts';
import type { ActiveRules, Draft, DraftGuard } from './source.ts';
import { activeRecord, withdrawDraft, type SourceDeps, type Withdrawal } from './source-verbs.ts';

/** Payments by how they ended. A payment counts once, however often it was tried. */
export interface SideFigures {
  readonly decisions: number;
  readonly approved: number;
  readonly declined: number;
}

export interface DraftFigures {
  /** The latest of them are looked at, so that a long trial costs no more than a short one. */
  readonly decisions: number;
  /** The draft's first account is the one that the live rules name. */
  readonly same: number;
  readonly moved: number;
  /** Payments that the live rules decided, and those that the draft did. */
  readonly live: SideFigures;
  readonly draft: SideFigures;
}

/** As many of the latest decisions as are always looked at. */
const decisionsMin = 10_000;

interface FigureRow {
  readonly used: number | string;
  readonly decisions: number | string;
  readonly same: number | string;
  readonly approved: number | string;
  readonly declined: number | string;
}

/** Enough of the latest decisions that the guard's share of them is there, half as many again. */
function decisionsFor({ percent, guard }: Draft): number {
  if (!guard || percent === 0) return decisionsMin;
  return Math.max(decisionsMin, Math.ceil((guard.min_decisions * 150) / percent));
}

export async function draftFigures(
  db: Database,
  merchantId: string,
  draft: Draft,
): Promise<DraftFigures> {
  const { knex } = db;
  const latest = knex('routing_shadows')
    .select('payment_id', 'used', 'live_account', 'draft_account')
    .where({ merchant_id: merchantId, draft_hash: draft.rules.version })
    .where('operation_id', '>=', firstIdAt('operation', draft.sinceMs))
    .orderBy('operation_id', 'desc')
    .limit(decisionsFor(draft))
    .as('s');
  const paid = knex.raw('count(distinct case when p.amount_authorized > 0 then p.id end)');
  const failed = knex.raw(
    `count(distinct case when p.amount_authorized = 0 and p.status = 'failed' then p.id end)`,
  );
  const same = knex.raw(
    `sum(case when coalesce(s.live_account, '') = coalesce(s.draft_account, '') then 1 else 0 end)`,
  );
  const rows = await db.rows<FigureRow>(
    knex
      .from(latest)
      .leftJoin('payments as p', (join) => {
        void join.on('p.id', 's.payment_id').andOnVal('p.merchant_id', merchantId);
      })
      .select({
        used: 's.used',
        decisions: knex.raw('count(*)'),
        same,
        approved: paid,
        declined: failed,
      })
      .groupBy('s.used'),
  );
  const side = (used: number): SideFigures & { readonly same: number } => {
    const row = rows.find((one) => Number(one.used) === used);
    return {
      decisions: Number(row?.decisions ?? 0),
      same: Number(row?.same ?? 0),
      approved: Number(row?.approved ?? 0),
      declined: Number(row?.declined ?? 0),
    };
  };
  const [{ same: liveSame, ...live }, { same: draftSame, ...own }] = [side(0), side(1)];
  const decisions = live.decisions + own.decisions;
  const alike = liveSame + draftSame;
  return { decisions, same: alike, moved: decisions - alike, live, draft: own };
}

/** From 0 to 1; null where nothing has ended. */
export function approvalRate({ approved, declined }: SideFigures): number | null {
  return approved + declined === 0 ? null : approved / (approved + declined);
}

/** Why the guard gives the draft up; undefined while it may go on. Pure. */
export function breachOf(guard: DraftGuard, { live, draft }: DraftFigures): string | undefined {
  const ended = draft.approved + draft.declined;
  const rate = approvalRate(draft);
  if (rate === null || ended < guard.min_decisions) return undefined;
  const { min_approval_rate: least, drop_percent: drop } = guard;
  if (least !== undefined && rate < least) {
    return `${percentText(rate)} of ${ended} payments were approved, fewer than ${percentText(least)}`;
  }
  const usual = approvalRate(live);
  // As many of the others have to have ended: a rate of three payments is none to fall behind.
  if (drop === undefined || usual === null || live.approved + live.declined < guard.min_decisions) {
    return undefined;
  }
  if ((usual - rate) * 100 <= drop) return undefined;
  return (
    `${percentText(rate)} of ${ended} payments were approved, ` +
    `more than ${drop} points below the ${percentText(usual)} of the live rules`
  );
}

function percentText(rate: number): string {
  return `${Math.round(rate * 1000) / 10} %`;
}

export interface GuardObserver {
  withdrawn(merchantId: string, withdrawal: Withdrawal): void;
}

/** Every draft that decides payments and has a guard is held against it once. */
export async function guardDrafts(deps: SourceDeps, observer: GuardObserver): Promise<void> {
  const { db } = deps;
  const rows = await db.rows<{ merchant_id: string }>(
    db
      .knex('routing_active')
      .select('merchant_id')
      .whereNotNull('draft_hash')
      .where('draft_percent', '>', 0),
  );
  for (const { merchant_id: merchantId } of rows) {
    const withdrawal = await withdrawalOf(deps, merchantId);
    if (withdrawal) observer.withdrawn(merchantId, withdrawal);
  }
}

/** A draft that ran for a month has been looked at; what older ones said is not asked for again. */
const shadowsKeptMs = 30 * day;
const shadowsAtOnce = 500;
/** Twice a minute: 300 a second, more than a busy box decides. */
const roundsMax = 20;

export async function forgetOldShadows({
  db,
  clock,
}: Pick<SourceDeps, 'db' | 'clock'>): Promise<void> {
  const before = firstIdAt('operation', clock.now() - shadowsKeptMs);
  for (let round = 0; round < roundsMax; round += 1) {
    const rows = await db.rows<{ operation_id: string }>(
      db
        .knex('routing_shadows')
        .select('operation_id')
        .where('operation_id', '<', before)
        .orderBy('operation_id')
        .limit(shadowsAtOnce),
    );
    if (rows.length === 0) return;
    await db.commit(rows.map(({ operation_id }) => remove('routing_shadows', { operation_id })));
  }
}

async function withdrawalOf(deps: SourceDeps, merchantId: string): Promise<Withdrawal | undefined> {
  // The row first: the figures below are then of this draft or of a later one, which it will see.
  const before = await activeRecord(deps, merchantId);
  deps.source.forget(merchantId);
  const active: ActiveRules | undefined = await deps.source.rulesFor(merchantId);
  const draft = active?.draft;
  if (!before || !draft?.guard || before.draft_hash !== draft.rules.version) return undefined;
  const figures = await draftFigures(deps.db, merchantId, draft);
  const reason = breachOf(draft.guard, figures);
  if (reason === undefined) return undefined;
  const withdrawal: Withdrawal = {
    version: draft.rules.version,
    percent: draft.percent,
    reason,
    draft_rate: approvalRate(figures.draft),
    live_rate: approvalRate(figures.live),
    draft_ended: figures.draft.approved + figures.draft.declined,
  };
  return (await withdrawDraft(deps, before, withdrawal)) ? withdrawal : undefined;
}
