/** Rules and drafts of the server, as people read them. */
import type { JsonObject } from '../../core/base/json.ts';
import { clean, facts, timeText, word } from './render.ts';

/** A remark about rules, as the API shows it. */
export interface Finding {
  readonly level: string;
  readonly line: number | null;
  readonly column: number | null;
  readonly key: string;
  readonly message: string;
}

/** A line for each remark about rules. */
export function findingLines(findings: readonly Finding[]): string {
  return findings
    .map(({ level, line, column, key, message }) =>
      clean(`${level}: ${line ?? '-'}:${column ?? '-'}: ${key}: ${message}`),
    )
    .map((line) => `${line}\n`)
    .join('');
}

/** The rules that decide now. */
export function routingText(body: JsonObject): string {
  const { source, version, updated_at: updatedAt, text, draft, remarks } = body;
  const where: Record<string, string> = {
    merchant: 'your own rules',
    file: 'the rules of the box',
    built_in: 'no rules: accounts are tried by priority',
  };
  const head = facts([
    ['Rules', where[word(source)]],
    ['Version', word(version)],
    ['Changed', timeText(updatedAt as string | null)],
    ['Draft', draft === null ? null : draftLine(draft as JsonObject)],
  ]);
  const told = findingLines(remarks as unknown as readonly Finding[]);
  return `${head}${told}${text === null ? '' : `\n${cleanLines(word(text))}`}`;
}

/** Line by line, so that a text from elsewhere keeps its lines and nothing else. */
function cleanLines(text: string): string {
  return `${text.trimEnd().split('\n').map(clean).join('\n')}\n`;
}

export function draftLine({ version, percent }: JsonObject): string {
  return `${word(version)} on ${word(percent)} % of the payments`;
}
