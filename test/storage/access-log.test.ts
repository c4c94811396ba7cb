/** The access log's own file: the damage it survives, what is removed first, and the payloads it must never contain. */

import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Exchange, LoggedExchange, RefusedRequest } from '../../src/access-log/access-log.ts';
import type { RowReport } from '../../src/access-log/row-reports.ts';
import type { Environment } from '../../src/domain/environment.ts';
import { type AccessLogOptions, SqliteAccessLog } from '../../src/storage/sqlite/access-log/access-log.ts';
import { temporaryFolder } from './temporary-folder.ts';

const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 2, 1);
const KEY = { id: 7, title: 'A platform' };
const application = (environment: Environment) => ({ id: environment === 'live' ? 1 : 2, environment });

let now = START;
let folder: ReturnType<typeof temporaryFolder>;
let logs: SqliteAccessLog[];
beforeEach(() => {
  now = START;
  folder = temporaryFolder();
  logs = [];
});
afterEach(async () => {
  for (const log of logs) await log.close();
  folder.remove();
});

function open(options: Partial<AccessLogOptions> = {}): SqliteAccessLog {
  const log = new SqliteAccessLog(join(folder.path, 'log'), {
    maxBytes: 2 ** 31,
    maxRefusedBytes: 2 ** 20,
    payloadBytes: 4096,
    retentionDays: 30,
    now: () => now,
    ...options,
  });
  logs.push(log);
  return log;
}

function exchange(change: Partial<Exchange> = {}): Exchange {
  const request = change.request ?? Buffer.from('{}');
  const response = change.response ?? '{}';
  return {
    uuid: randomUUID(),
    time: now,
    durationMs: 1.5,
    status: 200,
    method: 'PUT',
    uri: '/cdp/customer_profile/p1',
    operation: 'updateProfile',
    application: application('live'),
    key: KEY,
    keyPrefix: undefined,
    address: '192.0.2.1',
    changed: undefined,
    cause: undefined,
    mend: undefined,
    marks: [],
    payloadLogging: 'full',
    request,
    response,
    requestBytes: request.length,
    responseBytes: response.length,
    requestUnread: false,
    listed: true,
    ...change,
  };
}

function refused(body: string, environment: Environment = 'live'): RefusedRequest {
  const { uuid, time, method, uri, operation } = exchange({ uri: '/cdp/customer_profiles/audiences' });
  const rest = { status: 400, cause: 'a cause', mend: undefined, key: KEY, headers: {}, body: Buffer.from(body) };
  return { uuid, time, method, uri, operation, application: application(environment), ...rest };
}

async function all(log: SqliteAccessLog): Promise<LoggedExchange[]> {
  const found: LoggedExchange[] = [];
  const range = { start: 0, end: START * 2 };
  for (let after; ; ) {
    const slice = await log.walk({ filter: {}, range, newestFirst: false, after, limit: 1000, payloads: true });
    found.push(...slice.items);
    after = slice.next;
    if (after === undefined) return found;
  }
}

/** The payloads in the file, decompressed. */
function payloadsInFile(): Buffer[] {
  const database = new Database(join(folder.path, 'log'), { readonly: true });
  try {
    const blocks = database.prepare<[], Buffer>('select bytes from payload_blocks').pluck().all();
    expect(blocks.length).toBeGreaterThan(0);
    return blocks.map((block) => zstdDecompressSync(block));
  } finally {
    database.close();
  }
}

test('a file of the version before is brought up to date, with what it holds', async () => {
  const first = open();
  const old = exchange({ status: 400, cause: 'a cause' });
  first.record(old);
  await first.close();
  const file = new Database(join(folder.path, 'log'));
  file.exec(
    'drop index entries_marked; alter table causes drop column mark; drop table row_reports; drop table row_reports_size; pragma user_version = 2',
  );
  file.close();
  const notices: string[] = [];
  const log = open({ onNotice: ({ message }) => notices.push(message) });
  const marks = [{ kind: 'ignored field', name: 'a', suggestion: 'b' }] as const;
  const marked = exchange({ marks });
  log.record(marked);
  expect(await log.find(old.uuid)).toMatchObject({ cause: 'a cause', marks: [] });
  expect(await log.find(marked.uuid)).toMatchObject({ marks });
  const causes = await log.causes({ start: now, end: now }, undefined);
  expect(causes.map(({ cause, mark }) => ({ cause, mark }))).toEqual([
    { cause: 'a cause', mark: undefined },
    { cause: 'ignored: `a`; did you mean `b`?', mark: marks[0] },
  ]);
  expect(notices).toEqual([]);
});

