/**
 * Our books against the simulator's: the one processor whose ledger can be read without asking the
 * switch. Both ways: what it moved we must know of, and what we say moved it must know of.
 */
import { merchantOf } from '../../connectors/card-simulator/processor/ids.ts';
import type { Accounts } from '../accounts/account.ts';
import type { MerchantRecord } from '../access/record.ts';
import type { Check } from '../ledger/verify.ts';
import { isUnresolved } from '../payments/machine.ts';
import { storedOr, type OperationRecord, type OperationResult } from '../payments/record.ts';
import { readJson, type HttpPort } from '../sdk/http.ts';
import type { Database } from '../storage/index.ts';

interface Line {
  readonly id: string;
  readonly kind: string;
  readonly reference: string;
  readonly amount: number;
  readonly currency: string;
  readonly status: string;
  /** Done in the simulator's own pages: the switch knows of it by news alone, under another id. */
  readonly origin?: 'dashboard';
}

const pageSize = 1_000;
const breachesMax = 10;

/**
 * Ledger words for "money moved (or is held)"; an authorization shows its charge's present state.
 */
const moved = new Set(['authorized', 'captured', 'succeeded']);

export interface SimulatorBooksDeps {
  readonly db: Database;
  readonly accounts: Accounts;
  readonly http: HttpPort;
  readonly simulatorUrl: string;
  /**
   * Only what the simulator did since then (ISO, real time), held against our books: what can be
   * asked every minute. Without it everything is compared, both ways.
   */
  readonly since?: string;
}

export async function compareWithSimulator(deps: SimulatorBooksDeps): Promise<Check> {
  const breaches: string[] = [];
  for (const { accountId, merchant } of await simulatorAccounts(deps)) {
    const seen = new Map<string, number>();
    for await (const lines of ledgerPages(deps, merchant)) {
      const ours = await operationsById(
        deps.db,
        lines.map(({ reference }) => reference),
      );
      for (const line of lines) {
        if (line.origin || (!moved.has(line.status) && line.status !== 'voided')) continue;
        seen.set(line.reference, (seen.get(line.reference) ?? 0) + 1);
        const breach = moved.has(line.status)
          ? breachOf(line, ours.get(line.reference))
          : undefined;
        if (breach) breaches.push(breach);
      }
    }
    for (const [reference, count] of seen) {
      if (count > 1) breaches.push(`${reference}: carried out ${count} times`);
    }
    if (deps.since === undefined) {
      breaches.push(...(await unknownToSimulator(deps, accountId, merchant, seen)));
    }
  }
  return {
    id: 'simulator',
    rule: "our books and the simulator's own ledger tell the same",
    breaches: breaches.slice(0, breachesMax),
  };
}

function breachOf(line: Line, ours: OperationRecord | undefined): string | undefined {
  if (!ours) return `${line.reference}: the simulator moved ${line.amount}, we know nothing of it`;
  if (isUnresolved(ours.state)) return undefined;
  if (wasGivenBack(ours)) return undefined;
  if (ours.state !== 'succeeded') {
    return `${line.reference}: the simulator says ${line.status}, we say ${ours.state}`;
  }
  const same = ours.amount === line.amount && ours.currency === line.currency;
  return same ? undefined : `${line.reference}: the amounts differ`;
}

/** Surplus money: it was authorized there, it is not ours, and its return is a line of its own. */
function wasGivenBack({ state, result }: OperationRecord): boolean {
  return state === 'declined' && storedOr<OperationResult>(result, {}).decline_code === 'withdrawn';
}

async function simulatorAccounts(deps: SimulatorBooksDeps) {
  const merchants = await deps.db.rows<MerchantRecord>(deps.db.knex('merchants').select('id'));
  const found: { accountId: string; merchant: string }[] = [];
  for (const { id } of merchants) {
    for (const { record, settings } of await deps.accounts.list(id)) {
      const { base_url: url, api_key: key } = settings as { base_url?: string; api_key?: string };
      if (record.connector !== 'card-simulator' || url !== deps.simulatorUrl || !key) continue;
      found.push({ accountId: record.id, merchant: merchantOf(key) });
    }
  }
  return found;
}

async function* ledgerPages(deps: SimulatorBooksDeps, merchant: string) {
  const { http, simulatorUrl, since } = deps;
  let after = '';
  for (;;) {
    const fields = {
      merchant,
      limit: String(pageSize),
      ...(since && { from: since }),
      ...(after && { after }),
    };
    const query = new URLSearchParams(fields).toString();
    const response = await http.send({ method: 'GET', url: `${simulatorUrl}/ledger?${query}` });
    const { operations } = readJson(response) as { operations: Line[] };
    if (operations.length > 0) yield operations;
    if (operations.length < pageSize) return;
    after = operations.at(-1)?.id ?? after;
  }
}

async function operationsById(db: Database, ids: readonly string[]) {
  const rows = await db.rows<OperationRecord>(
    db
      .knex('operations')
      .select('*')
      .whereIn('id', [...ids]),
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/** What we say succeeded and the simulator has never heard of. */
async function unknownToSimulator(
  deps: SimulatorBooksDeps,
  accountId: string,
  merchant: string,
  seen: ReadonlyMap<string, number>,
): Promise<string[]> {
  const breaches: string[] = [];
  let after = '';
  for (;;) {
    const rows = await deps.db.rows<{ id: string }>(
      deps.db
        .knex('operations')
        .select('id')
        .where({ account_id: accountId, state: 'succeeded' })
        .whereIn('kind', ['authorize', 'capture', 'void', 'refund'])
        .whereNot('origin', 'processor')
        .where('id', '>', after)
        .orderBy('id')
        .limit(pageSize),
    );
    for (const { id } of rows) {
      if (seen.has(id) || (await isInLedger(deps, merchant, id))) continue;
      breaches.push(`${id}: we say it succeeded, the simulator has never heard of it`);
    }
    if (rows.length < pageSize) return breaches;
    after = rows.at(-1)?.id ?? after;
  }
}

/** Asked singly: what succeeded after the ledger was read is in it now. */
async function isInLedger(
  { http, simulatorUrl }: SimulatorBooksDeps,
  merchant: string,
  reference: string,
): Promise<boolean> {
  const query = new URLSearchParams({ merchant, reference });
  const response = await http.send({
    method: 'GET',
    url: `${simulatorUrl}/ledger?${query.toString()}`,
  });
  const { operations } = readJson(response) as { operations: Line[] };
  return operations.some(({ status }) => moved.has(status) || status === 'voided');
}
