/** `secrets`: a new version of the master key, and moving what is sealed to it. */
import type { JsonObject } from '../../core/base/json.ts';
import { NoMasterKey, rotateMasterKey } from '../../core/wiring/master-key.ts';
import { define, group, option, type Parent, type Session } from './define.ts';
import { CliError, exitCodes, usageError, type ExitCode } from './exit.ts';
import { facts, table } from './render.ts';

export function addSecrets(parent: Parent): void {
  const secrets = group(parent, 'secrets', 'The master key’s versions', 'secrets status');
  define<{ print?: boolean }>(secrets, {
    usage: 'rotate',
    summary: 'Add a version to the key file; a configured key is printed, to be set by you',
    options: [option('--print', 'print a configured key although nobody sits at a terminal')],
    examples: ['secrets rotate', 'secrets rotate --print > new-key'],
    run: async (session, { print }) => rotate(session, print === true),
  });
  define(secrets, {
    usage: 'reseal',
    summary: 'Move everything sealed to the newest version, while the switch serves (admin key)',
    examples: ['secrets reseal'],
    run: reseal,
  });
  define(secrets, {
    usage: 'status',
    summary: 'Show the versions and how many rows hang on each (admin key)',
    examples: ['secrets status'],
    run: async (session) => {
      const answer = await session.api('admin').call('GET', '/v1/secrets');
      return session.answer(answer, statusText(answer.body));
    },
  });
}

const next = 'Restart the switch (every node at once), then run: pointsman secrets reseal\n';

function rotate(session: Session, print: boolean): void {
  const config = session.config();
  // A key on a screen is one thing, in somebody's build log another.
  if (config.secrets.master_key && !print && !session.terminal.interactive) {
    throw usageError(
      'The master key is configured (POINTSMAN_MASTER_KEY or secrets.master_key), so it would be ' +
        'printed, and this is no terminal',
      'Say --print when you know where the output goes.',
    );
  }
  const { version, file, text } = rotated(() => rotateMasterKey(config));
  if (file !== undefined) {
    session.print({ version, file }, `Version ${version} is in ${file}. Keep a copy of it.\n`);
  } else {
    const value = text.trimEnd().replaceAll('\n', ',');
    session.print({ version, master_key: value }, `${value}\n`);
    session.remark(`Nothing was changed. Set this as POINTSMAN_MASTER_KEY: version ${version}.\n`);
  }
  session.remark(next);
}

function rotated<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof NoMasterKey) throw new CliError(exitCodes.usage, error.message);
    const { code, path } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new CliError(
      exitCodes.unavailable,
      `${path ?? 'the key file'} was not written (${code})`,
    );
  }
}

/** A few thousand rows a request, until there are no more. */
async function reseal(session: Session): Promise<ExitCode> {
  const api = session.api('admin');
  const sum = { resealed: 0, overtaken: 0 };
  const unreadable = new Set<string>();
  let body: JsonObject;
  do {
    ({ body } = await api.call('POST', '/v1/secrets/reseal'));
    sum.resealed += Number(body['resealed']);
    sum.overtaken += Number(body['overtaken']);
    for (const name of body['unreadable'] as readonly string[]) unreadable.add(name);
    // Without progress another round would find the same.
  } while (body['more'] === true && Number(body['resealed']) > 0);
  const { body: status } = await api.call('GET', '/v1/secrets');
  const document = { newest: body['newest'], ...sum, unreadable: [...unreadable], status };
  const told = facts([
    ['Resealed', sum.resealed],
    ['Changed meanwhile', sum.overtaken > 0 ? `${sum.overtaken}: run it again` : undefined],
    ['Cannot be opened', [...unreadable].join(', ')],
  ]);
  session.print(document, `${told}\n${statusText(status)}`);
  return unreadable.size > 0 || sum.overtaken > 0 ? exitCodes.refused : exitCodes.done;
}

interface VersionLine {
  readonly version: number;
  readonly rows: number;
  readonly columns: Readonly<Record<string, number>>;
}

function statusText(body: JsonObject): string {
  const lines = (body['versions'] as unknown as readonly VersionLine[]).map((one) => [
    String(one.version),
    String(one.rows),
    useOf(one, body),
    Object.entries(one.columns)
      .map(([column, count]) => `${column} ${count}`)
      .join(', '),
  ]);
  const columns = [
    { title: 'Version', right: true },
    { title: 'Rows', right: true },
    { title: 'Use' },
    { title: 'Where' },
  ];
  return table(columns, lines);
}

function useOf({ version, rows }: VersionLine, { newest, root }: JsonObject): string {
  const uses = [
    version === newest ? 'seals' : undefined,
    version === root ? 'root, stays' : undefined,
  ].filter((use) => use !== undefined);
  if (uses.length > 0) return uses.join('; ');
  return rows === 0 ? 'may be taken out' : 'opens';
}
