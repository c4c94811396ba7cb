// Chooses the part of the code that `npm run mutate -- --sample=N` mutates: one in N of the statements at the top level
// of each file, always the same ones as long as their first lines do not change.
import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** @returns the ranges of lines to mutate, in Stryker's form */
export function sampleOf(patterns, oneIn, root) {
  return globSync(patterns, { cwd: root })
    .toSorted()
    .flatMap((file) => {
      const name = file.replaceAll('\\', '/');
      const statements = statementsOf(readFileSync(path.join(root, file), 'utf8').split('\n'));
      return statements
        .filter(({ text }) => isChosen(`${name} ${text}`, oneIn))
        .map(({ first, last }) => `${name}:${first}-${last}`);
    });
}

/** Statements begin at the left margin, and end with a bracket there. */
function statementsOf(lines) {
  const starts = lines.flatMap((line, index) => (/^[a-zA-Z@]/.test(line) ? [index] : []));
  return starts.map((start, index) => ({
    text: lines[start],
    first: start + 1,
    last: starts[index + 1] ?? lines.length,
  }));
}

function isChosen(text, oneIn) {
  return createHash('sha256').update(text).digest().readUInt32BE() % oneIn === 0;
}