describe('reports of rows', () => {
  const report = (message: string, at = now): RowReport => ({
    uuid: randomUUID(),
    time: at,
    application: application('live'),
    applied: 0,
    unchanged: 0,
    refused: 1,
    rows: [{ row: 0, integrationId: 'ada', verdict: 'refused', code: 'invalid', message }],
    isCut: false,
  });

  test('are kept within an eighth of what the log may take, the latest ones', async () => {
    const log = open({ maxBytes: 8 * 10_000 });
    const reports = Array.from({ length: 20 }, (_, index) => report(`${index} `.padEnd(1000, 'x')));
    for (const each of reports) {
      log.keepReport(each);
      // Only so many may be on their way.
      await log.findReport(each.uuid);
    }
    const found = await Promise.all(reports.map(async ({ uuid }) => log.findReport(uuid)));
    const first = found.findIndex((each) => each !== undefined);
    expect(first).toBeGreaterThan(8);
    expect(first).toBeLessThan(14);
    expect(found.slice(first)).toEqual(reports.slice(first));
    const large = report('x'.repeat(20_000));
    log.keepReport(large);
    expect(await log.findReport(large.uuid)).toBeUndefined();
    expect(await log.findReport(reports[19]?.uuid ?? '')).toEqual(reports[19]);
  });

  test('go after the retention', async () => {
    const log = open();
    const [old, recent] = [report('old', START), report('recent', START + DAY_MS)];
    for (const each of [old, recent]) log.keepReport(each);
    now = START + 30 * DAY_MS + 1;
    for (let more = true; more; ) more = await log.prune();
    expect(await log.findReport(old.uuid)).toBeUndefined();
    expect(await log.findReport(recent.uuid)).toEqual(recent);
  });

  test('lose what they say of a person, in one environment', async () => {
    const log = open();
    const quoting = {
      ...report("'ada' is not allowed"),
      rows: [{ row: 0, integrationId: 'bob', verdict: 'refused' as const, message: "'ada' is not allowed" }],
    };
    const elsewhere = { ...report('x'), application: application('sandbox') };
    const others = Array.from({ length: 50 }, () => report('x'));
    for (const each of [quoting, elsewhere, ...others]) {
      log.keepReport(each);
      await log.findReport(each.uuid);
    }
    await log.eraseProfile('live', 'ada');
    expect((await log.findReport(quoting.uuid))?.rows).toEqual([{ row: 0, verdict: 'refused' }]);
    expect(await log.findReport(elsewhere.uuid)).toEqual(elsewhere);
    for (const { uuid } of others) {
      expect((await log.findReport(uuid))?.rows).toEqual([{ row: 0, verdict: 'refused', code: 'invalid' }]);
    }
  });
});

describe('more than can be written down', () => {
  test('loses payloads first, then entries, and each loss is counted', async () => {
    const log = open();
    const request = Buffer.alloc(4096, 'x');
    const uri = `/cdp/customer_profile/${'y'.repeat(4000)}`;
    // All are recorded before the log's thread runs: more than the ring holds, with payloads and without.
    const count = 6000;
    for (let index = 0; index < count; index += 1) log.record(exchange({ uri, request }));
    const { droppedPayloads, droppedEntries, waitingBytes } = log.figures();
    expect(droppedPayloads).toBeGreaterThan(0);
    expect(droppedEntries).toBeGreaterThan(0);
    expect(waitingBytes).toBeLessThanOrEqual(16 * 1024 * 1024);

    const kept = await all(log);
    expect(kept).toHaveLength(count - droppedEntries);
    expect(kept.filter(({ requestPayload }) => requestPayload === '')).toHaveLength(droppedPayloads);
    // The figures include what the log lost.
    const minutes = await log.minutes(START, 1);
    expect(minutes.reduce((sum, { requests }) => sum + requests, 0)).toBe(count);
    log.record(exchange());
    expect(log.figures()).toMatchObject({ droppedPayloads, droppedEntries });
  });

  test('makes the oldest entries go, beyond the bytes it may take', async () => {
    const maxBytes = 1024 * 1024;
    const log = open({ maxBytes });
    const uuids: string[] = [];
    for (let batch = 0; batch < 10; batch += 1) {
      for (let index = 0; index < 100; index += 1) {
        const each = exchange({ request: Buffer.from(randomBytes(2000).toString('hex')) });
        uuids.push(each.uuid);
        log.record(each);
      }
      await log.minutes(START, undefined);
    }
    while (await log.prune());
    await log.minutes(START, undefined);
    expect(log.figures().logBytes).toBeLessThanOrEqual(maxBytes);
    const kept = (await all(log)).map(({ uuid }) => uuid);
    expect(kept.length).toBeGreaterThan(0);
    expect(kept).toEqual(uuids.slice(uuids.length - kept.length));
    expect(await log.find(uuids[0] ?? '')).toBeUndefined();
  });

  test('makes the oldest refused writes go', async () => {
    const log = open({ maxRefusedBytes: 10_000 });
    const writes = Array.from({ length: 5 }, (_, index) => refused(String(index).repeat(4000)));
    for (const write of writes) log.keep(write);
    const kept = await log.refusals({}, undefined, 10);
    expect(kept.map(({ uuid }) => uuid)).toEqual([writes[4]?.uuid, writes[3]?.uuid]);
  });
});

