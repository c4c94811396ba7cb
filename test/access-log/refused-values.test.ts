/** The attribute type that the values of refused writes agree on. */

import { describe, expect, test } from 'vitest';
import { findRefusedValues, typeOf } from '../../src/access-log/refused-values.ts';
import type { Attribute } from '../../src/domain/definitions/attributes.ts';
import type { JsonValue } from '../../src/domain/json-value.ts';

const CASES: [JsonValue[], string | undefined][] = [
  [[41], 'number'],
  [[41, -0.5, 1e300], 'number'],
  [['41'], 'string'],
  [[41, '41'], undefined],
  [[true, false], 'boolean'],
  [[true, 1], undefined],
  [['2026-01-31T10:30:00Z'], 'time'],
  [['2026-01-31T10:30:00Z', 'soon'], 'string'],
  [['2026-02-31T10:30:00Z'], 'string'],
  [[{ latitude: 1, longitude: 2 }], 'location'],
  [[{ latitude: 91, longitude: 2 }], undefined],
  [[['a'], []], '(list string)'],
  [[[1, 2]], '(list number)'],
  [[['2026-01-31T10:30:00Z']], '(list time)'],
  [[['a', 1]], undefined],
  [[[]], undefined],
  [[], undefined],
];

test.each(CASES)('of %j it is %s', (values, expected) => {
  expect(typeOf(values)).toBe(expected);
});

describe('the values of refused writes', () => {
  const attribute = (type: string): Attribute =>
    ({
      name: 'size',
      type,
      restrictedBySuggestions: true,
      suggestions: [],
      hasAllowedList: false,
    }) as unknown as Attribute;

  /** @param writes bodies of refused writes; undefined for one that is no longer kept */
  const found = async (
    writes: readonly (string | undefined)[],
    defined?: Attribute,
    replayed: number[] = [],
    name = 'size',
  ) => {
    const asked: unknown[] = [];
    const core = {
      accessLog: {
        refusals: async (...question: unknown[]) => {
          asked.push(...question);
          return writes.map((_, index) => ({
            uuid: String(index),
            replayed: replayed.includes(index) ? 1 : undefined,
          }));
        },
        readRefusal: async (uuid: string) => {
          const body = writes[Number(uuid)];
          return body === undefined ? undefined : { body: Buffer.from(body) };
        },
      },
      storage: { catalog: async () => ({ attributes: new Map(defined === undefined ? [] : [['size', defined]]) }) },
    } as unknown as Parameters<typeof findRefusedValues>[0];
    const values = await findRefusedValues(core, name, 7);
    expect(asked).toEqual([{ cause: `attribute \`${name}\` is not defined`, applicationId: 7 }, undefined, 100]);
    return values;
  };
  const write = (value: JsonValue): string => JSON.stringify({ attributes: { other: true, size: value } });
  const NONE = { writes: 0, samples: [], type: undefined, fitsDefinition: undefined };

  test.each([
    ['no write', []],
    ['one that is gone', [undefined]],
    ['null, which removes a value', [write(null)]],
    ['another attribute', ['{"attributes":{"other":1}}']],
    ['no attributes', ['{}']],
    ['attributes that are null', ['{"attributes":null}']],
    ['a body that is null', ['null']],
    ['a body that is not JSON', ['{']],
  ])('are none in %s', async (_title, writes) => {
    expect(await found(writes)).toEqual(NONE);
    expect(await found(writes, attribute('number'))).toEqual(NONE);
  });

  test('are counted, and shown once each, without what was replayed', async () => {
    const writes = [write(3), write(1), undefined, write(3), write(2)];
    expect(await found(writes, undefined, [1])).toEqual({ ...NONE, writes: 3, samples: [3, 2], type: 'number' });
    expect(await found(writes)).toEqual({ ...NONE, writes: 4, samples: [3, 1, 2], type: 'number' });
  });

  test('are shown up to ten', async () => {
    const values = Array.from({ length: 11 }, (_, index) => index);
    const { writes, samples } = await found(values.map(write));
    expect(writes).toBe(11);
    expect(samples).toEqual(values.slice(0, 10));
  });

  test('fit the attribute, once it is defined, if all of them do, whatever it suggests', async () => {
    expect((await found([write('a'), write('b')], attribute('string'))).fitsDefinition).toBe(true);
    expect((await found([write('a'), write(1)], attribute('string'))).fitsDefinition).toBe(false);
    expect((await found([write(1)], attribute('string'))).fitsDefinition).toBe(false);
  });

  test('are not looked for among what every object has', async () => {
    expect(await found(['{"attributes":{}}'], undefined, [], 'constructor')).toEqual(NONE);
  });
});
