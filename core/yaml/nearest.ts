/** "Did you mean": the nearest of the words that would have been right. */

/**
 * The Levenshtein distance: single-character insertions, deletions and replacements from a to b,
 * with two neighbours swapped ("prot") counted as the one slip it is.
 */
export function distance(a: string, b: string): number {
  let twoAbove: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = (above[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const swapped =
        a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
          ? (twoAbove[column - 2] ?? Infinity) + 1
          : Infinity;
      current.push(
        Math.min(replaced, swapped, (above[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1),
      );
    }
    twoAbove = above;
    above = current;
  }
  return above[b.length] ?? 0;
}

/** The nearest candidate, or undefined when none is near enough to be what was meant. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  // No word of ours is that long, and the distance costs the product of both lengths.
  if (word.length > 64) return undefined;
  const plain = (text: string) => text.toLowerCase().replace(/[-_ ]/g, '');
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const candidate of candidates) {
    const steps = distance(plain(word), plain(candidate));
    // A third of the letters may be wrong: beyond that a guess confuses more than it helps.
    if (steps <= Math.max(1, Math.floor(candidate.length / 3)) && steps < bestDistance) {
      best = candidate;
      bestDistance = steps;
    }
  }
  return best;
}
