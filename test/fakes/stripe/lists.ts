/** Lists as Stripe pages them: newest first, by object id, with filters on the time of making. */
import type { Call } from './call.ts';
import { group, text, whole, type Params } from './params.ts';
import { absent, invalid } from './problem.ts';
import type { Kept } from './types.ts';

/** A page; `path` goes into `url`. `all` is in the order of making. */
export function page<T extends Kept>(call: Call, path: string, all: readonly T[]): object {
  const { params } = call;
  const limit = whole(params, 'limit') ?? 10;
  if (limit < 1 || limit > 100) {
    throw invalid('Limit must be between 1 and 100.', {
      code: 'parameter_invalid_integer',
      param: 'limit',
    });
  }
  const newestFirst = [...all].reverse().filter((it) => within(params, 'created', it.created));
  const after = text(params, 'starting_after');
  const before = text(params, 'ending_before');
  const indexOf = (id: string, param: string): number => {
    const at = newestFirst.findIndex((it) => it.id === id);
    if (at === -1) throw absent(path.split('/').at(-1) ?? 'object', id, param);
    return at;
  };
  let from = 0;
  let until = newestFirst.length;
  if (after !== undefined) from = indexOf(after, 'starting_after') + 1;
  if (before !== undefined) {
    until = indexOf(before, 'ending_before');
    from = Math.max(from, until - limit);
  }
  const data = newestFirst.slice(from, Math.min(until, from + limit));
  const more = before === undefined ? from + limit < until : from > 0;
  return { object: 'list', data, has_more: more, url: path };
}

/** `created=5` or `created[gte]=5&created[lt]=9`. */
export function within(params: Params, name: string, value: number): boolean {
  const exact = whole(params, name);
  if (exact !== undefined) return value === exact;
  const range = group(params, name) ?? {};
  const {
    gt = -Infinity,
    gte = -Infinity,
    lt = Infinity,
    lte = Infinity,
  } = Object.fromEntries(Object.keys(range).map((key) => [key, whole(range, key)]));
  return value > gt && value >= gte && value < lt && value <= lte;
}

/** True when the parameter is absent or says exactly `value`. */
export function wants(params: Params, name: string, value: string | null): boolean {
  const wanted = text(params, name);
  return wanted === undefined || wanted === value;
}
