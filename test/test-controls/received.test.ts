/** Which requests are kept, and how a test waits for one. */

import { expect, test } from 'vitest';
import { Received, type ReceivedRequest } from '../../src/test-controls/received.ts';

const ENDING = new AbortController().signal;
const LONG_MS = 60_000;

function request(path: string): Omit<ReceivedRequest, 'number'> {
  return {
    id: '0d5a3b52-6a0e-4d8e-9a55-0c5b1f6f1a00',
    time: '2030-01-01T12:00:00.000Z',
    method: 'PUT',
    path,
    headers: {},
    body: null,
    status: 200,
    response: null,
    operation: null,
    application: null,
    key: null,
    cause: null,
    marks: [],
    changed: null,
    fault: null,
  };
}

function filled(count: number, bytes = 1): Received {
  const received = new Received();
  for (let number = 1; number <= count; number += 1) received.add(request(`/${number}`), bytes);
  return received;
}

test('lists what came after a number', () => {
  const received = filled(5);
  expect(received.list(2, 2).map(({ number, path }) => [number, path])).toEqual([
    [3, '/3'],
    [4, '/4'],
  ]);
  expect(received.list(5, 10)).toEqual([]);
  received.clear();
  received.add(request('/next'), 1);
  expect(received.list(0, 10).map(({ number }) => number)).toEqual([6]);
});

test('forgets the oldest beyond 10,000 requests, or 64 MiB, but never the latest', () => {
  expect(filled(10_010).list(0, 1)[0]?.number).toBe(11);
  expect(filled(70, 1024 * 1024).list(0, 1)[0]?.number).toBe(7);
  expect(
    filled(3, 100 * 1024 * 1024)
      .list(0, 10)
      .map(({ number }) => number),
  ).toEqual([3]);
});

test('a wait ends with the next request, with its time, or with the server', async () => {
  const received = filled(1);
  await received.wait(0, LONG_MS, ENDING);
  const waiting = received.wait(1, LONG_MS, ENDING);
  received.add(request('/2'), 1);
  await waiting;
  await received.wait(2, 1, ENDING);
  const server = new AbortController();
  const interrupted = received.wait(2, LONG_MS, server.signal);
  server.abort();
  await interrupted;
  await received.wait(2, LONG_MS, server.signal);
});

test('what was cleared is not waited for in vain', async () => {
  const received = filled(3);
  received.clear();
  const waiting = received.wait(0, LONG_MS, ENDING);
  received.add(request('/4'), 1);
  await waiting;
  expect(received.list(0, 10).map(({ path }) => path)).toEqual(['/4']);
});
