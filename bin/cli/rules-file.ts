/** Rules files on the command line: reading them, and what they are held against. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { rulesOf, type ListedAccount, type Rules } from '../../core/wiring/routing-tools.ts';
import type { Api } from './api.ts';
import type { Session } from './define.ts';
import { usageError } from './exit.ts';

/** The text of a file, or of standard input for `-`. Throws CliError when it cannot be read. */
export async function textOfFile({ terminal }: Session, file: string): Promise<string> {
  if (file === '-') return terminal.read();
  try {
    return readFileSync(resolve(terminal.cwd, file), 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw usageError(`${file} cannot be read (${code})`, 'Name a file of routing rules.');
  }
}

/** Throws ConfigError with everything that is wrong in it. */
export async function rulesOfFile(session: Session, file: string): Promise<Rules> {
  return rulesOf(await textOfFile(session, file), file);
}

/** The file that the configuration names, or routing.yaml. */
export function usualFile(session: Session): string {
  return session.config().routing.rules_file ?? 'routing.yaml';
}

/** Every account of the merchant. */
export async function accountsAt(api: Api): Promise<ListedAccount[]> {
  const accounts: ListedAccount[] = [];
  for (;;) {
    const query = { limit: 100, starting_after: accounts.at(-1)?.id };
    const { body } = await api.call('GET', '/v1/accounts', { query });
    accounts.push(...(body['data'] as unknown as ListedAccount[]));
    if (body['has_more'] !== true) return accounts;
  }
}
