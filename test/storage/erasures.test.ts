/** Erasures that share searches of the access log: which search serves which erasure, and the effect of a failure. */

import { expect, test } from 'vitest';
import { type ErasedPerson, Erasures } from '../../src/storage/sqlite/access-log/erasures.ts';

const person = (integrationId: string): ErasedPerson => ({ environment: 'live', integrationId });

/** Erasures whose searches end when the test says so. */
function open() {
  const searches: { people: string[]; end: (error?: Error) => void }[] = [];
  const erasures = new Erasures(
    async (people) =>
      new Promise((resolve, reject) => {
        const end = (error?: Error): void => (error === undefined ? resolve() : reject(error));
        searches.push({ people: people.map(({ integrationId }) => integrationId), end });
      }),
  );
  return { erasures, searches };
}

test('one that comes during a search waits for the next, which serves all that wait', async () => {
  const { erasures, searches } = open();
  const done: string[] = [];
  const all = ['a', 'b', 'c'].map(async (id) => erasures.add(person(id)).then(() => done.push(id)));
  expect(searches.map(({ people }) => people)).toEqual([['a']]);
  searches[0]?.end();
  await all[0];
  expect(done).toEqual(['a']);
  expect(searches.map(({ people }) => people)).toEqual([['a'], ['b', 'c']]);
  searches[1]?.end();
  await Promise.all(all);
  const later = erasures.add(person('a'));
  expect(searches[2]?.people).toEqual(['a']);
  searches[2]?.end();
  await later;
});

test('a search serves a hundred at most', async () => {
  const { erasures, searches } = open();
  const all = Array.from({ length: 202 }, async (_, number) => erasures.add(person(String(number))));
  for (let search = 0; search < 4; search += 1) {
    await expect.poll(() => searches.length).toBe(search + 1);
    searches[search]?.end();
  }
  await Promise.all(all);
  expect(searches.map(({ people }) => people.length)).toEqual([1, 100, 100, 1]);
});

test('a failure refuses those it served, and nobody else', async () => {
  const { erasures, searches } = open();
  const first = erasures.add(person('a'));
  const second = erasures.add(person('b'));
  searches[0]?.end(new Error('the log cannot be read'));
  await expect(first).rejects.toThrow('the log cannot be read');
  await expect.poll(() => searches.length).toBe(2);
  searches[1]?.end();
  await second;
});
