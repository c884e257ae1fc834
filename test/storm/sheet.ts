/** What a storm came to, in words and figures. */
import type { Outcome } from './run.ts';

/** One sentence for each promise that was broken; none when all were kept. */
export function breachesOf(outcome: Outcome): string[] {
  const { miscounted, canaryConnections } = outcome;
  const lists = {
    missing: outcome.missing,
    invented: outcome.invented,
    unverified: outcome.unverified,
    altered: outcome.altered,
    'not misbehaving as meant': outcome.unproven,
    'ends of the switch by itself': outcome.falls,
  };
  return [
    ...(miscounted > 0 ? [`${miscounted} events are not in the books, or twice`] : []),
    ...(canaryConnections > 0 ? [`the redirect was followed ${canaryConnections} times`] : []),
    ...Object.entries(lists)
      .filter(([, found]) => found.length > 0)
      .map(([what, found]) => `${found.length} ${what}: ${found.slice(0, 5).join(', ')} …`),
  ];
}

/** Figures of one run, in a line. */
export function lineOf(title: string, outcome: Outcome): string {
  const { delayMs, durationMs } = outcome;
  const seconds = Math.round(durationMs / 1_000);
  return [
    `${title}: ${outcome.events} events`,
    `${outcome.received} receipts (${outcome.repeats} repeats) in ${seconds} s`,
    `${outcome.kills} kills, slowest boot ${outcome.slowestBootMs} ms`,
    `missing ${outcome.missing.length}`,
    `invented ${outcome.invented.length}`,
    `unverified ${outcome.unverified.length}`,
    `altered ${outcome.altered.length}`,
    `redirects followed ${outcome.canaryConnections}`,
    `delay p50 ${delayMs.p50} ms, p99 ${delayMs.p99} ms, max ${delayMs.max} ms`,
  ].join(' · ');
}

/** What became of the deliveries to those that misbehaved. */
export function badText({ badEnds, floodedBytes }: Outcome): string {
  const lines = Object.entries(badEnds).map(([kind, ends]) => {
    const words = Object.entries(ends).map(([end, count]) => `${count} × ${end}`);
    return `  ${kind}: ${words.join('; ')}`;
  });
  const megabytes = (floodedBytes / 1_000_000).toFixed(0);
  return [...lines, `  the flooding one got rid of ${megabytes} MB in all`].join('\n');
}
