/**
 * Card numbers out of logs. The last net below the allow-listed log fields: whatever text gets this
 * far (an error's message, a processor's own words) loses the middle of every card number in it.
 */

// Up to three separators between digits, so that "4242 - 4242" is one run as well.
const holdsThirteenDigits = /\d(?:[ .\-\u00a0]{0,3}\d){12}/;
const digitRuns = /\d+(?:[ .\-\u00a0]{1,3}\d+)*/g;

// ISO/IEC 7812: 13 digits is the shortest number in use, 19 the longest allowed.
const shortest = 13;
const longest = 19;
const shownFirst = 6;
const shownLast = 4;

/**
 * Replaces every Luhn-valid number of 13 to 19 digits (spaces, dashes and dots between digits
 * allowed) by its first six and last four digits: `4242 4242 4242 4242` → `424242******4242`.
 * Text with fewer than 13 digits in a row comes back as it is, without a copy.
 */
export function maskCards(text: string): string {
  if (!holdsThirteenDigits.test(text)) return text;
  return text.replace(digitRuns, maskRun);
}

interface Group {
  readonly digits: string;
  readonly start: number;
  readonly end: number;
}

/**
 * A run may hold more than the card ("100 4242 4242 4242 4242 12"): every sequence of whole groups
 * is tried. Overlapping finds are masked as one, so that no reading of the run shows more than ten
 * digits of a card.
 */
function maskRun(run: string): string {
  if (run.length < shortest) return run;
  const groups = groupsOf(run);
  let masked = '';
  let copied = 0;
  for (let index = 0; index < groups.length;) {
    const last = lastGroupOfCard(groups, index);
    if (last === undefined) {
      index += 1;
      continue;
    }
    masked += run.slice(copied, groups[index]?.start) + maskGroups(groups.slice(index, last + 1));
    copied = groups[last]?.end ?? copied;
    index = last + 1;
  }
  return masked + run.slice(copied);
}

function groupsOf(run: string): Group[] {
  return Array.from(run.matchAll(/\d+/g), ({ 0: digits, index }) => ({
    digits,
    start: index,
    end: index + digits.length,
  }));
}

/** The last group of the card that starts at `first`, stretched over cards that overlap it. */
function lastGroupOfCard(groups: readonly Group[], first: number): number | undefined {
  let last = longestCardFrom(groups, first);
  if (last === undefined) return undefined;
  for (let start = first + 1; start <= last; start += 1) {
    last = Math.max(last, longestCardFrom(groups, start) ?? last);
  }
  return last;
}

function longestCardFrom(groups: readonly Group[], start: number): number | undefined {
  let digits = '';
  let last: number | undefined;
  for (let index = start; index < groups.length && digits.length < longest; index += 1) {
    digits += groups[index]?.digits;
    if (digits.length >= shortest && digits.length <= longest && luhnValid(digits)) last = index;
  }
  return last;
}

function maskGroups(groups: readonly Group[]): string {
  const digits = groups.map((group) => group.digits).join('');
  const hidden = '*'.repeat(digits.length - shownFirst - shownLast);
  return digits.slice(0, shownFirst) + hidden + digits.slice(-shownLast);
}

function luhnValid(digits: string): boolean {
  let sum = 0;
  for (let place = 0; place < digits.length; place += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - place) - 48;
    const weighted = place % 2 === 0 ? digit : digit * 2;
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return sum % 10 === 0;
}
