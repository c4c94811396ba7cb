/** Complete member lists in the Management API: export, import, and import with a preview. */

import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Import } from '../../src/http/surfaces/management/imports-schemas.ts';
import type {
  ImportPreview,
  MembershipChange,
  PreviewedImport,
} from '../../src/http/surfaces/management/memberships-schemas.ts';
import { type BackOffice, startBackOffice } from './back-office.ts';
import type { HttpAnswer } from './client.ts';
import { any, checkErrorBody, expectStatus } from './scenario.ts';

const HEADER = 'profileintegrationid';
const MEBIBYTE = 1024 * 1024;
const BOUNDARY = 'xxBOUNDARYxx';
const FORM = { 'Content-Type': `multipart/form-data; boundary=${BOUNDARY}` };

let office: BackOffice;
let reader: string;

const form = (text: string, field = 'upFile'): string =>
  `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${field}"; filename="members.csv"\r\nContent-Type: text/csv\r\n\r\n${text}\r\n`;
const END = `--${BOUNDARY}--\r\n`;
const list = (...ids: string[]): string => `${HEADER}\n${ids.map((id) => `${id}\n`).join('')}`;
/** An empty list of at least this many bytes. */
const blankLines = (bytes: number): string => `${' '.repeat(1023)}\n`.repeat(Math.ceil(bytes / 1024));
const range = (count: number): string[] => Array.from({ length: count }, (_, index) => `c${index}`);

async function upload(path: string, body: string, headers: Record<string, string> = {}): Promise<HttpAnswer> {
  const all = { Authorization: office.admin, ...FORM, 'Content-Length': String(Buffer.byteLength(body)), ...headers };
  const { hostname, port } = new URL(office.server.url);
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, method: 'POST', path, headers: all, agent: false }, (incoming) => {
      let text = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (piece: string) => {
        text += piece;
      });
      incoming.on('end', () => {
        outgoing.destroy();
        const { statusCode: status = 0, headers: answered } = incoming;
        resolve({ status, headers: answered, text, json: (): unknown => JSON.parse(text) });
      });
    });
    outgoing.on('error', reject);
    if (headers['Expect'] === undefined) outgoing.end(body);
    else {
      outgoing.flushHeaders();
      outgoing.on('continue', () => outgoing.end(body));
    }
  });
}

async function importList(id: number, text: string, status = 200): Promise<Import> {
  const answer = await upload(`/v1/audiences/${id}/memberships/import`, form(text) + END);
  expectStatus(answer, status);
  return answer.json() as Import;
}

async function preview(id: number, text: string): Promise<ImportPreview> {
  const answer = await upload(`/v1/audiences/${id}/memberships/import_previews`, form(text) + END);
  expectStatus(answer, 201);
  return answer.json() as ImportPreview;
}

const commit = async (id: number, previewId: string, body: object = {}): Promise<HttpAnswer> =>
  office.call('POST', `/v1/audiences/${id}/memberships/import_previews/${previewId}/commit`, { body });

async function newAudience(name: string, ...members: string[]): Promise<number> {
  const sandbox = name === 'Rehearsal';
  const { id } = await office.ask<{ id: number }>(201, 'POST', '/v1/audiences', { body: { name, sandbox } });
  if (members.length > 0) await importList(id, list(...members));
  return id;
}

async function exported(id: number): Promise<string[]> {
  const answer = await office.call('GET', `/v1/audiences/${id}/memberships/export`);
  expectStatus(answer, 200);
  return answer.text.split('\n').slice(1, -1);
}

const latestChange = async (id: number): Promise<MembershipChange | undefined> =>
  (await office.ask<{ data: MembershipChange[] }>(200, 'GET', `/v1/audiences/${id}/changes`)).data[0];
const isKnown = async (integrationId: string, query = ''): Promise<boolean> =>
  (await office.ask<{ data: unknown[] }>(200, 'GET', `/v1/customers/no_total?integrationId=${integrationId}${query}`))
    .data.length === 1;

beforeAll(async () => {
  office = await startBackOffice({ env: { ROLLCALL_MAX_UPLOAD_BYTES: '12M' } });
  const body = { email: 'reader@example.com', isAdmin: false };
  const { id, password } = await office.ask<{ id: number; password: string }>(201, 'POST', '/v1/users', { body });
  const change = { currentPassword: password, newPassword: 'correct horse battery' };
  const first = await office.signIn('reader@example.com', password);
  await office.ask(204, 'POST', `/v1/users/${id}/password`, { as: first, body: change });
  reader = await office.signIn('reader@example.com', 'correct horse battery');
});
afterAll(async () => office.server.stop());

