/** `migrate` and `init`: what stands ready before the first start. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bringUp, migrationStatus } from '../../core/wiring/closed-database.ts';
import { refusedBoot } from './boot-refusal.ts';
import { define, option, type Parent, type Session } from './define.ts';
import { CliError, exitCodes, usageError } from './exit.ts';

export function addDatabase(parent: Parent): void {
  define<{ status?: boolean }>(parent, {
    usage: 'migrate',
    summary: 'Bring the database up to this version (serve does it too)',
    options: [option('--status', 'only list what is pending')],
    examples: ['migrate', 'migrate --status'],
    run: migrateDatabase,
  });
  define<{ force?: boolean }>(parent, {
    usage: 'init',
    summary: 'Write a commented pointsman.yaml into this directory',
    options: [option('--force', 'overwrite the one that is there')],
    examples: ['init', 'init --force'],
    run: writeConfig,
  });
}

async function migrateDatabase(session: Session, { status }: { status?: boolean }): Promise<void> {
  const config = session.config();
  const refuse = (error: unknown): never => {
    throw refusedBoot(error, config, 'The database was not opened');
  };
  const { dialect, pending, foreign, known } = await migrationStatus(config).catch(refuse);
  if (foreign.length > 0) {
    const message = `the database is newer than this version: it has ${foreign.join(', ')}`;
    throw new CliError(exitCodes.unavailable, message, 'Run a newer pointsman.');
  }
  const document = { database: dialect, known, pending };
  const names = pending.map((name) => `  ${name}\n`).join('');
  if (pending.length === 0) {
    session.print({ ...document, applied: [] }, `Up to date (${dialect}, ${known} migrations).\n`);
  } else if (status) {
    session.print({ ...document, applied: [] }, `Pending (${dialect}):\n${names}`);
  } else {
    await bringUp(config).catch(refuse);
    session.print(
      { ...document, pending: [], applied: pending },
      `Applied (${dialect}):\n${names}`,
    );
  }
}

/** Beside the code: as source, and as copied into a build. */
const template = new URL('../../config/pointsman.yaml', import.meta.url);

async function writeConfig(session: Session, { force }: { force?: boolean }): Promise<void> {
  const file = join(session.terminal.cwd, 'pointsman.yaml');
  if (existsSync(file) && !force) {
    throw usageError(`${file} exists already`, 'Overwrite it with --force.');
  }
  try {
    // `wx` unless forced: a file that came meanwhile is not lost either.
    writeFileSync(file, readFileSync(template), { flag: force ? 'w' : 'wx' });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw usageError(`${file} cannot be written (${code})`);
  }
  session.print({ file }, `Wrote ${file}: every default, with its meaning.\n`);
}
