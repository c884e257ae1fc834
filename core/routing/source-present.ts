/** A merchant's rules and its draft as the API shows them. */
import { isoTime } from '../base/clock.ts';
import { findOne } from '../storage/index.ts';
import { lintInTurns, type LintFinding } from './rules/lint.ts';
import type { KnownAccount, Rules } from './rules/rule.ts';
import { approvalRate, draftFigures, type SideFigures } from './source-guard.ts';
import { boxMerchant, type ActiveRules, type Draft, type RulesRecord } from './source.ts';
import { activeRecord, knownAccounts, presentFinding, type SourceDeps } from './source-verbs.ts';

export function presentRemark(finding: LintFinding) {
  return { level: finding.level, ...presentFinding(finding) };
}

async function textOf(
  { db }: Pick<SourceDeps, 'db'>,
  merchantId: string,
  { version }: Rules,
): Promise<string> {
  const where = { merchant_id: merchantId, hash: version };
  return (await findOne<RulesRecord>(db, 'routing_rules', where))?.text ?? '';
}

async function presentDraft(
  deps: SourceDeps,
  merchantId: string,
  { rules, percent, guard, sinceMs }: Draft,
) {
  return {
    version: rules.version,
    text: await textOf(deps, merchantId, rules),
    percent,
    guard: guard ?? null,
    since: isoTime(sinceMs),
  };
}

interface Remarked {
  readonly accounts: string;
  readonly remarks: readonly ReturnType<typeof presentRemark>[];
}

/** Rules are shown more often than they change, and hundreds of them take the linter a while. */
const remarked = new WeakMap<Rules, Remarked>();

async function remarksOn(
  rules: Rules,
  known: readonly KnownAccount[],
): Promise<Remarked['remarks']> {
  const accounts = JSON.stringify(known);
  const before = remarked.get(rules);
  if (before?.accounts === accounts) return before.remarks;
  const remarks = (await lintInTurns(rules, { accounts: known })).map(presentRemark);
  remarked.set(rules, { accounts, remarks });
  return remarks;
}

/** What decides now, with what is worth a remark about it. */
export async function presentRouting(
  deps: SourceDeps,
  merchantId: string,
  active: ActiveRules | undefined,
  draft: Draft | undefined = active?.draft,
) {
  const record = await activeRecord(deps, merchantId);
  const shown = draft ? await presentDraft(deps, merchantId, draft) : null;
  const updatedAt = record?.updated_at ?? null;
  if (!active || active.source === 'built_in') {
    const none = { object: 'routing', source: 'built_in', version: null, text: null } as const;
    return { ...none, remarks: [], draft: shown, updated_at: updatedAt };
  }
  const { live, source } = active;
  const owner = source === 'merchant' ? merchantId : boxMerchant;
  const accounts = await knownAccounts(deps, merchantId);
  return {
    object: 'routing' as const,
    source,
    version: live.version,
    text: await textOf(deps, owner, live),
    remarks: await remarksOn(live, accounts),
    draft: shown,
    updated_at: updatedAt,
  };
}

function presentSide(side: SideFigures) {
  return { ...side, approval_rate: approvalRate(side) };
}

/** The draft beside the live rules; nulls where there is none. */
export async function presentDraftReport(deps: SourceDeps, merchantId: string) {
  const draft = (await deps.source.rulesFor(merchantId))?.draft;
  if (!draft) return { object: 'routing_draft' as const, draft: null, figures: null };
  const { live, draft: own, ...counts } = await draftFigures(deps.db, merchantId, draft);
  return {
    object: 'routing_draft' as const,
    draft: await presentDraft(deps, merchantId, draft),
    figures: { ...counts, live: presentSide(live), draft: presentSide(own) },
  };
}
