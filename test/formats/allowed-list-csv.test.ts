/** Lists of allowed values: what each type accepts, in which form, and what is refused with its line. */

import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { AttributeType } from '../../src/domain/definitions/attributes.ts';
import { readAllowedListCsv } from '../../src/formats/allowed-list-csv.ts';

async function read(type: AttributeType, file: string, chunkSize = 10): Promise<string[][]> {
  const chunks: string[][] = [];
  for await (const chunk of readAllowedListCsv(Readable.from([Buffer.from(file)]), type, chunkSize)) chunks.push(chunk);
  return chunks;
}

it.each<[AttributeType, string, string]>([
  ['string', 'S', 'S'],
  ['string', '1.50', '1.50'],
  ['number', '1.50', '1.5'],
  ['boolean', 'true', 'true'],
  ['(list number)', '2.0', '2'],
  ['string', '👍'.repeat(1000), '👍'.repeat(1000)],
])('a %s takes %s', async (type, item, value) => {
  expect(await read(type, `item\n${item}\n`)).toEqual([[value]]);
});

describe('refuses', () => {
  it.each<[AttributeType, string, string]>([
    ['number', 'ten', 'the item is not a value of type number: expected a number'],
    ['boolean', 'yes', 'the item is not a value of type boolean: expected true or false'],
    ['string', '""', 'an item of 0 characters; 1 to 1000 are allowed'],
    ['string', '👍'.repeat(1001), 'an item of 1001 characters; 1 to 1000 are allowed'],
  ])('as a %s %s', async (type, item, message) => {
    const refused = read(type, `item\n${type === 'string' ? 'x' : type === 'number' ? '1' : 'true'}\n${item}\n`);
    await expect(refused).rejects.toThrow(`line 3: ${message}`);
  });
});

it('yields chunks of the size asked for', async () => {
  expect(await read('number', 'item\n1\n2\n3\n', 2)).toEqual([['1', '2'], ['3']]);
});
