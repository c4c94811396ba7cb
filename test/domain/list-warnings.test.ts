/** The warnings of a list that are kept, and those that stop an unattended import. */

import { describe, expect, test } from 'vitest';
import {
  auditedWarnings,
  type ListWarning,
  type ListWarningKind,
  recordedWarnings,
  refuseAlteredEntries,
  warningCounts,
} from '../../src/domain/list-warnings.ts';

const warning = (kind: ListWarningKind, lines: number[] = [2]): ListWarning => ({
  kind,
  count: lines.length,
  samples: lines.map((line) => ({ line, entry: `entry ${line}` })),
  message: `a ${kind}`,
});

describe('the record of an import', () => {
  test('has nothing of a list nobody read', () => expect(recordedWarnings(undefined, 3)).toEqual({}));

  test.each([
    [3, 3, { formula: 1 }],
    [4, 3, { formula: 1, repeated: 1 }],
    [3, 4, { formula: 1 }],
  ])('of %d entries that came to %d', (entries, distinct, expected) => {
    expect(recordedWarnings({ entries, warnings: { formula: 1 } }, distinct)).toEqual(expected);
  });

  test('is in the audit log where there is something in it', () => {
    expect(auditedWarnings({})).toEqual({});
    expect(auditedWarnings({ endMark: 1 })).toEqual({ warnings: { endMark: 1 } });
  });

  test('counts each kind', () => {
    expect(warningCounts([warning('formula', [2, 3]), warning('endMark')])).toEqual({ formula: 2, endMark: 1 });
  });
});

describe('an import that nobody watches', () => {
  test.each(['outerBlank', 'separator', 'repeated', 'endMark'] as const)('goes on in spite of %s', (kind) => {
    expect(() => refuseAlteredEntries([warning(kind)], 'asWritten=true')).not.toThrow();
  });

  test.each(['shortenedNumber', 'formula'] as const)('stops at %s, and names lines and remedy', (kind) => {
    const refuse = () => refuseAlteredEntries([warning('endMark'), warning(kind, [4, 7])], 'asWritten=true');
    expect(refuse).toThrow(`a ${kind} (line 4: entry 4, line 7: entry 7)`);
    expect(refuse).toThrow('asWritten=true');
    expect(refuse).toThrow(
      expect.objectContaining({
        code: 'invalid',
        problems: [expect.objectContaining({ title: 'Invalid value', source: { line: '4' } })],
      }),
    );
  });

  test('is told of five lines at most, and of both kinds', () => {
    const both = [warning('formula', [2, 3, 4, 5, 6, 7]), warning('shortenedNumber', [])];
    const refuse = () => refuseAlteredEntries(both, 'x');
    expect(refuse).toThrow('line 6: entry 6');
    expect(refuse).not.toThrow('line 7');
    expect(refuse).toThrow(
      expect.objectContaining({
        problems: [
          expect.objectContaining({ source: { line: '2' } }),
          expect.objectContaining({ source: { line: 'N/A' } }),
        ],
      }),
    );
  });

  test('goes on when nothing looks wrong', () => expect(() => refuseAlteredEntries([], 'x')).not.toThrow());
});
