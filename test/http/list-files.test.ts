/**
 * Lists as common tools write them, through the Management API, in every form that clients send: read, refused, or
 * warned about.
 */

import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Import } from '../../src/http/surfaces/management/imports-schemas.ts';
import type { ImportColumns, ImportPreview } from '../../src/http/surfaces/management/memberships-schemas.ts';
import { type BackOffice, startBackOffice } from './back-office.ts';
import { checkErrorBody } from './scenario.ts';

const H = 'profileintegrationid';
const BOUNDARY = 'xxBOUNDARYxx';

let office: BackOffice;
beforeAll(async () => {
  office = await startBackOffice({ env: { ROLLCALL_MAX_UPLOAD_BYTES: '2M' } });
});
afterAll(async () => office.server.stop());

interface Form {
  readonly type: string;
  readonly body: Buffer;
}

/** A part of a form, as the file of a browser or as the plain field of some SDKs. */
function part(content: string | Buffer, headers: string): Buffer {
  const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; ${headers}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), Buffer.from(content), Buffer.from('\r\n')]);
}
const multipart = (...parts: Buffer[]): Form => ({
  type: `multipart/form-data; boundary=${BOUNDARY}`,
  body: Buffer.concat([...parts, Buffer.from(`--${BOUNDARY}--\r\n`)]),
});
const asFile = (content: string | Buffer): Form =>
  multipart(part(content, 'name="upFile"; filename="members.csv"\r\nContent-Type: text/csv'));
