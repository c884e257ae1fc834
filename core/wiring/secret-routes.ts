/** The versions of the master key over HTTP, for the box's owner: look, and move to the newest. */
import { Type } from 'typebox';
import type { Keyring } from '../base/keyring.ts';
import { commitWithAnswer } from '../idempotency/answer.ts';
import { defineRoute, type Route } from '../sdk/route.ts';
import { strict } from '../sdk/vocabulary.ts';
import type { Database } from '../storage/index.ts';
import { countSealed, reseal } from './reseal.ts';

export interface SecretRouteDeps {
  readonly db: Database;
  readonly keyring: Keyring;
  readonly commit: Parameters<typeof commitWithAnswer>[0];
}

/** Rows one request moves: some seconds of work, and far from any time limit. */
const rowsMax = 5_000;

const StatusSchema = strict(
  {
    object: Type.Literal('secrets'),
    newest: Type.Integer({ description: 'The version that seals.' }),
    root: Type.Integer({
      description: 'The version that API keys and signatures come from; it is never retired.',
    }),
    versions: Type.Array(
      strict({
        version: Type.Integer(),
        rows: Type.Integer({ description: 'Rows that open with this version alone.' }),
        columns: Type.Record(Type.String(), Type.Integer()),
      }),
    ),
  },
  { title: 'Secrets' },
);

const ResealSchema = strict(
  {
    object: Type.Literal('reseal'),
    newest: Type.Integer(),
    resealed: Type.Integer({ description: 'Rows moved to the newest version.' }),
    overtaken: Type.Integer({ description: 'Rows somebody changed meanwhile: run it again.' }),
    unreadable: Type.Array(Type.String(), { description: 'Rows that do not open; ten at most.' }),
    more: Type.Boolean({ description: 'Whether there may be more: call it again.' }),
  },
  { title: 'Reseal' },
);

const shared = { tag: 'Administration', access: { kind: 'admin' }, rate: 'management' } as const;

export function secretRoutes(deps: SecretRouteDeps): readonly Route[] {
  return [
    defineRoute({
      ...shared,
      id: 'getSecrets',
      method: 'get',
      path: '/v1/secrets',
      summary: 'The versions of the master key, and how many rows hang on each',
      replies: { 200: StatusSchema },
      problems: [],
      examples: [{ summary: 'Look', status: 200 }],
      handle: async () => ({ status: 200, body: await statusOf(deps) }),
    }),
    defineRoute({
      ...shared,
      id: 'resealSecrets',
      method: 'post',
      path: '/v1/secrets/reseal',
      summary: 'Seal what older versions of the master key have sealed with the newest',
      description:
        'A few thousand rows a call; call it while `more` is true. Stored answers to idempotent ' +
        'requests are left to expire, a day after they were given.',
      body: strict({}, { title: 'Nothing' }),
      bodyOptional: true,
      replies: { 200: ResealSchema },
      problems: [],
      examples: [{ summary: 'Reseal', status: 200 }],
      handle: async ({ slot }) => {
        const { db, keyring, commit } = deps;
        const done = await reseal(db, keyring, rowsMax);
        const body = { object: 'reseal', newest: keyring.newest, ...done };
        return commitWithAnswer(commit, slot, { status: 200, body }, []);
      },
    }),
  ];
}

async function statusOf({ db, keyring }: SecretRouteDeps) {
  const versions: object[] = [];
  for (const version of keyring.versions) {
    const counts = await countSealed(db, version);
    versions.push({
      version,
      rows: counts.reduce((sum, { count }) => sum + count, 0),
      columns: Object.fromEntries(counts.map((one) => [`${one.table}.${one.column}`, one.count])),
    });
  }
  return { object: 'secrets', newest: keyring.newest, root: keyring.versions[0], versions };
}
