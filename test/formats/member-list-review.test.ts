/** A member list reviewed against an audience: what it would change, and what looks wrong in it. */

import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Core } from '../../src/domain/core.ts';
import { createAudienceByHand } from '../../src/domain/memberships/audience-administration.ts';
import { replaceMembers } from '../../src/domain/memberships/replacement.ts';
import type { RefusedLine } from '../../src/formats/delimited-rows.ts';
import type { ReadOptions } from '../../src/formats/list-entries.ts';
import { readMembers, reviewMemberList } from '../../src/formats/member-list-review.ts';
import { caller } from '../domain/memberships/batch-state.ts';
import { openCore } from '../domain/open-core.ts';

let core: Core;
let audience: number;
beforeAll(async () => {
  core = await openCore();
  audience = (await createAudienceByHand(core, caller(), { name: 'VIP' })).id;
  await replaceMembers(core, audience, caller(), Readable.from([['ada', 'bob', 'eve']]));
});
afterAll(async () => core.storage.close());

const open = (file: string) => (): Readable => Readable.from([Buffer.from(file)]);
const review = async (file: string, options?: ReadOptions) => reviewMemberList(core, audience, open(file), options);
const H = 'profileintegrationid';

it('says who would join and leave', async () => {
  expect(await review(`${H}\nada\njoe\n`)).toEqual({
    forecast: { members: 2, joins: 1, leaves: 2, newProfiles: 1, before: 3 },
    entries: 2,
    warnings: [],
  });
  expect(await review(`${H}\n`)).toMatchObject({ forecast: { members: 0, leaves: 3 }, entries: 0, warnings: [] });
});

it('shows repeated entries with their lines', async () => {
  const { forecast, entries, warnings } = await review(`${H}\nada\n\nada\njoe\nada\n`);
  expect(forecast).toMatchObject({ members: 2, joins: 1 });
  expect(entries).toBe(4);
  expect(warnings).toMatchObject([
    {
      kind: 'repeated',
      count: 2,
      samples: [
        { line: 4, entry: 'ada' },
        { line: 6, entry: 'ada' },
      ],
    },
  ]);
});

it('counts what would be equal without blanks around it', async () => {
  const messages = async (file: string, options?: ReadOptions): Promise<string[]> =>
    (await review(file, options)).warnings.map(({ message }) => message);
  const blanks =
    /^3 of 4 begin or end with a blank, which counts as part of them; without it 2 would equal another entry$/;
  expect(await messages(`${H}\nada\nada \n\u00a0ada\njoe \n`)).toEqual([expect.stringMatching(blanks)]);
  expect(await messages(`${H}\nada\njoe \n`)).toEqual([
    '1 of 2 begin or end with a blank, which counts as part of them',
  ]);
  expect(await messages(`name;${H}\nx;ada\nx;ada \nx; ada\nx;joe \n`, { column: H })).toEqual([
    expect.stringMatching(blanks),
  ]);
});

it('reports each refused line once, although it reads a list with blanks twice', async () => {
  const refused: RefusedLine[] = [];
  const file = `${H}\nada\nada \nb,c\n`;
  const { entries } = await review(file, { onRefused: (line) => refused.push(line) });
  expect(entries).toBe(2);
  expect(refused.map(({ line }) => line)).toEqual([4]);
  await expect(review(file)).rejects.toThrow(/^line 4: more than one column/);
});

it('needs an audience', async () => {
  await expect(reviewMemberList(core, audience + 1, open(`${H}\nada\n`))).rejects.toMatchObject({ code: 'not_found' });
});

it('reads the members a thousand at a time', async () => {
  const lengths: number[] = [];
  for await (const ids of readMembers(open(`${H}\n${'ada\n'.repeat(1001)}`)())) lengths.push(ids.length);
  expect(lengths).toEqual([1000, 1]);
});