describe('export', () => {
  test('gives one line per member, in the order of their numbers, and is written down', async () => {
    const id = await newAudience('Exported', 'b', 'a', '"with, comma"');
    const answer = await office.call('GET', `/v1/audiences/${id}/memberships/export`);
    expect(answer).toMatchObject({
      status: 200,
      text: `${HEADER}\nb\na\n"with, comma"\n`,
      headers: {
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': `attachment; filename="audience-${id}-members.csv"`,
      },
    });
    const audit = await office.ask<{ data: unknown[] }>(200, 'GET', '/v1/changes?entityPath=memberships/export');
    expect(audit.data[0]).toMatchObject({ entity: `/v1/audiences/${id}/memberships/export`, userId: any.id });
  });

  test('of an audience without members is a header alone', async () => {
    const answer = await office.call('GET', `/v1/audiences/${await newAudience('Empty')}/memberships/export`);
    expect(answer.text).toBe(`${HEADER}\n`);
    const head = await office.call('HEAD', `/v1/audiences/${await newAudience('Head')}/memberships/export`);
    expect(head).toMatchObject({ status: 200, text: '', headers: { 'content-type': 'text/csv; charset=utf-8' } });
  });

  test('is not for those who only read, and 404 for an unknown audience', async () => {
    expectStatus(await office.call('GET', '/v1/audiences/1/memberships/export', { as: reader }), 403);
    const unknown = await office.call('GET', '/v1/audiences/99999/memberships/export');
    expectStatus(unknown, 404);
    checkErrorBody(unknown, 'integration');
  });
});

