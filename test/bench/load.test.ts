/** The benchmark's load: every bulk call changes something, answers are read however they arrive, wrong ones are found. */

import { describe, expect, test } from 'vitest';
import { HttpAnswers, RedisReplies } from '../../bench/load/answers.ts';
import { BulkOrder } from '../../bench/load/bulk-order.ts';
import { feedOf } from '../../bench/load/requests.ts';
import { CHANGES_PER_CALL } from '../../bench/load/task.ts';

const CONNECTIONS = 3;
const PROFILES = 9500;

describe('bulk calls', () => {
  const order = new BulkOrder(PROFILES, CONNECTIONS);

  test('of a pass never meet a profile twice, whatever the connection', () => {
    const passes = Array.from({ length: CONNECTIONS }, (_, connection) =>
      Array.from({ length: order.cycle / 2 }, (_, call) => order.profiles(connection, call)),
    );
    const all = passes.flat(2);
    expect(new Set(all).size).toBe(all.length);
    expect(all).toHaveLength(CONNECTIONS * (order.cycle / 2) * CHANGES_PER_CALL);
    expect(Math.max(...all)).toBeLessThan(PROFILES);
  });

  test('change every profile they name, and leave as many members as the balance says', () => {
    const members = new Set<number>();
    const calls = 3 * order.cycle + 2;
    for (let call = 0; call < calls; call += 1) {
      const profiles = order.profiles(1, call);
      const changed = profiles.filter((each) => members.has(each) !== order.joins(call));
      expect(changed).toHaveLength(CHANGES_PER_CALL);
      for (const each of profiles) {
        if (order.joins(call)) members.add(each);
        else members.delete(each);
      }
      expect(order.balance([0, 0, 0], [0, call + 1, 0])).toBe(members.size);
    }
    expect(order.balance([0, 1, 0], [0, calls, 0])).toBe(members.size - CHANGES_PER_CALL);
  });

  test('need enough profiles for a call on each connection', () => {
    expect(() => new BulkOrder(2999, 3)).toThrow('2999 profiles are too few for 3 connections');
  });

  test('end with the last one that was rendered, unless they start again from the beginning', () => {
    const work = { kind: 'bulk', key: 'k', audiences: ['a'], profiles: PROFILES, cursors: [2] } as const;
    const { cycle } = new BulkOrder(PROFILES, 1);
    const few = feedOf({ ...work, calls: 2 }, 1);
    expect(few.request(0, 1)).toBeDefined();
    expect(few.request(0, 2)).toBeUndefined();
    const many = feedOf({ ...work, calls: cycle + 1 }, 1);
    expect(many.request(0, cycle)).toEqual(many.request(0, 0));
    expect(many.request(0, cycle / 2)).not.toEqual(many.request(0, 0));
  });
});

describe('answers', () => {
  const bytes = Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 7\r\nx: y\r\n\r\n{"a":1}');

  test('of HTTP are read however they arrive', () => {
    const reader = new HttpAnswers();
    for (let cut = 1; cut < bytes.length; cut += 1) {
      expect(reader.push(bytes.subarray(0, cut))).toBeUndefined();
      expect(reader.push(bytes.subarray(cut))).toMatchObject({ status: 200, body: Buffer.from('{"a":1}') });
    }
    expect(reader.push(Buffer.from('HTTP/1.1 204 No Content\r\n\r\n'))).toMatchObject({ status: 204 });
  });

  test.each([
    ['no length', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n', 'without Content-Length'],
    ['more than they announce', `${bytes.toString()}HTTP`, 'more bytes'],
  ])('of HTTP that have %s are refused', (_, received, reason) => {
    expect(() => new HttpAnswers().push(Buffer.from(received))).toThrow(reason);
  });

  test('of Redis count only if every command changed something', () => {
    const reader = new RedisReplies(2);
    expect(reader.push(Buffer.from(':1\r\n'))).toBeUndefined();
    expect(reader.push(Buffer.from(':1\r\n'))).toMatchObject({ status: 200 });
    expect(reader.push(Buffer.from(':1\r\n:0\r\n'))).toMatchObject({ status: 500 });
  });

  test('are wrong with another status, or about another profile', () => {
    const feed = feedOf({ kind: 'update', key: 'k', audienceIds: [1, 2, 3], profiles: 1, seed: 1, requests: 1 }, 1);
    const answer = (status: number, integrationId: string) => ({
      status,
      body: Buffer.from(JSON.stringify({ customerProfile: { integrationId, attributes: { Tier: 'gold' } } })),
    });
    expect(feed.problem(answer(200, 'p0'), 0, 0)).toBeUndefined();
    expect(feed.problem(answer(200, 'p1'), 0, 0)).toBe('not the answer for p0');
    expect(feed.problem(answer(503, 'p0'), 0, 1)).toBe('status 503');
  });
});
