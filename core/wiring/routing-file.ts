/**
 * The box's rules, from their file: read before anything else is opened, looked at every second
 * and on SIGHUP after that. A file that is wrong stops a start; later it changes nothing.
 */
import { readFileSync, statSync } from 'node:fs';
import { relative } from 'node:path';
import type { Config } from '../../config/load.ts';
import type { Clock } from '../base/clock.ts';
import { lintInTurns } from '../routing/rules/lint.ts';
import { parseRules } from '../routing/rules/parse.ts';
import type { KnownAccount, Rules } from '../routing/rules/rule.ts';
import { boxMerchant, type RulesSource } from '../routing/source.ts';
import { storeChanges } from '../routing/source-verbs.ts';
import { Conflict, type Database } from '../storage/index.ts';
import { ConfigError, lineOf, type Finding } from '../yaml/findings.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';

/** Where the rules go once the switch stands. */
export interface RulesStage {
  readonly db: Database;
  readonly clock: Clock;
  readonly source: RulesSource;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'rulesReloaded' | 'rulesInUse'>;
}

interface ReadFile {
  readonly rules: Rules;
  readonly text: string;
  readonly mark: string;
}

/** More findings than that do not fit into a line that somebody reads. */
const toldMax = 5;

export class RoutingFile {
  /** Undefined: this box has none. */
  readonly file: string | undefined;
  #inUse: ReadFile | undefined;
  /** How the file looked when it was read last, refused or not. */
  #seen = '';
  /** How it looked a second ago: what is still being written is not read. */
  #before = '';
  #stage: RulesStage | undefined;

  /** Throws ConfigError with all that is wrong in the file. */
  constructor({ routing }: Pick<Config, 'routing'>) {
    this.file = routing.rules_file;
    if (this.file === undefined) return;
    this.#inUse = read(this.file);
    this.#seen = this.#inUse.mark;
    this.#before = this.#seen;
  }

  /** Before the first payment. */
  async adopt(stage: RulesStage): Promise<void> {
    this.#stage = stage;
    if (this.#inUse) await this.#use(stage, this.#inUse);
  }

  /** One line about the rules that a start found, once there are accounts to hold them against. */
  async announce(): Promise<void> {
    if (this.#stage && this.#inUse) await this.#tell(this.#stage, this.#inUse.rules);
  }

  /** Reads the file when it has changed, and has looked the same twice. */
  async look(): Promise<void> {
    if (this.file === undefined) return;
    const mark = markOf(this.file);
    const settled = mark === this.#before;
    this.#before = mark;
    if (settled && mark !== this.#seen) await this.reload();
  }

  /** Reads the file now. What is wrong is logged, and the rules of before stay. */
  async reload(): Promise<void> {
    const stage = this.#stage;
    if (this.file === undefined || !stage) return;
    this.#seen = markOf(this.file);
    let found: ReadFile;
    try {
      found = read(this.file);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      stage.metrics.rulesReloaded('refused');
      const reason = linesOf(error.findings);
      stage.log.error('the routing rules are wrong; those of before stay', { reason });
      return;
    }
    this.#seen = found.mark;
    await this.#use(stage, found);
    stage.metrics.rulesReloaded('done');
    await this.#tell(stage, found.rules);
  }

  async #use(stage: RulesStage, found: ReadFile): Promise<void> {
    const changes = await storeChanges(stage, boxMerchant, 'file', found);
    try {
      if (changes.length > 0) await stage.db.commit(changes);
    } catch (error) {
      // Another node that reads the same file stored it first.
      if (!(error instanceof Conflict)) throw error;
    }
    this.#inUse = found;
    stage.source.setBox(found.rules);
    stage.metrics.rulesInUse(found.rules.version);
  }

  async #tell({ db, log }: RulesStage, rules: Rules): Promise<void> {
    const accounts = await accountsOfBox(db);
    const findings = await lintInTurns(rules, { accounts });
    const fields = { subject: rules.version, count: rules.rules.length };
    if (findings.length === 0) log.info('routing rules in use', fields);
    else log.warn('routing rules in use, with remarks', { ...fields, reason: linesOf(findings) });
  }
}

function linesOf(findings: readonly Finding[]): string {
  const lines = findings.slice(0, toldMax).map(lineOf);
  const left = findings.length - lines.length;
  return [...lines, ...(left > 0 ? [`and ${left} more`] : [])].join(' | ');
}

/** Every merchant's: the file is for all of them, and a name counts when anybody has it. */
async function accountsOfBox(db: Database): Promise<readonly KnownAccount[]> {
  const rows = await db.rows<{ id: string; name: string; tags: string; weight: number }>(
    db.knex('accounts').select('id', 'name', 'tags', 'weight').whereNull('deleted_at'),
  );
  return rows.map((row) => ({ ...row, tags: JSON.parse(row.tags) as string[] }));
}

/** Size and times: whatever writes the file changes one of them. '' when it is not there. */
function markOf(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat ? `${stat.ino} ${stat.size} ${stat.mtimeMs} ${stat.ctimeMs}` : '';
}

/** Throws ConfigError. */
function read(file: string): ReadFile {
  const mark = markOf(file);
  const name = shownName(file);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const message =
      code === 'ENOENT'
        ? 'this does not exist, allowed: a file of routing rules'
        : code === 'ERR_ENCODING_INVALID_ENCODED_DATA'
          ? 'a byte that is not UTF-8, allowed: a file saved as UTF-8'
          : `this cannot be read (${code ?? String(error)})`;
    throw new ConfigError([{ place: { file: name }, key: '', message }]);
  }
  const { rules, findings } = parseRules(text, name);
  if (!rules) throw new ConfigError(findings);
  return { rules, text, mark };
}

/** As one would type it from here. */
function shownName(file: string): string {
  const near = relative(process.cwd(), file);
  return near.startsWith('..') ? file : near;
}
