/** Finds the name that was probably meant: `audiencesChanges` for `audienceChanges`, `dry` for `dryRun`. */

// Longer names are not typing errors, and comparing them takes long.
const MAX_LENGTH = 100;
const MIN_PREFIX = 3;
/** The most changes that turn one name into another, as a share of its letters. */
const MAX_CHANGED = 0.34;

/** The nearest of `known` to `name`; undefined if none is near. */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  if (name.length > MAX_LENGTH) return undefined;
  let nearest: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const each of known) {
    const distance = distanceOf(wordsOf(name), wordsOf(each));
    if (distance < least) [nearest, least] = [each, distance];
  }
  return nearest;
}

/** The words of a name in any style of writing. */
function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
}

/** 0 for equal names, infinity for unrelated ones. */
function distanceOf(wordsOfA: readonly string[], wordsOfB: readonly string[]): number {
  const [a, b] = [wordsOfA.join(''), wordsOfB.join('')];
  const changes = editDistance(a, b);
  if (changes <= Math.max(a.length, b.length) * MAX_CHANGED) return changes;
  // A shortened name, or one with an extra word, ranks after every typing error.
  const isShortened = isPart(a, b) || isPart(b, a) || areAmong(wordsOfA, wordsOfB) || areAmong(wordsOfB, wordsOfA);
  return isShortened ? MAX_LENGTH + changes : Number.POSITIVE_INFINITY;
}

function isPart(short: string, long: string): boolean {
  return short.length >= MIN_PREFIX && (long.startsWith(short) || long.endsWith(short));
}

/** True if each of several words is among others. */
function areAmong(words: readonly string[], others: readonly string[]): boolean {
  return words.length > 1 && words.every((word) => others.includes(word));
}

/** The number of letters to add, remove, replace or swap with their neighbour. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      let least = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(least);
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length] ?? 0;
}
