/** What went wrong, in words, and the exit code that belongs to it. */
import { CommanderError } from 'commander';
import { ConfigError } from '../../config/load.ts';
import type { JsonObject } from '../../core/base/json.ts';
import { Refused } from './api.ts';
import { CliError, exitCodes, type ExitCode } from './exit.ts';
import { objectText } from './present.ts';
import { clean, facts, word } from './render.ts';
import type { Terminal } from './terminal.ts';

/** Tells the failure on stderr, or with `json` as one document on stdout. */
export function tell(terminal: Terminal, error: unknown, json: boolean): ExitCode {
  const failure = failureOf(error);
  if (!failure) throw error;
  if (json) terminal.out(`${JSON.stringify(failure.document, null, 2)}\n`);
  else terminal.err(failure.text);
  return failure.exitCode;
}

interface Failure {
  readonly exitCode: ExitCode;
  readonly document: JsonObject;
  readonly text: string;
}

/** Undefined for what is a fault of ours: that is thrown on, with its stack. */
function failureOf(error: unknown): Failure | undefined {
  if (error instanceof Refused) return refusal(error);
  if (error instanceof ConfigError) {
    return plain(exitCodes.usage, 'configuration', error.message);
  }
  if (error instanceof CliError) {
    const code = error.exitCode === exitCodes.unavailable ? 'unavailable' : 'usage';
    return plain(error.exitCode, code, error.message, error.hint);
  }
  // Commander has printed its message already; a document is still owed.
  if (error instanceof CommanderError) {
    const said = error.message.replace(/^error: /, '');
    const detail = error.code === 'commander.help' ? 'a subcommand is missing' : said;
    const usage = plain(exitCodes.usage, 'usage', detail);
    return { ...usage, text: '' };
  }
  return undefined;
}

function plain(exitCode: ExitCode, code: string, detail: string, hint?: string): Failure {
  return {
    exitCode,
    document: { code, detail, ...(hint === undefined ? {} : { hint }) },
    text: `${detail}\n${hint === undefined ? '' : `  ${hint}\n`}`,
  };
}

function refusal({ exitCode, problem, status }: Refused): Failure {
  const { title, detail, code, param, request_id: requestId } = problem;
  const text =
    `${word(title)}: ${word(detail)}\n` +
    facts([
      ['Code', `${word(code)} (${status})`],
      ['Param', word(param)],
      ['Request', word(requestId)],
    ]) +
    findingsInside(problem) +
    objectInside(problem);
  return { exitCode, document: problem, text };
}

/** A decline brings the payment or refund along as it stands now. */
function objectInside({ payment, refund }: JsonObject): string {
  const inside = payment ?? refund;
  const isObject = typeof inside === 'object' && inside !== null && !Array.isArray(inside);
  return isObject ? `\n${objectText(inside as JsonObject)}` : '';
}

/** Wrong routing rules: everything that is wrong in them, with its place. */
function findingsInside({ findings }: JsonObject): string {
  if (!Array.isArray(findings)) return '';
  const lines = (findings as readonly JsonObject[]).map(({ line, column, key, message }) =>
    clean(`  ${word(line)}:${word(column)}: ${word(key)}: ${word(message)}`),
  );
  return `${lines.join('\n')}\n`;
}
