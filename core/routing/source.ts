/**
 * Which rules decide a merchant's payments now: its own, set over the API; else the box's, from its
 * file; else none, and accounts are tried by priority. Asked with every payment, so the answer is
 * kept in memory: exact on SQLite, where every change is made by this process; on Postgres at most
 * two seconds behind what another node changed.
 */
import { findOne, type Database } from '../storage/index.ts';
import { parseRules } from './rules/parse.ts';
import type { Rules } from './rules/rule.ts';

/** When a draft that is in use is given up by itself. */
export interface DraftGuard {
  /** Below this rate of approvals, from 0 to 1. */
  readonly min_approval_rate?: number;
  /** When its rate is more than so many percentage points below that of the live rules. */
  readonly drop_percent?: number;
  /** Not before so many of its payments have ended. */
  readonly min_decisions: number;
}

/** Rules beside the live ones, to be looked at or tried on a part of the payments. */
export interface Draft {
  readonly rules: Rules;
  /** The part of the payments that it decides, in percent; 0: none, its decisions are noted. */
  readonly percent: number;
  readonly guard: DraftGuard | undefined;
  /** When it was put there; its figures count from then. */
  readonly sinceMs: number;
}

export interface ActiveRules {
  readonly live: Rules;
  /** `built_in`: a draft is tried beside what holds where nobody wrote rules. */
  readonly source: 'merchant' | 'file' | 'built_in';
  readonly draft?: Draft | undefined;
}

/** What is stored of a draft beside its version and percentage. */
export interface DraftTerms {
  readonly since_ms: number;
  readonly guard?: DraftGuard | undefined;
}

/** A row of routing_active. `hash` is '' where the merchant has no rules of its own (any more). */
export interface ActiveRecord {
  readonly merchant_id: string;
  readonly hash: string;
  readonly draft_hash: string | null;
  readonly draft_percent: number;
  /** JSON of {@link DraftTerms}. */
  readonly draft_guard: string | null;
  readonly updated_at: string;
  readonly version: number;
}

/** A row of routing_rules: a version that was live or a draft, with the text it came as. */
export interface RulesRecord {
  /** '' for the box's. */
  readonly merchant_id: string;
  readonly hash: string;
  readonly source: 'api' | 'file';
  readonly text: string;
  readonly created_at: string;
}

/** Under this merchant id the box's own rules are stored. */
export const boxMerchant = '';

/** What findings call rules that came over the API. */
export const apiFileName = 'rules';

/** Versions kept in memory; a box with more merchants than that reads some again. */
const parsedMax = 2_000;

/** How far behind another node's change may be noticed on Postgres. */
const staleMs = 2_000;

interface Known {
  readonly own: ActiveRecord | undefined;
  readonly readAtMs: number;
}

export function termsOf({ draft_guard: terms }: ActiveRecord): DraftTerms {
  return terms === null ? { since_ms: 0 } : (JSON.parse(terms) as DraftTerms);
}

/** What holds without rules, written as rules: see `chooseByPriority`. */
export const builtInText = `version: 1
rules: []
default:
  strategy: failover
  accounts: all
  failover: { max_attempts: 3, soft_declines: false }
`;

export const builtInRules = parsedOrThrow(builtInText, 'built-in');

function parsedOrThrow(text: string, name: string): Rules {
  const { rules, findings } = parseRules(text, name);
  if (rules) return rules;
  const [first] = findings;
  throw new Error(`rules ${name} cannot be read: ${first?.key} ${first?.message}`);
}

export class RulesSource {
  readonly #db: Database;
  readonly #now: () => number;
  readonly #known = new Map<string, Known>();
  /** Under way: payments that come together ask once. */
  readonly #reads = new Map<string, Promise<Known>>();
  /** `<merchant> <hash>` → parsed; a hash means the same for ever. */
  readonly #parsed = new Map<string, Rules>();
  /** Grows with every change: what was read before one is not kept. */
  #changes = 0;
  #box: Rules | undefined;

  /** `now`: milliseconds on a clock that is never moved, for the age of what is in memory. */
  constructor(db: Database, now: () => number = () => performance.now()) {
    this.#db = db;
    this.#now = now;
  }

  /** The rules of the box's file, or undefined without one. */
  get box(): Rules | undefined {
    return this.#box;
  }

  /** Takes the box's file over, from the next payment on. */
  setBox(rules: Rules | undefined): void {
    this.#box = rules;
  }

  /** Undefined: there are none, and accounts are tried by their priority. */
  async rulesFor(merchantId: string): Promise<ActiveRules | undefined> {
    const { own } = this.#fresh(merchantId) ?? (await this.#read(merchantId));
    const draft = own && (await this.#draft(own));
    if (own && own.hash !== '') {
      return { live: await this.#rules(merchantId, own.hash), source: 'merchant', draft };
    }
    if (this.#box) return { live: this.#box, source: 'file', draft };
    return draft && { live: builtInRules, source: 'built_in', draft };
  }

  /** One version of the merchant's rules, live or not; undefined when it was never stored. */
  async version(merchantId: string, hash: string): Promise<Rules | undefined> {
    const shared = [this.#box, builtInRules].find((rules) => rules?.version === hash);
    if (shared) return shared;
    const record = await findOne<RulesRecord>(this.#db, 'routing_rules', {
      merchant_id: merchantId,
      hash,
    });
    return record && this.#parse(record);
  }

  /** Called after any change of the merchant's rules or draft. */
  forget(merchantId: string): void {
    this.#changes += 1;
    this.#known.delete(merchantId);
    this.#reads.delete(merchantId);
  }

  #fresh(merchantId: string): Known | undefined {
    const known = this.#known.get(merchantId);
    if (!known || this.#db.dialect === 'sqlite') return known;
    return this.#now() - known.readAtMs < staleMs ? known : undefined;
  }

  #read(merchantId: string): Promise<Known> {
    const running = this.#reads.get(merchantId);
    if (running) return running;
    const read = this.#ask(merchantId).finally(() => {
      if (this.#reads.get(merchantId) === read) this.#reads.delete(merchantId);
    });
    this.#reads.set(merchantId, read);
    return read;
  }

  async #ask(merchantId: string): Promise<Known> {
    const seen = this.#changes;
    const readAtMs = this.#now();
    const own = await findOne<ActiveRecord>(this.#db, 'routing_active', {
      merchant_id: merchantId,
    });
    const known = { own, readAtMs };
    if (seen === this.#changes) this.#known.set(merchantId, known);
    return known;
  }

  async #draft(own: ActiveRecord): Promise<Draft | undefined> {
    if (own.draft_hash === null) return undefined;
    const rules = await this.#rules(own.merchant_id, own.draft_hash);
    const { since_ms: sinceMs, guard } = termsOf(own);
    return { rules, percent: own.draft_percent, guard, sinceMs };
  }

  async #rules(merchantId: string, hash: string): Promise<Rules> {
    const parsed = this.#parsed.get(`${merchantId} ${hash}`);
    if (parsed) return parsed;
    const record = await findOne<RulesRecord>(this.#db, 'routing_rules', {
      merchant_id: merchantId,
      hash,
    });
    if (!record) throw new Error(`version ${hash} of the rules of ${merchantId} is not stored`);
    return this.#parse(record);
  }

  #parse(record: RulesRecord): Rules {
    const key = `${record.merchant_id} ${record.hash}`;
    const known = this.#parsed.get(key);
    if (known) return known;
    const rules = parsedOrThrow(record.text, record.hash);
    if (this.#parsed.size >= parsedMax) this.#parsed.clear();
    this.#parsed.set(key, rules);
    return rules;
  }
}
