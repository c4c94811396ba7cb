/**
 * The ring buffer between the event loop and the log's thread: nothing unread is ever overwritten, wherever it wraps
 * around.
 */

import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Exchange } from '../../src/access-log/access-log.ts';
import { createRing, RingReader, RingWriter, type SharedRing } from '../../src/storage/sqlite/access-log/ring.ts';

const SIZE = 4096;
const PAYLOAD = 512;

function exchange(bytes: number, uri = '/x'): Exchange {
  return {
    uuid: randomUUID(),
    time: 1,
    durationMs: 1,
    status: 200,
    method: 'PUT',
    uri,
    operation: 'o',
    application: undefined,
    key: undefined,
    keyPrefix: undefined,
    address: undefined,
    changed: undefined,
    cause: undefined,
    mend: undefined,
    marks: [{ kind: 'ignored field', name: 'a', suggestion: 'b' }],
    payloadLogging: 'full',
    request: Buffer.alloc(bytes, 'r'),
    response: 's'.repeat(bytes),
    requestBytes: bytes,
    responseBytes: bytes,
    requestUnread: false,
    listed: true,
  };
}

/** A ring whose positions have nearly reached the largest number they can count to. */
function ringNearOverflow(): SharedRing {
  const ring = createRing(SIZE);
  new Uint32Array(ring.positions).fill(2 ** 32 - SIZE / 2);
  return ring;
}

describe.each([
  ['from the start', () => createRing(SIZE)],
  ['where the positions begin anew', ringNearOverflow],
])('%s', (_where, make) => {
  test('what is unread is kept whole while the ring is full, and refused beyond', () => {
    const ring = make();
    const writer = new RingWriter(ring, PAYLOAD);
    const reader = new RingReader(ring);
    const expected: Exchange[] = [];
    for (let round = 0; round < 200; round += 1) {
      // Arbitrary sizes, so that records meet the end of the ring in every way.
      for (let index = 0; index < 30; index += 1) {
        const each = exchange((round * 37 + index * 101) % PAYLOAD, `/${'u'.repeat((round * 13) % 300)}`);
        const before = writer.waiting;
        const result = writer.write(each);
        expect(writer.waiting).toBeLessThanOrEqual(SIZE);
        if (result === 'dropped') break;
        expect(writer.waiting).toBeGreaterThan(before);
        expected.push(result === 'written' ? each : { ...each, request: Buffer.alloc(0), response: '' });
      }
      // Some records stay unread across the end of the ring.
      const leave = round % 3;
      while (expected.length > leave) {
        const record = reader.next();
        const wanted = expected.shift();
        expect(record).toMatchObject({ uuid: wanted?.uuid, uri: wanted?.uri, status: 200 });
        expect(JSON.parse(record?.marks ?? '')).toEqual(wanted?.marks);
        expect(record?.request.toString()).toBe(wanted?.request?.toString());
        expect(record?.response.toString()).toBe(wanted?.response);
        reader.advance();
      }
    }
    while (expected.length > 0) expect(reader.next()?.uuid).toBe(expected.shift()?.uuid);
    expect(reader.next()).toBeUndefined();
    expect(reader.isEmpty).toBe(true);
  });

  test('what was read is read again until it was advanced past', () => {
    const ring = make();
    const writer = new RingWriter(ring, PAYLOAD);
    const reader = new RingReader(ring);
    const each = exchange(10);
    writer.write(each);
    expect(reader.next()?.uuid).toBe(each.uuid);
    expect(writer.waiting).toBeGreaterThan(0);
    reader.rewind();
    expect(reader.next()?.uuid).toBe(each.uuid);
    reader.advance();
    expect(writer.waiting).toBe(0);
  });
});

test('payloads go first: from half full on a record comes without them, and says so', () => {
  const ring = createRing(SIZE);
  const writer = new RingWriter(ring, PAYLOAD);
  const results = Array.from({ length: 40 }, () => {
    const before = writer.waiting;
    const result = writer.write(exchange(PAYLOAD));
    if (result === 'written') expect(before + 2 * PAYLOAD).toBeLessThanOrEqual(SIZE / 2);
    return result;
  });
  expect([...new Set(results)]).toEqual(['written', 'payloads dropped', 'dropped']);
  const reader = new RingReader(ring);
  for (const result of results.filter((each) => each !== 'dropped')) {
    const record = reader.next();
    expect(record?.dropped).toBe(result === 'payloads dropped');
    expect(record?.request.length).toBe(result === 'written' ? PAYLOAD : 0);
  }
});