describe('import', () => {
  test('replaces all members, creates unknown customers, and is in the ledger and the audit log', async () => {
    const id = await newAudience('Replaced', 'old', 'kept');
    const answer = await importList(id, `\ufeffProfileIntegrationId\r\nkept\r\n\r\n"new, ""one"""\r\nkept\r\n`);
    expect(answer).toEqual({
      id: any.id,
      created: any.time,
      accountId: 1,
      userId: any.id,
      entity: 'AudienceMembership',
      amount: 2,
    });
    expect(new Set(await exported(id))).toEqual(new Set(['kept', '"new, ""one"""']));
    expect(await office.ask(200, 'GET', `/v1/audiences/${id}`)).toMatchObject({ membersCount: 2 });
    expect(await latestChange(id)).toMatchObject({
      action: 'replaced',
      count: 2,
      customerId: null,
      keyId: null,
      userId: answer.userId,
      userEmail: 'admin@example.com',
    });
    const audit = await office.ask<{ data: { entity: string }[] }>(
      200,
      'GET',
      `/v1/changes?entityPath=/audiences/${id}/memberships`,
    );
    const imports = audit.data.filter(({ entity }) => entity === `/v1/audiences/${id}/memberships`);
    expect(imports[0]).toMatchObject({ userId: answer.userId, new: { members: 2, joins: 1, leaves: 1 } });
  });

  test('stays in the environment of the audience', async () => {
    await newAudience('Rehearsal', 'only-rehearsing');
    expect(await isKnown('only-rehearsing')).toBe(false);
    expect(await isKnown('only-rehearsing', '&sandbox=true')).toBe(true);
  });

  test.for([
    ['no header', 'ada\n', ['1']],
    ['another column', `${HEADER},name\nada,Ada\n`, ['1']],
    ['bad lines', `${HEADER}\nfine\n${'x'.repeat(1001)}\na,b\n\nfine\nc"d\n`, ['3', '4', '7']],
    ['a quote that is never closed', `${HEADER}\nfine\n"open\n`, ['3']],
    ['nothing', '', ['1']],
  ] as const)('of a file with %s is refused with its lines, and changes nothing', async ([what, text, lines]) => {
    const id = await newAudience(`Bad: ${what}`, 'stays');
    const before = await latestChange(id);
    const answer = await upload(`/v1/audiences/${id}/memberships/import`, form(text) + END);
    expectStatus(answer, 400);
    const { errors } = answer.json() as { errors: { source: { line: string } }[] };
    expect(errors.map(({ source }) => source.line)).toEqual(lines);
    expect(await exported(id)).toEqual(['stays']);
    expect(await latestChange(id)).toEqual(before);
    expect(await isKnown('fine')).toBe(false);
  });

  test.for([
    ['JSON', '{}', { 'Content-Type': 'application/json' }],
    ['the bare file', list('ada'), { 'Content-Type': 'text/csv' }],
    ['a form without a boundary', form(list('ada')) + END, { 'Content-Type': 'multipart/form-data' }],
    ['a form without the file', form(list('ada'), 'file') + END, {}],
    ['a form with two files', form(list('ada')) + form(list('bob')) + END, {}],
    ['a form that is cut off', form(list('ada')), {}],
    ['an empty form', END, {}],
  ] as const)('refuses %s', async ([what, body, headers]) => {
    const id = await newAudience(`Refused: ${what}`, 'stays');
    for (const operation of ['import', 'import_previews']) {
      const answer = await upload(`/v1/audiences/${id}/memberships/${operation}`, body, headers);
      expectStatus(answer, 400);
      checkErrorBody(answer, 'integration');
    }
    expect(await exported(id)).toEqual(['stays']);
  });

  test('takes files larger than other bodies, and says 413 to those beyond the limit', async () => {
    const id = await newAudience('Large');
    const path = `/v1/audiences/${id}/memberships/import`;
    const large = form(`${list('ada')}${blankLines(11 * MEBIBYTE)}`) + END;
    expectStatus(await upload(path, large, { Expect: '100-continue' }), 200);
    const tooLarge = form(blankLines(12 * MEBIBYTE + 1)) + END;
    expectStatus(await upload(path, tooLarge), 413);
    // The answer comes before the list is sent.
    const declared = { 'Content-Length': String(13 * MEBIBYTE), Expect: '100-continue' };
    expectStatus(await upload(path, tooLarge, declared), 413);
    expect(await exported(id)).toEqual(['ada']);
  });

  test('is for admins, of an audience there is', async () => {
    for (const operation of ['import', 'import_previews']) {
      const path = `/v1/audiences/1/memberships/${operation}`;
      expectStatus(await upload(path, form(list('ada')) + END, { Authorization: reader }), 403);
      expectStatus(await upload(path.replace('/1/', '/99999/'), form(list('ada')) + END), 404);
    }
  });

  test('may take longer than other requests while bytes come, and is given up when none do', async () => {
    const impatient = await startBackOffice({ env: { ROLLCALL_REQUEST_TIMEOUT_SECONDS: '2' } });
    const { id } = await impatient.ask<{ id: number }>(201, 'POST', '/v1/audiences', { body: { name: 'Slow' } });
    const { hostname, port } = new URL(impatient.server.url);
    const trickle = async (pieces: readonly string[], ends: boolean): Promise<number> =>
      new Promise((resolve, reject) => {
        const headers = { Authorization: impatient.admin, ...FORM };
        const path = `/v1/audiences/${id}/memberships/import`;
        const outgoing = request({ hostname, port, method: 'POST', path, headers, agent: false }, (incoming) => {
          resolve(incoming.statusCode ?? 0);
          outgoing.destroy();
        });
        outgoing.on('error', reject);
        void (async () => {
          for (const piece of pieces) {
            outgoing.write(piece);
            await delay(500);
          }
          if (ends) outgoing.end(END);
        })();
      });
    const begin = form(HEADER).slice(0, -2);
    const [slow, stalled] = await Promise.all([
      trickle([begin, '\na', '\nb', '\nc', '\nd', '\ne', '\nf', '\r\n'], true),
      trickle([begin], false),
    ]);
    expect({ slow, stalled }).toEqual({ slow: 200, stalled: 408 });
    expect(await impatient.ask(200, 'GET', `/v1/audiences/${id}`)).toMatchObject({ membersCount: 6 });
    await impatient.server.stop();
  });
});

