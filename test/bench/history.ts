/**
 * A past of decisions, and backtests over it as a user runs them: rules posted at a switch that is
 * up. The decisions are made by the switch's own decide() from payments that differ in amount, card
 * and metadata; their rows are inserted directly.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import Sqlite from 'better-sqlite3';
import { systemClock } from '../../core/base/clock.ts';
import { newId } from '../../core/base/id.ts';
import { decisionColumns } from '../../core/routing/decision-store.ts';
import { decide } from '../../core/routing/rules/decide.ts';
import type { AccountView, PaymentFacts } from '../../core/routing/rules/facts.ts';
import { parseRules } from '../../core/routing/rules/parse.ts';
import type { Rules } from '../../core/routing/rules/rule.ts';
import { ableAccount } from '../../core/routing/rules/run-tests.ts';
import { applyChanges, type StrategyState } from '../../core/routing/strategies/counter.ts';
import type { Subject } from './subject.ts';
import { databaseFile, startSwitch } from './switch.ts';
import type { Running } from '../../core/wiring/start.ts';

export interface HistoryOptions {
  readonly dataDir: string;
  readonly decisions: number;
}

const decisionsPerCommit = 20_000;
const brands = ['visa', 'mastercard', 'amex', 'jcb'];
const currencies = ['USD', 'EUR', 'IDR'];
const countries = ['US', 'DE', 'ID', 'FR', 'SG'];

/** Twenty rules and a default; `other` moves two payments in three. */
function rulesText(kind: 'same' | 'other'): string {
  const strategy = kind === 'same' ? 'failover' : 'weighted_round_robin';
  const rules = Array.from({ length: 20 }, (_, at) => [
    `  - name: rule ${at}`,
    '    when:',
    `      amount: { currency: ${currencies[at % 3]}, gte: ${1_000 * (20 - at)} }`,
    `      card_brand: [visa, ${brands[1 + (at % 3)]}]`,
    `      billing_country: { not: ${countries[at % 5]} }`,
    `    use: { strategy: ${strategy}, accounts: all }`,
  ]);
  const text = ['version: 1', 'rules:', ...rules.flat()];
  return `${text.join('\n')}\ndefault: { strategy: weighted_round_robin, accounts: all }\n`;
}

function read(text: string): Rules {
  const { rules, findings } = parseRules(text, 'bench.yaml');
  if (!rules) throw new Error(JSON.stringify(findings));
  return rules;
}

function factsOf(at: number, nowMs: number): PaymentFacts {
  return {
    amount: 100 + ((at * 7_919) % 30_000),
    currency: currencies[at % 3] ?? 'USD',
    payment_method: 'card',
    capture_method: 'automatic',
    at_ms: nowMs,
    attempt: 1,
    off_session: false,
    profile: 'prof_01kaw8mzqw1c5dhd0cr7k9f6ye',
    card_brand: brands[at % 4] ?? 'visa',
    card_bin: String(400_000 + (at % 997)),
    billing_country: countries[at % 5] ?? 'US',
    metadata: { order: String(at) },
  };
}

interface Owner {
  readonly merchantId: string;
  readonly accounts: readonly AccountView[];
}

function plant({ dataDir, decisions }: HistoryOptions, { merchantId, accounts }: Owner): void {
  const handle = new Sqlite(databaseFile(dataDir));
  handle.pragma('synchronous = off'); // for the planting alone; nobody is answered
  handle.pragma('foreign_keys = off'); // the payments themselves are not looked at
  const operation = handle.prepare(`insert into operations
    (id, merchant_id, payment_id, account_id, kind, state, version, amount, currency, origin,
     result, details, checks, created_at, updated_at)
    values (?, ?, ?, ?, 'authorize', ?, 2, ?, ?, 'merchant',
     '{"instrument":{"brand":"visa","last4":"4242"},"verification":{"cvc":"match"}}',
     '{"capture":"automatic","reserved":{"scope":"default"}}', 0, ?, ?)`);
  const decision = handle.prepare(`insert into routing_decisions
    (merchant_id, operation_id, plan, accounts, excluded, facts, decision)
    values (?, ?, ?, ?, ?, ?, ?)`);
  const rules = read(rulesText('same'));
  let state: StrategyState = new Map();
  const some = handle.transaction((from: number, to: number) => {
    for (let at = from; at < to; at += 1) {
      const nowMs = systemClock.now() - decisions + at;
      const facts = factsOf(at, nowMs);
      const made = decide(rules, facts, accounts, state, () => 0);
      state = applyChanges(state, made.changes);
      const id = newId('operation', nowMs);
      const first = made.decision.order[0] ?? '';
      const outcome = at % 7 === 0 ? 'declined' : 'succeeded';
      const time = new Date(nowMs).toISOString();
      const { amount, currency } = facts;
      const payment = newId('payment', nowMs);
      operation.run(id, merchantId, payment, first, outcome, amount, currency, time, time);
      const row = decisionColumns({ decision: made.decision, facts });
      const { plan, accounts: list, excluded, facts: text, decision: rest } = row;
      decision.run(merchantId, id, plan, list, excluded, text, rest);
    }
  });
  for (let at = 0; at < decisions; at += decisionsPerCommit) {
    some(at, Math.min(decisions, at + decisionsPerCommit));
  }
  handle.pragma('wal_checkpoint(truncate)');
  handle.close();
}

async function ask(running: Running, path: string, body?: object): Promise<Answer> {
  const response = await fetch(running.baseUrl + path, {
    method: body ? 'POST' : 'GET',
    headers: {
      authorization: `Bearer ${running.credentials?.secret_key}`,
      'content-type': 'application/json',
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (response.status >= 300) throw new Error(`${path}: ${await response.text()}`);
  return (await response.json()) as Answer;
}

type Answer = Record<string, never>;

/** Two accounts of the sandbox, and who owns them. */
async function ownerOf(running: Running): Promise<Owner> {
  const { data } = (await ask(running, '/v1/accounts')) as unknown as {
    readonly data: readonly { readonly id: string; readonly name: string }[];
  };
  const accounts = data.map(({ id, name }, at) => ({
    ...ableAccount({ id, name, tags: [], weight: 1 + at }),
    priority: at,
  }));
  const rows = await running.db.find<{ merchant_id: string }>('accounts', {
    id: data[0]?.id ?? '',
  });
  return { merchantId: rows[0]?.merchant_id ?? '', accounts };
}

export interface Backtested {
  readonly decisions: number;
  readonly moved: number;
  readonly seconds: number;
  /** The longest the switch was not answering meanwhile. */
  readonly stallMs: number;
}

export async function openHistory(options: HistoryOptions): Promise<Subject> {
  const before = await startSwitch(options);
  const owner = await ownerOf(before);
  await before.stop();
  plant(options, owner);
  const running = await startSwitch(options);
  const run = async ({ kind }: { kind: 'same' | 'other' }): Promise<Backtested> => {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const startedMs = performance.now();
    const since = new Date(systemClock.now() - 30 * 86_400_000).toISOString();
    const body = { rules: rulesText(kind), since };
    const { decisions = 0, moved = 0 } = await ask(running, '/v1/routing/backtest', body);
    delay.disable();
    const seconds = (performance.now() - startedMs) / 1000;
    if (decisions !== options.decisions) throw new Error(`${decisions} decisions were found`);
    if ((moved === 0) !== (kind === 'same')) throw new Error(`${moved} moved by ${kind} rules`);
    return { decisions, moved, seconds, stallMs: delay.max / 1e6 };
  };
  return { facts: {}, verbs: { run }, stop: () => running.stop() };
}