test('what is older than it may be is removed, figures and refused writes too', async () => {
  const log = open({ retentionDays: 3 });
  const cause = 'attribute is not defined';
  const old = exchange({ status: 400, cause });
  log.record(old);
  log.keep(refused('old'));
  expect(await all(log)).toHaveLength(1);
  await log.minutes(START, undefined);

  now += 2 * DAY_MS;
  const young = exchange({ status: 400, cause });
  log.record(young);
  while (await log.prune());
  expect(await all(log)).toHaveLength(2);

  // To the millisecond.
  now = START + 3 * DAY_MS;
  while (await log.prune());
  expect(await all(log)).toHaveLength(2);

  now += 0.5 * DAY_MS;
  while (await log.prune());
  expect((await all(log)).map(({ uuid }) => uuid)).toEqual([young.uuid]);
  expect(await log.refusals({}, undefined, 10)).toEqual([]);
  const causes = await log.causes({ start: 0, end: now }, undefined);
  expect(causes).toMatchObject([{ cause, count: 1, lastUuid: young.uuid }]);
  expect(await log.minutes(START, undefined)).toMatchObject([{ requests: 1 }]);
});

test('nothing that tells of an erased profile stays, in its environment', async () => {
  const log = open();
  const body = Buffer.from('{"data":[{"customerProfileId":"anna@example.com"}]}');
  const named = exchange({ uri: '/cdp/customer_profile/anna%40example.com' });
  const within = exchange({ uri: '/cdp/customer_profiles/audiences', request: body });
  const answered = exchange({ response: body.toString() });
  const other = exchange({ request: Buffer.from('{"customerProfileId":"joanna@example.com"}') });
  const elsewhere = exchange({ application: application('sandbox'), request: body });
  for (const each of [named, within, answered, other, elsewhere]) log.record(each);
  const [write, writeElsewhere] = [refused(body.toString()), refused(body.toString(), 'sandbox')];
  log.keep(write);
  log.keep(writeElsewhere);

  await log.eraseProfile('live', 'anna@example.com');

  for (const { uuid } of [named, within, answered]) {
    const found = await log.find(uuid);
    expect(found).toMatchObject({ status: 200, requestPayload: '', responsePayload: '', payloadState: 'erased' });
    expect(found?.uri).not.toContain('anna');
  }
  expect(await log.find(other.uuid)).toMatchObject({ payloadState: 'full', requestPayload: String(other.request) });
  expect(await log.find(elsewhere.uuid)).toMatchObject({ payloadState: 'full', requestPayload: String(body) });
  expect((await log.refusals({}, undefined, 10)).map(({ uuid }) => uuid)).toEqual([writeElsewhere.uuid]);
  await log.close();
  const content = Buffer.concat(payloadsInFile()).toString();
  // Once, in a payload that was sent elsewhere.
  expect(content.split('"anna@example.com"')).toHaveLength(2);
  expect(content).toContain('joanna@example.com');
});

test('of many people who are erased at once nothing stays, and of others everything', async () => {
  const log = open();
  const people = Array.from({ length: 60 }, (_, number) => `person-${number}`);
  const naming = (id: string, environment: 'live' | 'sandbox') =>
    exchange({ application: application(environment), request: Buffer.from(`{"customerProfileId":"${id}"}`) });
  const entries = people.map((id) => ({ live: naming(id, 'live'), sandbox: naming(id, 'sandbox') }));
  for (const { live, sandbox } of entries) for (const each of [live, sandbox]) log.record(each);
  for (const id of people) log.keep(refused(`{"customerProfileId":"${id}"}`));

  // Everybody except the last; the second one in the other environment.
  const erased = people.slice(0, -1);
  await Promise.all(erased.map(async (id, index) => log.eraseProfile(index === 1 ? 'sandbox' : 'live', id)));

  for (const [index, { live, sandbox }] of entries.entries()) {
    const states = [await log.find(live.uuid), await log.find(sandbox.uuid)].map((each) => each?.payloadState);
    const expected = index === people.length - 1 ? ['full', 'full'] : ['erased', 'full'];
    expect(states, people[index]).toEqual(index === 1 ? ['full', 'erased'] : expected);
  }
  expect(await log.refusals({}, undefined, 100)).toHaveLength(2);
});

