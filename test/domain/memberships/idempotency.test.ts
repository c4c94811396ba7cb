/** Verdicts as they are kept and shown again, the keys of commands, and answers without the data of an erased person. */

import { describe, expect, it } from 'vitest';
import type { RowVerdict, WriteCommand } from '../../../src/domain/memberships/commands.ts';
import {
  idempotencyOf,
  type KeptAnswer,
  keptVerdicts,
  namedScopes,
  stillRunning,
  verdictsAgain,
  withoutContentOf,
} from '../../../src/domain/memberships/idempotency.ts';
import { bulk, caller, update } from './batch-state.ts';

describe('verdicts', () => {
  const [first, second] = [
    { code: 'invalid', problems: [{ title: 'Invalid type', message: 'é' }] },
    { code: 'not_found', problems: [{ title: 'not found', message: 'no such audience' }] },
  ] as const;
  const verdicts: RowVerdict[] = [
    { place: 0, verdict: 'applied' },
    { place: 2, verdict: 'refused', error: first },
    { place: 3, verdict: 'unchanged' },
    { place: 5, verdict: 'refused', error: second },
  ];
  const size = Buffer.byteLength(JSON.stringify([first.problems, second.problems]));

  it('are shown again as they were, with reasons up to a number of bytes', () => {
    expect(verdictsAgain(keptVerdicts(verdicts, size))).toEqual(verdicts);
  });

  it('are shown with their codes where the reasons are no longer known', () => {
    const kept = keptVerdicts(verdicts, size - 1);
    expect(kept.reasons).toBeUndefined();
    const gone = (code: string) => ({ code, problems: [{ title: code, message: 'The reason is no longer kept' }] });
    const shown = [
      verdicts[0],
      { ...verdicts[1], error: gone('invalid') },
      verdicts[2],
      { ...verdicts[3], error: gone('not_found') },
    ];
    expect(verdictsAgain(kept)).toEqual(shown);
    expect(verdictsAgain({ ...kept, reasons: '[]' })).toEqual(shown);
  });
});

it('a key is that of an update of profiles, and its scope is loaded', () => {
  const idempotency = { scope: 's', fingerprint: 'f' };
  const many: WriteCommand = { kind: 'updateProfiles', caller: caller(), items: [], isAnswered: true, idempotency };
  const one = update('a', { idempotency: { scope: 't', fingerprint: 'f' } });
  const other = { ...bulk([]), idempotency } as WriteCommand;
  expect([many, one, other, update('a')].map((each) => idempotencyOf(each)?.scope)).toEqual([
    's',
    't',
    undefined,
    undefined,
  ]);
  expect([...namedScopes([many, other, update('a'), one])]).toEqual(['s', 't']);
  expect(stillRunning()).toMatchObject({ code: 'conflict' });
});

describe('an answer without the content of an erased profile', () => {
  const profile = (id: number) => ({ id, created: 1, lastActivity: 2, content: `{"id":${id}}` });
  const answer: KeptAnswer = { fingerprint: 'f', time: 3, profiles: [profile(1), profile(2)] };

  it('keeps that of the others', () => {
    expect(withoutContentOf(2, answer)).toEqual({
      fingerprint: 'f',
      time: 3,
      profiles: [profile(1), { ...profile(2), content: undefined }],
      verdicts: undefined,
    });
  });

  it('loses its reasons, whoever is named', () => {
    const judged = { ...answer, verdicts: { rows: '[[0,"applied"]]', reasons: '[]' } };
    expect(withoutContentOf(9, judged)).toEqual({
      ...answer,
      verdicts: { rows: '[[0,"applied"]]', reasons: undefined },
    });
    const [one, two] = withoutContentOf(1, judged).profiles;
    expect([one?.content, two]).toEqual([undefined, profile(2)]);
  });

  it('is the same where there is nothing to remove', () => {
    expect(withoutContentOf(9, answer)).toBe(answer);
    const judged = { ...answer, verdicts: { rows: '[]', reasons: undefined } };
    expect(withoutContentOf(9, judged)).toBe(judged);
    expect(withoutContentOf(1, judged)).toMatchObject({ verdicts: judged.verdicts });
  });
});
