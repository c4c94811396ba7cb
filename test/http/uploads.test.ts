/**
 * Uploaded files: the number of concurrent uploads, that none is left behind whatever happens to the request, and the
 * removal of those of dead processes.
 */

import { once } from 'node:events';
import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import Fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installUploads, type Upload, Uploads } from '../../src/http/uploads.ts';
import { temporaryFolder } from '../server-process.ts';
import { type BackOffice, startBackOffice } from './back-office.ts';
import { RawConnection, requestText } from './raw-connection.ts';

const LIST = 'profileintegrationid\nada\n';
const BOUNDARY = 'xxBOUNDARYxx';
const MULTIPART = { 'Content-Type': `multipart/form-data; boundary=${BOUNDARY}` };
const URLENCODED = { 'Content-Type': 'application/x-www-form-urlencoded' };
const HEAD = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="upFile"; filename="members.csv"\r\n\r\n`;
const form = (content: string): string => `${HEAD}${content}\r\n--${BOUNDARY}--\r\n`;

describe('a server', () => {
  let office: BackOffice;
  let folder: string;
  const audiences: number[] = [];

  beforeAll(async () => {
    office = await startBackOffice({
      ephemeral: false,
      env: {
        ROLLCALL_ADMIN_EMAIL: 'admin@example.com',
        ROLLCALL_ADMIN_PASSWORD: 'correct horse battery',
        ROLLCALL_MAX_UPLOAD_BYTES: '1M',
        ROLLCALL_REQUEST_TIMEOUT_SECONDS: '2',
      },
    });
    folder = `${office.server.database.slice('sqlite:'.length)}-uploads`;
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      const { id } = await office.ask<{ id: number }>(201, 'POST', '/v1/audiences', { body: { name } });
      audiences.push(id);
    }
  });
  afterAll(async () => office.server.stop());

  const files = async (): Promise<string[]> => readdir(folder).catch(() => []);
  const noFiles = async (): Promise<void> => {
    await expect.poll(files, { timeout: 10_000 }).toEqual([]);
  };

  /** Sends a request to import into the nth audience, or the beginning of one. */
  async function send(nth: number, headers: Record<string, string>, body: string): Promise<RawConnection> {
    const connection = await RawConnection.open(office.server.url);
    const path = `/v1/audiences/${audiences[nth]}/memberships/import`;
    await connection.write(requestText('POST', path, { Authorization: office.admin, ...headers }, body));
    return connection;
  }

  // Runs first, while the folder does not exist yet, so that all five wait for it together.
  test('takes four files at once, not five, and the next when one is done', async () => {
    const body = form(LIST);
    const headers = { ...MULTIPART, Expect: '100-continue', 'Content-Length': String(body.length) };
    const begun = await Promise.all(audiences.map(async (_, nth) => send(nth, headers, '')));
    const answers = await Promise.all(begun.map(async (connection) => connection.answer()));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([100, 100, 100, 100, 503]);
    const refused = answers.findIndex(({ status }) => status === 503);
    expect(answers[refused]?.headers).toMatchObject({ 'retry-after': '5' });
    expect(await files()).toHaveLength(4);

    const [first, ...others] = begun.filter((_, nth) => nth !== refused);
    await first?.write(body);
    expect(await first?.answer()).toMatchObject({ status: 200 });
    const again = await send(refused, headers, '');
    expect(await again.answer()).toMatchObject({ status: 100 });
    const fifth = await send(0, headers, '');
    expect(await fifth.answer()).toMatchObject({ status: 503 });
    for (const connection of [...others, again]) {
      await connection.write(body);
      expect(await connection.answer()).toMatchObject({ status: 200 });
    }
    await noFiles();
  });

  const whole: [what: string, headers: Record<string, string>, body: string, status: number][] = [
    ['that is imported', MULTIPART, form(LIST), 200],
    ['that is no list', MULTIPART, form('%PDF-'), 400],
    ['that is missing', MULTIPART, form(LIST).replace('upFile', 'file'), 400],
    ['that came twice', MULTIPART, form(LIST).replace(`--${BOUNDARY}--`, form(LIST)), 400],
    ['of a form that is cut off', MULTIPART, form(LIST).slice(0, -20), 400],
    ['that is too large', MULTIPART, form('\n'.repeat(1024 * 1024 + 1)), 413],
    ['that came twice, urlencoded', URLENCODED, `upFile=${LIST}&upFile=x`, 400],
    ['that is too large, urlencoded', URLENCODED, `upFile=${'%0A'.repeat(1024 * 1024 + 1)}`, 413],
    ['of the largest size, urlencoded', URLENCODED, `upFile=${LIST}${'%0A'.repeat(1024 * 1024 - LIST.length)}`, 200],
    ['of the largest size', MULTIPART, form(`${LIST}${'\n'.repeat(1024 * 1024 - LIST.length)}`), 200],
  ];

  test.for(whole)('keeps no file %s', async ([, headers, body, status]) => {
    const connection = await send(0, headers, body);
    expect(await connection.answer()).toMatchObject({ status });
    await noFiles();
    connection.destroy();
  });

  const begun: [what: string, headers: Record<string, string>, body: string][] = [
    ['a form', MULTIPART, HEAD],
    ['a form before its file', MULTIPART, HEAD.replace('upFile', 'other')],
    ['a urlencoded form', URLENCODED, 'upFile=profile%'],
  ];

  test.for(begun)('keeps no file when the client of %s goes, or says nothing more', async ([, headers, body]) => {
    const declared = { ...headers, 'Content-Length': '100000' };
    const [gone, silent] = [await send(0, declared, body), await send(1, declared, body)];
    await expect.poll(files).toHaveLength(2);
    gone.destroy();
    await expect.poll(files).toHaveLength(1);
    expect(await silent.answer()).toMatchObject({ status: 408, headers: { connection: 'close' } });
    await noFiles();
    silent.destroy();
  });

  test('refuses what goes on and on beside the file', async () => {
    const declared = { ...MULTIPART, 'Transfer-Encoding': 'chunked' };
    const connection = await send(0, declared, '');
    const chunk = async (text: string): Promise<void> => connection.write(`${text.length.toString(16)}\r\n${text}\r\n`);
    await chunk(HEAD.replace('upFile', 'other'));
    let isOver = false;
    const answered = connection.answer({ withinMs: 60_000 }).finally(() => {
      isOver = true;
    });
    const sending = (async () => {
      while (!isOver && !connection.closed) {
        await chunk('x'.repeat(256 * 1024));
        await nextTurn();
      }
    })();
    expect(await answered).toMatchObject({ status: 413 });
    await sending;
    connection.destroy();
    await noFiles();
  });
});

describe('the files of uploads', () => {
  const LIMITS = { maxBytes: 1024, minFreeDiskBytes: 0, idleMs: 1000 };
  const HOUR = 3600;

  const age = async (path: string, seconds: number): Promise<void> => {
    const time = Date.now() / 1000 - seconds;
    await utimes(path, time, time);
  };

  /** Receives a list as a server does. */
  async function receive(uploads: Uploads): Promise<Upload> {
    const app = Fastify();
    let upload: Upload | undefined;
    await app.register(async (forms) => {
      await installUploads(forms);
      forms.post('/', async (request, reply) => {
        upload = await uploads.receive(request, reply);
        return {};
      });
    });
    await app.inject({ method: 'POST', url: '/', headers: URLENCODED, payload: `upFile=${encodeURIComponent(LIST)}` });
    await app.close();
    if (upload === undefined) throw new Error('nothing was received');
    return upload;
  }

  test('that a dead process left are swept when they are old; others stay', async () => {
    const folder = temporaryFolder();
    for (const name of ['old.upload', 'young.upload', 'old.txt']) await writeFile(join(folder, name), '');
    await age(join(folder, 'old.upload'), 3 * HOUR + 10);
    await age(join(folder, 'old.txt'), 3 * HOUR + 10);
    await age(join(folder, 'young.upload'), 3 * HOUR - 60);
    const uploads = new Uploads(folder, LIMITS);
    await expect.poll(async () => (await readdir(folder)).sort()).toEqual(['old.txt', 'young.upload']);
    await age(join(folder, 'young.upload'), 4 * HOUR);
    await uploads.sweep();
    expect(await readdir(folder)).toEqual(['old.txt']);
    await uploads.close();
  });

  test('that are in use are not swept, whatever the clock says of them', async () => {
    const folder = temporaryFolder();
    const uploads = new Uploads(folder, LIMITS);
    const upload = await receive(uploads);
    await age(upload.path, 100 * HOUR);
    await uploads.sweep();
    expect(await readFile(upload.path, 'utf8')).toBe(LIST);
    await upload.discard();
    await upload.discard();
    expect(await readdir(folder)).toEqual([]);
    await writeFile(upload.path, '');
    await age(upload.path, 100 * HOUR);
    await uploads.sweep();
    expect(await readdir(folder)).toEqual([]);
    await uploads.close();
  });

  test('are private to their owner, and go with a server that keeps nothing', async () => {
    const uploads = new Uploads(undefined, LIMITS);
    const upload = await receive(uploads);
    const folder = join(upload.path, '..');
    expect([(await stat(upload.path)).mode & 0o777, (await stat(folder)).mode & 0o777]).toEqual([0o600, 0o700]);
    const reading = upload.read() as unknown as NodeJS.EventEmitter;
    await once(reading, 'readable');
    await uploads.close();
    await expect(stat(folder)).rejects.toThrow('ENOENT');
  });
});