test('payloads that cannot be read any more cost the file its place, and a new one is begun', async () => {
  const before = open();
  before.record(exchange());
  await before.close();
  const database = new Database(join(folder.path, 'log'));
  database.exec("update payload_blocks set bytes = x'28b52ffd00'");
  database.close();

  const notices: string[] = [];
  const log = open({ onNotice: ({ message }) => notices.push(message) });
  expect(await all(log)).toEqual([]);
  const each = exchange();
  log.record(each);
  expect((await all(log)).map(({ uuid }) => uuid)).toEqual([each.uuid]);
  await log.minutes(START, undefined);
  expect(notices).toEqual(['the access log was damaged; it was moved aside and a new one was started']);
  expect(existsSync(join(folder.path, 'log.damaged'))).toBe(true);
});

describe('payloads', () => {
  test('hold no secret, in the answers and in the file', async () => {
    const log = open();
    const secret = 'rck_0123456789abcdefghijklmnopqrstuv';
    const request = Buffer.from(
      `{"account":{"account_settings":{"apiKey":"${secret}"}},"\\u0070assword":"hunter2","note":"my ${secret}"}`,
    );
    const each = exchange({ request, response: `{"token":"s3cret","name":"n"}`, uri: `/segment/x?api_key=${secret}` });
    log.record(each);
    const found = await log.find(each.uuid);
    expect(JSON.parse(found?.requestPayload ?? '')).toEqual({
      account: { account_settings: { apiKey: '***' } },
      password: '***',
      note: 'my rck_***',
    });
    expect(found).toMatchObject({ responsePayload: '{"token":"***","name":"n"}', uri: '/segment/x?api_key=***' });
    await log.close();
    const content = Buffer.concat([readFileSync(join(folder.path, 'log')), ...payloadsInFile()]);
    expect(content.includes('"account_settings"')).toBe(true);
    for (const text of [secret, 'hunter2', 's3cret']) expect(content.includes(text)).toBe(false);
  });

  test('are kept as their Application says', async () => {
    const log = open();
    const request = Buffer.from('{"attributes":{"Email":"anna@example.com","Age":41},"customerProfileId":"p1"}');
    const masked = exchange({ request, payloadLogging: 'masked' });
    const off = exchange({ request, payloadLogging: 'off' });
    log.record(masked);
    log.record(off);
    expect(await log.find(masked.uuid)).toMatchObject({
      payloadState: 'masked',
      requestPayload: '{"attributes":{"Email":"(string)","Age":"(number)"},"customerProfileId":"p1"}',
    });
    expect(await log.find(off.uuid)).toMatchObject({ payloadState: 'off', requestPayload: '', responsePayload: '' });
  });

  test('are cut between characters', async () => {
    const log = open({ payloadBytes: 10 });
    const each = exchange({ request: Buffer.from('€€€€'), response: 'short' });
    log.record(each);
    expect(await log.find(each.uuid)).toMatchObject({
      requestPayload: '€€€',
      requestBytes: 12,
      requestCut: true,
      responsePayload: 'short',
      responseCut: false,
    });
  });
});

test('what was recorded is there after a restart', async () => {
  const before = open();
  const each = exchange({ changed: { joins: 2, leaves: 1, profiles: 3 } });
  before.record(each);
  const write = refused('{"kept":"whole"}');
  before.keep(write);
  await before.close();

  const after = open();
  expect(await all(after)).toMatchObject([{ uuid: each.uuid, joins: 2, leaves: 1, profiles: 3, keyName: KEY.title }]);
  expect(await after.minutes(START, undefined)).toMatchObject([{ requests: 1 }]);
  const taken = await after.takeRefusal(write.uuid);
  expect(taken?.body.toString()).toBe('{"kept":"whole"}');
  // A refusal that one caller has taken is not available to others.
  expect(await after.takeRefusal(write.uuid)).toBeUndefined();
  await after.settleRefusal(write.uuid, undefined);
  expect(await after.takeRefusal(write.uuid)).toBeDefined();
});

describe('followers', () => {
  test('hear of an entry that somebody else read first', async () => {
    const log = open();
    let rung = 0;
    log.follow(() => {
      rung += 1;
    });
    const logged = exchange();
    log.record(logged);
    // A read includes waiting entries before the next regular drain.
    expect((await log.find(logged.uuid))?.uuid).toBe(logged.uuid);
    await expect.poll(() => rung, { timeout: 5000 }).toBe(1);
  });
});