const asField = (content: string | Buffer): Form => multipart(part(content, 'name="upFile"'));
const urlencoded = (body: string): Form => ({ type: 'application/x-www-form-urlencoded', body: Buffer.from(body) });
/** Encodes a value as the URL standard says: unreserved bytes unchanged, blanks as plus, everything else escaped. */
const escaped = (content: string | Buffer): string =>
  [...Buffer.from(content)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      if (character === ' ') return '+';
      return /[\w*.-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
const asUrlencoded = (content: string | Buffer): Form => urlencoded(`upFile=${escaped(content)}`);

async function post(path: string, form: Form, headers: Record<string, string> = {}) {
  const answer = await fetch(`${office.server.url}${path}`, {
    method: 'POST',
    headers: { authorization: office.admin, 'content-type': form.type, prefer: 'extended', ...headers },
    body: form.body as Uint8Array<ArrayBuffer>,
  });
  const text = await answer.text();
  return {
    status: answer.status,
    headers: Object.fromEntries(answer.headers),
    text,
    json: (): unknown => JSON.parse(text),
  };
}

let audiences = 0;
async function newAudience(...members: string[]): Promise<number> {
  audiences += 1;
  const body = { name: `List ${audiences}` };
  const { id } = await office.ask<{ id: number }>(201, 'POST', '/v1/audiences', { body });
  if (members.length > 0) expect((await importing(id, asFile(`${H}\n${members.join('\n')}\n`))).status).toBe(200);
  return id;
}

const importing = async (id: number, form: Form, query = '') =>
  post(`/v1/audiences/${id}/memberships/import${query}`, form);
const previewing = async (id: number, form: Form, query = '') =>
  post(`/v1/audiences/${id}/memberships/import_previews${query}`, form);

async function members(id: number): Promise<string[]> {
  const { text } = await office.call('GET', `/v1/audiences/${id}/memberships/export`);
  return text.split('\n').slice(1, -1);
}

describe('takes a list as', () => {
  const nasty = `${H}\r\na+b%41&=;x\r\n"q, ""é"" 👍"\r\n 100%\r\n`;
  const expected = ['"a+b%41&=;x"', '"q, ""é"" 👍"', '" 100%"'];
  const forms: [string, Form][] = [
    ['the file of a form', asFile(nasty)],
    ['a plain field of a form', asField(nasty)],
    ['a form-urlencoded field', asUrlencoded(nasty)],
    [
      'a form-urlencoded field with a charset',
      { ...asUrlencoded(nasty), type: 'Application/x-www-form-urlencoded; charset=UTF-8' },
    ],
    [
      'a file among other fields',
      multipart(part('x', 'name="other"'), part(nasty, 'name="upFile"'), part('y', 'name="b"; filename="up.csv"')),
    ],
    [
      'a form-urlencoded field among others',
      urlencoded(`a=1&b&=c&${'d'.repeat(99)}=2&up%46ile=${escaped(nasty)}&upFileX=${escaped(nasty)}&e=%zz`),
    ],
    ['gzip in a file', asFile(gzipSync(nasty))],
    ['gzip in a plain field', asField(gzipSync(nasty))],
    ['gzip in a form-urlencoded field', asUrlencoded(gzipSync(nasty))],
    ['UTF-16 in a plain field', asField(Buffer.from(`\ufeff${nasty}`, 'utf16le'))],
    ['UTF-16 in a form-urlencoded field', asUrlencoded(Buffer.from(`\ufeff${nasty}`, 'utf16le'))],
  ];

  test.for(forms)('%s', async ([, form]) => {
    const id = await newAudience();
    expect(await importing(id, form)).toMatchObject({ status: 200 });
    expect(await members(id)).toEqual(expected);
  });

  test('a form-urlencoded field whose escapes are cut anywhere', async () => {
    const id = await newAudience();
    const { type, body } = asUrlencoded(nasty);
    const pieces = async function* (): AsyncGenerator<Buffer> {
      for (let at = 0; at < body.length; at += 1) yield body.subarray(at, at + 1);
    };
    const answer = await fetch(`${office.server.url}/v1/audiences/${id}/memberships/import`, {
      method: 'POST',
      headers: { authorization: office.admin, 'content-type': type },
      body: pieces() as unknown as ReadableStream,
      duplex: 'half',
    });
    expect(answer.status).toBe(200);
    expect(await members(id)).toEqual(expected);
  });

  test('allowed values, in the same forms', async () => {
    const body = {
      entity: 'CustomerProfile',
      name: 'Size',
      title: 'Size',
      type: 'string',
      description: '',
      suggestions: [],
      editable: true,
    };
    const { id } = await office.ask<{ id: number }>(201, 'POST', '/v1/attributes', { body });
    const path = `/v1/attributes/${id}/allowed_list/import`;
    for (const [count, to] of [asFile, asField, asUrlencoded].entries()) {
      const items = Array.from({ length: count + 1 }, (_, n) => `item ${n}\n`).join('');
      const answer = await post(path, to(`\ufeffItem\n${items}`));
      expect(answer.json()).toMatchObject({ amount: count + 1, entity: 'AttributeAllowedList' });
    }
    const several = await post(path, asFile('name;item\nS;1\n'));
    expect(several).toMatchObject({ status: 400, text: expect.stringContaining('“name”, “item”') as string });
    expect((await post(`${path}?column=name`, asFile('name;item\nS;1\nS;2\n'))).json()).toMatchObject({
      amount: 1,
      warnings: { repeated: 1 },
    });
    const shortened = asUrlencoded('item\n1.23457E+15\n');
    expect(await post(path, shortened)).toMatchObject({
      status: 400,
      text: expect.stringContaining('asWritten=true') as string,
    });
    expect((await post(`${path}?asWritten=true`, shortened)).json()).toMatchObject({
      warnings: { shortenedNumber: 1 },
    });
  });
});

describe('refuses a form', () => {
  const list = `${H}\nada\n`;
  const forms: [string, Form, number, RegExp][] = [
    ['without the field', multipart(part(list, 'name="file"; filename="x.csv"')), 400, /lacks the field upFile/],
    [
      'urlencoded, without the field',
      urlencoded(`upfile=${escaped(list)}&${'upFile'.repeat(9)}=1`),
      400,
      /lacks the field upFile/,
    ],
    ['that is empty', urlencoded(''), 400, /lacks the field upFile|upFile/],
    [
      'with two lists',
      multipart(part(list, 'name="upFile"'), part(list, 'name="upFile"; filename="x"')),
      400,
      /more than one field named upFile/,
    ],
    [
      'urlencoded, with two lists',
      urlencoded(`upFile=${escaped(list)}&upFile=${escaped(list)}`),
      400,
      /more than one field named upFile/,
    ],
    ['of another type', { type: 'text/csv', body: Buffer.from(list) }, 400, /in a field named upFile/],
    ['with too large a field', asField('\n'.repeat(2 * 1024 * 1024 + 1)), 413, /exceeds 2 MiB/],
    ['urlencoded, with too large a field', asUrlencoded('\n'.repeat(2 * 1024 * 1024 + 1)), 413, /exceeds 2 MiB/],
    [
      'that unpacks to too much',
      asFile(gzipSync(`${H}${'\n'.repeat(2 * 1024 * 1024)}`)),
      413,
      /unpacks to more than 2 MiB/,
    ],
    [
      'with a workbook',
      asFile(Buffer.from('PK\x03\x04________________________xl/workbook.xml')),
      400,
      /Excel workbook/,
    ],
  ];

  test.for(forms)('%s', async ([, form, status, message]) => {
    const id = await newAudience('stays');
    for (const answer of [await importing(id, form), await previewing(id, form)]) {
      expect(answer).toMatchObject({ status, text: expect.stringMatching(message) as string });
      checkErrorBody(answer, 'integration');
    }
    expect(await members(id)).toEqual(['stays']);
  });
});

describe('the column', () => {
  const file = asFile(`${H};name\r\nada@example.org;Ada\r\nbob@example.org;Bob\r\n`);

  test('must be named in an import of several', async () => {
    const id = await newAudience('stays');
    const answer = await importing(id, file);
    expect(answer.status).toBe(400);
    expect(checkErrorBody(answer, 'integration')).toContain(`“${H}”, “name”`);
    expect((await importing(id, file, '?column=mail')).status).toBe(400);
    expect(await members(id)).toEqual(['stays']);
    expect((await importing(id, file, `?column=${H}`)).json()).toMatchObject({ amount: 2 });
    expect(await members(id)).toEqual(['ada@example.org', 'bob@example.org']);
    expect((await importing(id, file, '?column=2')).json()).toMatchObject({ amount: 2 });
    expect(await members(id)).toEqual(['Ada', 'Bob']);
  });

  test('is chosen after viewing the first rows', async () => {
    const id = await newAudience('ada@example.org');
    const answer = await previewing(id, file);
    expect(answer.status).toBe(202);
    const seen = answer.json() as ImportColumns;
    expect(seen).toMatchObject({
      audienceId: id,
      columns: [H, 'name'],
      rows: [
        ['ada@example.org', 'Ada'],
        ['bob@example.org', 'Bob'],
      ],
    });
    const path = `/v1/audiences/${id}/memberships/import_previews/${seen.id}`;
    const early = await office.call('POST', `${path}/commit`, { body: {} });
    expect(early).toMatchObject({ status: 400, text: expect.stringContaining('column') as string });
    for (const [column, status] of [
      ['mail', 400],
      ['', 400],
      ['name', 200],
    ] as const) {
      expect((await office.call('POST', `${path}/column`, { body: { column } })).status).toBe(status);
    }
    const preview = await office.ask<ImportPreview>(200, 'POST', `${path}/column`, { body: { column: H } });
    expect(preview).toMatchObject({ id: seen.id, column: H, lines: 2, members: 2, joins: 1, leaves: 0, warnings: [] });
    await office.ask(200, 'POST', `${path}/commit`, { body: {} });
    expect(await members(id)).toEqual(['ada@example.org', 'bob@example.org']);
    expect((await office.call('POST', `${path}/column`, { body: { column: H } })).status).toBe(404);
  });

  test('may be named with the preview; a first line of another name is shown, never eaten', async () => {
    const id = await newAudience();
    expect(await previewing(id, file, '?column=name')).toMatchObject({ status: 201 });
    const unknown = await previewing(id, asFile('ada\nbob\n'));
    expect(unknown.status).toBe(202);
    expect(unknown.json()).toMatchObject({ columns: ['ada'], rows: [['bob']] });
  });
});

describe('what looks wrong', () => {
  const shortened = asFile(`${H}\r\n1.23457E+15\r\n1.23457E+15\r\n4.91234E+11\r\n`);

  test('refuses an import when a spreadsheet shortened it, unless it is meant', async () => {
    const id = await newAudience('stays');
    const refused = await importing(id, shortened);
    expect(refused.status).toBe(400);
    expect(checkErrorBody(refused, 'integration')).toMatch(
      /3 of 3 look like numbers .*line 2: 1\.23457E\+15.*asWritten=true/,
    );
    expect(refused.json()).toMatchObject({ errors: [{ source: { line: '2' } }] });
    expect((await importing(id, shortened, '?asWritten=perhaps')).status).toBe(400);
    expect(await members(id)).toEqual(['stays']);
    const done = await importing(id, shortened, '?asWritten=true');
    expect(done.json()).toMatchObject({ amount: 2, warnings: { shortenedNumber: 3, repeated: 1 } });
    expect(await members(id)).toEqual(['1.23457E+15', '4.91234E+11']);
    const audit = await office.ask<{ data: { entity: string }[] }>(200, 'GET', '/v1/changes?sort=-id');
    const imported = audit.data.find(({ entity }) => entity === `/v1/audiences/${id}/memberships`);
    expect(imported).toMatchObject({ new: { members: 2, warnings: { shortenedNumber: 3, repeated: 1 } } });
  });

  test('is kept with an import otherwise, and shown only to those who prefer it', async () => {
    const id = await newAudience('ada@example.org');
    const form = asFile(`${H}\r\nada@example.org \r\n ada@example.org\r\nada@example.org\r\nbob@example.org\t\r\n\x1a`);
    const published = await post(`/v1/audiences/${id}/memberships/import`, form, { prefer: '' });
    expect(Object.keys(published.json() as Import)).not.toContain('warnings');
    expect((await importing(id, form)).json()).toMatchObject({ amount: 4, warnings: { outerBlank: 3, endMark: 1 } });
    expect(await members(id)).toEqual([
      'ada@example.org',
      '"ada@example.org "',
      '" ada@example.org"',
      '"bob@example.org\t"',
    ]);
  });

  test('is told by the preview, with samples, and must be accepted', async () => {
    const id = await newAudience();
    const answer = await previewing(id, asFile(`${H}\r\nada \r\n ada\r\nada\r\nbob\t\r\nada\r\n`));
    const preview = answer.json() as ImportPreview;
    expect(preview).toMatchObject({ lines: 5, members: 4 });
    expect(preview.warnings).toMatchObject([
      {
        kind: 'outerBlank',
        count: 3,
        message: expect.stringMatching(/^3 of 5 begin or end with a blank.*without it 2 would equal another/) as string,
        samples: [
          { line: 2, entry: 'ada ' },
          { line: 3, entry: ' ada' },
          { line: 5, entry: 'bob\t' },
        ],
      },
      { kind: 'repeated', count: 1, samples: [{ line: 6, entry: 'ada' }] },
    ]);
    const path = `/v1/audiences/${id}/memberships/import_previews/${preview.id}/commit`;
    expect((await office.call('POST', path, { body: {} })).status).toBe(400);
    expect(await members(id)).toEqual([]);
    const done = await office.ask<Import>(200, 'POST', path, { body: { acceptWarnings: true } });
    expect(done).toMatchObject({ amount: 4, warnings: { outerBlank: 3, repeated: 1 } });
  });
});
