/** Stripe's lists, page by page: strongly consistent, unlike its search, which is not used. */
import { Fault } from '#sdk';
import { accepted, get, type StripeContext } from './calls.ts';
import { flagOf, listOf, textOf, wordOf, type Fields } from './fields.ts';
import type { Form } from './form.ts';

/**
 * 5,000 objects. Nobody makes more intents in the eleven minutes we look through; a list that goes
 * on is a question for later, never a "not there".
 */
const pagesMax = 50;

/** Objects of a list, newest first. Throws `unintelligible` when there is no end to it. */
export async function* entries(
  context: StripeContext,
  path: string,
  query: Form,
): AsyncGenerator<Fields> {
  let after: string | undefined;
  for (let page = 0; page < pagesMax; page += 1) {
    const answer = accepted(
      await get(context, path, { ...query, limit: 100, starting_after: after }),
    );
    const { data, more } = readPage(answer);
    yield* data;
    const last = data.at(-1);
    if (!more) return;
    if (!last) throw new Fault('unintelligible', 'an empty page that has more behind it');
    after = textOf(last, 'id');
  }
  throw new Fault('unintelligible', `a list of more than ${pagesMax} pages`);
}

export function readPage(answer: Fields): { data: readonly Fields[]; more: boolean } {
  wordOf(answer, 'object', ['list']);
  return { data: listOf(answer, 'data'), more: flagOf(answer, 'has_more') };
}

/** The whole list. */
export async function allOf(context: StripeContext, path: string, query: Form): Promise<Fields[]> {
  const all: Fields[] = [];
  for await (const entry of entries(context, path, query)) all.push(entry);
  return all;
}

/** The newest object of a list that carries this mark of ours in its metadata. */
export async function findMarked(
  context: StripeContext,
  path: string,
  query: Form,
  mark: { readonly name: string; readonly value: string },
): Promise<Fields | undefined> {
  for await (const entry of entries(context, path, query)) {
    if (markOf(entry, mark.name) === mark.value) return entry;
  }
  return undefined;
}

/**
 * When something begun then was created: from a minute before, for clocks that differ, to ten
 * after, for a request that waited on its way.
 */
export function around(begunAtMs: number): Form {
  const seconds = Math.floor(begunAtMs / 1000);
  return { gte: seconds - 60, lte: seconds + 600 };
}

/** What our metadata says under `name`; undefined for what is not of our making. */
export function markOf(fields: Fields, name: string): string | undefined {
  const metadata = fields['metadata'];
  const value =
    typeof metadata === 'object' && metadata !== null ? (metadata as Fields)[name] : undefined;
  return typeof value === 'string' ? value : undefined;
}

/** As {@link markOf}, where the object has to be ours: without the mark it cannot be read. */
export function ownMarkOf(fields: Fields, name: string): string {
  const mark = markOf(fields, name);
  if (mark === undefined) throw new Fault('unintelligible', `metadata without ${name}`);
  return mark;
}