describe('import with a preview', () => {
  test('tells what it would come to, changes nothing, and then does it', async () => {
    const id = await newAudience('Previewed', ...range(10));
    const before = await latestChange(id);
    const seen = await preview(id, list(...range(9), 'c1', 'new-1', 'new-2'));
    expect(seen).toEqual({
      id: any.uuid,
      audienceId: id,
      created: any.time,
      expires: any.time,
      column: HEADER,
      lines: 12,
      members: 11,
      joins: 2,
      leaves: 1,
      newProfiles: 2,
      refused: { count: 0, lines: [] },
      warnings: [
        {
          kind: 'repeated',
          count: 1,
          message: '1 of 12 repeat an earlier one, and count once',
          samples: [{ line: 11, entry: 'c1' }],
        },
      ],
      needsName: false,
    });
    expect(Date.parse(seen.expires) - Date.parse(seen.created)).toBe(30 * 60 * 1000);
    expect(await latestChange(id)).toEqual(before);
    expect(await isKnown('new-1')).toBe(false);

    const unseen = await commit(id, seen.id);
    expectStatus(unseen, 400);
    expect(checkErrorBody(unseen, 'integration')).toContain('acceptWarnings');
    const answer = await commit(id, seen.id, { acceptWarnings: true });
    expectStatus(answer, 200);
    expect(answer.json() as PreviewedImport).toMatchObject({
      warnings: { repeated: 1 },
      entity: 'AudienceMembership',
      amount: 11,
      joins: 2,
      leaves: 1,
      refused: 0,
      changedSincePreview: false,
    });
    expect(await exported(id)).toEqual([...range(9), 'new-1', 'new-2']);
    expectStatus(await commit(id, seen.id), 404);
  });

  test('asks for the name when more than a fifth would leave', async () => {
    const id = await newAudience('Drastic', ...range(10));
    expect(await preview(id, list(...range(8)))).toMatchObject({ leaves: 2, needsName: false });
    const seen = await preview(id, list(...range(7)));
    expect(seen).toMatchObject({ leaves: 3, needsName: true });
    for (const body of [{}, { confirmName: 'drastic' }, { confirmName: '' }]) {
      const answer = await commit(id, seen.id, body);
      expectStatus(answer, 400);
      checkErrorBody(answer, 'integration');
    }
    expect(await exported(id)).toHaveLength(10);
    expectStatus(await commit(id, seen.id, { confirmName: 'Drastic' }), 200);
    expect(await exported(id)).toEqual(range(7));
  });

  test('asks for the name when nobody would be left, also where nobody was', async () => {
    for (const name of ['Emptied', 'Empty before']) {
      const id = await newAudience(name, ...(name === 'Emptied' ? range(3) : []));
      const seen = await preview(id, list());
      expect(seen).toMatchObject({ members: 0, needsName: true });
      expectStatus(await commit(id, seen.id), 400);
      expectStatus(await commit(id, seen.id, { confirmName: name }), 200);
      expect(await exported(id)).toEqual([]);
    }
  });

  test('does not become drastic unnoticed', async () => {
    const id = await newAudience('Moving', ...range(10));
    const seen = await preview(id, list(...range(10)));
    expect(seen.needsName).toBe(false);
    await importList(id, list(...range(20)));
    const refused = await commit(id, seen.id);
    expectStatus(refused, 409);
    checkErrorBody(refused, 'integration');
    expect(await exported(id)).toHaveLength(20);
    const answer = await commit(id, seen.id, { confirmName: 'Moving' });
    expectStatus(answer, 200);
    expect(answer.json()).toMatchObject({ leaves: 10, changedSincePreview: true });
  });

  test('names lines that cannot be taken, and leaves them out only when told to', async () => {
    const id = await newAudience('Refusing', 'a');
    const bad = Array.from({ length: 150 }, (_, index) => `x${index},y`);
    const seen = await preview(id, list('a', ...bad, 'b'));
    expect(seen).toMatchObject({ lines: 152, members: 2, joins: 1, refused: { count: 150 } });
    expect(seen.refused.lines).toHaveLength(100);
    expect(seen.refused.lines[0]).toEqual({ line: 3, message: expect.stringContaining('column') as string });
    expectStatus(await commit(id, seen.id), 400);
    const answer = await commit(id, seen.id, { skipRefused: true });
    expectStatus(answer, 200);
    expect(answer.json()).toMatchObject({ amount: 2, refused: 150 });
  });

  test('can be given up, and is of its audience alone', async () => {
    const [id, other] = [await newAudience('Given up', 'a'), await newAudience('Other', 'b')];
    const seen = await preview(id, list('a', 'b'));
    const path = `/v1/audiences/${id}/memberships/import_previews/${seen.id}`;
    expectStatus(await commit(other, seen.id), 404);
    expectStatus(await office.call('DELETE', path.replace(`/${id}/`, `/${other}/`)), 404);
    expectStatus(await office.call('DELETE', path, { as: reader }), 403);
    expectStatus(await office.call('POST', `${path}/commit`, { as: reader, body: {} }), 403);
    expectStatus(await office.call('DELETE', path), 204);
    expectStatus(await office.call('DELETE', path), 404);
    expectStatus(await commit(id, seen.id), 404);
    expect(await exported(id)).toEqual(['a']);
  });
});

test('a customer may be called like an operation', async () => {
  const id = await newAudience('Odd names');
  for (const name of ['export', 'import', 'import_previews']) {
    await office.ask(204, 'PUT', `/v1/audiences/${id}/memberships/${name}`);
  }
  expect(await exported(id)).toEqual(['export', 'import', 'import_previews']);
  await office.ask(204, 'DELETE', `/v1/audiences/${id}/memberships/export`);
  expect(await exported(id)).toEqual(['import', 'import_previews']);
});
