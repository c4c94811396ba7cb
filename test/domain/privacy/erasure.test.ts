/** Erasures without a store: in which order the store and the access log are asked, and what is asked of them. */

import { expect, test } from 'vitest';
import type { ErasedPerson } from '../../../src/domain/memberships/erased-people.ts';
import { type Erasure, eraseProfile, eraseProfileById, finishErasures } from '../../../src/domain/privacy/erasure.ts';
import { recordedWrites, UNCHANGED } from '../memberships/recorded-writes.ts';

const CALLER = { environment: 'sandbox' } as never;

/** A core that writes down every step, and what is stored in it. */
function recorded({ unfinished = [], found }: { unfinished?: ErasedPerson[]; found?: object } = {}) {
  const steps: unknown[][] = [];
  const { core, commands } = recordedWrites(() => ({ result: { profileId: 7 }, changed: UNCHANGED }));
  const storage = {
    ...core.storage,
    browse: { findProfileById: async () => found },
    listUnfinishedErasures: async (limit: number) => unfinished.slice(0, limit),
    finishErasure: async (id: number) => void steps.push(['finish', id, commands.length]),
  };
  const accessLog = { eraseProfile: async (...person: unknown[]) => void steps.push([...person, commands.length]) };
  return { core: { ...core, storage, accessLog } as unknown as Erasure, commands, steps };
}

test('the store forgets the ID once the access log is free of the person', async () => {
  const { core, commands, steps } = recorded();
  await eraseProfile(core, CALLER, 'ada');
  expect(commands).toEqual([{ kind: 'eraseProfile', caller: CALLER, integrationId: 'ada' }]);
  expect(steps).toEqual([
    ['sandbox', 'ada', 1],
    ['finish', 7, 1],
  ]);
});

test('a profile is erased by its number, in its own environment', async () => {
  const { core, commands } = recorded({ found: { environment: 'sandbox', integrationId: 'ada' } });
  await eraseProfileById(core, 7, (environment) => ({ environment }) as never);
  expect(commands).toEqual([{ kind: 'eraseProfile', caller: { environment: 'sandbox' }, integrationId: 'ada' }]);
});

test('an erased profile is not erased again, since its pseudonym may be the ID of somebody else', async () => {
  const { core, commands } = recorded({ found: { environment: 'live', integrationId: 'erased:x:7', isErased: true } });
  const again = eraseProfileById(core, 7, () => CALLER);
  await expect(again).rejects.toMatchObject({ code: 'not_found', message: 'Customer 7 has been erased' });
  expect(commands).toEqual([]);
});

test.each([
  [0, 0, false],
  [99, 99, false],
  [100, 100, true],
  [101, 100, true],
])('of %i unfinished erasures, %i are completed in a step', async (count, completed, isMore) => {
  const unfinished = Array.from(
    { length: count },
    (_, index): ErasedPerson => ({
      profileId: index + 1,
      environment: 'live',
      integrationId: `p${index + 1}`,
    }),
  );
  const { core, commands, steps } = recorded({ unfinished });
  expect(await finishErasures(core)).toBe(isMore);
  expect(commands).toEqual([]);
  expect(steps.filter(([step]) => step === 'live')).toHaveLength(completed);
  expect(steps.filter(([step]) => step === 'finish').map(([, id]) => id)).toEqual(
    unfinished.slice(0, completed).map(({ profileId }) => profileId),
  );
});
