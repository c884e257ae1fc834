/** Invariants that stay on in production: a broken one stops the operation, it never guesses. */

export class InvariantBroken extends Error {
  override name = 'InvariantBroken';
}

/** Throws {@link InvariantBroken} unless `condition` holds. The message says which rule broke. */
export function invariant(condition: unknown, rule: string): asserts condition {
  if (!condition) throw new InvariantBroken(rule);
}
