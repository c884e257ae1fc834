/**
 * Lists for `in (…)`: filled up with their last member to a power of two. SQLite keeps a statement
 * for every text of SQL it has seen, so lists of every length would be a statement each.
 */

export function padded<T>(list: Iterable<T>): T[] {
  const members = [...list];
  const last = members.at(-1);
  if (last === undefined) return members;
  const length = 2 ** Math.ceil(Math.log2(members.length));
  while (members.length < length) members.push(last);
  return members;
}
