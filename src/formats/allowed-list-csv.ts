/** Lists of allowed attribute values: one column, `item`; strings are written as they are, other values as in JSON. */

import { readAllowedValue } from '../domain/definitions/attribute-values.ts';
import type { AttributeType } from '../domain/definitions/attributes.ts';
import { codePointLength, MAX_ID_LENGTH } from '../domain/environment.ts';
import { type ReadOptions, readList } from './list-entries.ts';

export const ALLOWED_LIST_HEADER = 'item';

/**
 * Reads the values in chunks, in the form of `canonicalText`.
 * @param type of the attribute; for a list attribute, each item is one of its values
 * @throws DomainError `invalid` naming the first bad line, or what the file really is
 */
export async function* readAllowedListCsv(
  bytes: AsyncIterable<Uint8Array>,
  type: AttributeType,
  chunkSize: number,
  options: ReadOptions = {},
): AsyncGenerator<string[]> {
  const column = {
    header: ALLOWED_LIST_HEADER,
    entry: 'an item',
    check: (item: string): string | undefined => checkItem(type, item),
  };
  for await (const { entries } of readList(bytes, column, chunkSize, options)) {
    yield entries.map((item) => {
      const read = readAllowedValue(type, item);
      return 'value' in read ? read.value : item;
    });
  }
}

function checkItem(type: AttributeType, item: string): string | undefined {
  const length = codePointLength(item);
  if (length < 1 || length > MAX_ID_LENGTH) {
    return `an item of ${length} characters; 1 to ${MAX_ID_LENGTH} are allowed`;
  }
  const read = readAllowedValue(type, item);
  return 'expected' in read ? `the item is not a value of type ${type}: expected ${read.expected}` : undefined;
}
