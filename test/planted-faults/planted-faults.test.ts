/** The table of planted faults matches the code: a changed text or a moved test would make it meaningless. */

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { placeOf, readSources } from './places.ts';
import { PLANTED_FAULTS } from './table.ts';

const ROOT = resolve(import.meta.dirname, '../..');

it('the text of every planted fault is in the code exactly once, and its tests are there', () => {
  const sources = readSources(ROOT);
  const stale = PLANTED_FAULTS.flatMap(({ what, text, fault, tests }) => {
    const place = placeOf(text, sources);
    const lost = tests.filter((file) => !existsSync(join(ROOT, file))).map((file) => `there is no ${file}`);
    const reasons = ['stale' in place ? place.stale : [], text === fault ? 'it changes nothing' : [], lost].flat();
    return reasons.map((reason) => `${what}: ${reason}`);
  });
  expect(stale).toEqual([]);
});

it('no two faults go by one name', () => {
  const names = PLANTED_FAULTS.map(({ what }) => what);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});
