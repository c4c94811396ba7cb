/**
 * *Copy as curl*: an admin pastes what strangers sent into a shell, where it must arrive unchanged and do nothing else.
 */

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { curlOf, isBodyComplete } from '../../console/src/pages/activity/curl.ts';
import { temporaryFolder } from '../server-process.ts';

type Detail = Parameters<typeof curlOf>[0];

const folder = temporaryFolder();
/** The arguments and the input that a shell passes to curl, recorded by a stand-in that comes first in the path. */
function run(command: string): { args: string[]; input: string } {
  const script = `curl() { for each in "$@"; do printf '%s\\0' "$each"; done; printf '\\0'; case "$*" in *@-*) cat;; esac; }\n${command}\n`;
  const output = execFileSync('sh', ['-c', script], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', ROLLCALL_KEY: 'the key' },
    encoding: 'utf8',
  });
  const [args = '', input = ''] = output.split('\0\0');
  return { args: args.split('\0'), input };
}

function detail(requestPayload: string, requestUri = '/cdp/customer_profile/p'): Detail {
  const requestBytes = Buffer.byteLength(requestPayload);
  return { method: 'PUT', requestUri, requestPayload, requestBytes, requestCut: false, payloadState: 'full' };
}

function bodyIn({ args, input }: { args: string[]; input: string }): string | undefined {
  const raw = args.indexOf('--data-raw');
  return raw >= 0 ? args[raw + 1] : args.includes('@-') ? input : undefined;
}

const BODIES: [string, string][] = [
  ['a plain body', '{"attributes":{"Tier":"gold"}}'],
  ['single quotes', `{"name":"O'Hara's '' '"}`],
  ['a quote that would end the argument', `'; touch hacked; echo '`],
  ['double quotes, backquotes and dollars', '{"a":"$(touch hacked) `touch hacked` $HOME ${HOME}"}'],
  ['backslashes at the end and within', 'a\\nb\\\\c \\0101 \\'],
  ['exclamation marks', '{"a":"!! !$ !touch"}'],
  ['line breaks', '{\n  "a": 1\n}\n'],
  ['a leading at sign', '@/etc/passwd'],
  ['a leading dash', '--upload-file /etc/passwd'],
  ['per cent signs', '100 %s %b %n'],
  ['tabs and carriage returns', '{\t"a":\r\n1}'],
  ['backslashes beside control characters', '\\\t\\0101\\t\\\\'],
  ['an end of a pasted text, and a bell', 'x\u001b[201~touch hacked\r\u0007'],
  ['every control character', Array.from({ length: 31 }, (_, index) => String.fromCharCode(index + 1)).join('')],
  ['a delete and a one-byte escape', '\u007f\u009b31m'],
  ['a turned direction of writing', '{"a":"\u202etxt.exe\u2066"}'],
  ['other alphabets and emoji', '{"a":"Zoë 😀 日本"}'],
];

describe('a request as curl', () => {
  test.each(BODIES)('keeps %s', (_, body) => {
    const command = curlOf(detail(body), 'http://127.0.0.1:1');
    // A terminal interprets these when they are pasted, before the shell sees them.
    expect(command).not.toMatch(/(?!\n)[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
    const ran = run(command);
    expect(bodyIn(ran)).toBe(body);
    expect(ran.args).toContain('Authorization: ApiKey-v1 the key');
    expect(existsSync(join(folder, 'hacked'))).toBe(false);
  });

  test.each([
    ["/cdp/customer_profile/'; touch hacked; '", "/cdp/customer_profile/';%20touch%20hacked;%20'"],
    ['/cdp/customer_profile/[1-9]{a,b}', '/cdp/customer_profile/[1-9]{a,b}'],
    ['/cdp/customer_profile/$(touch hacked)`id`!!', '/cdp/customer_profile/$(touch%20hacked)`id`!!'],
    ['/cdp/customer_profile/\u009b\u00e9', '/cdp/customer_profile/%9B%E9'],
  ])('names the path %s', (path, expected) => {
    const { args } = run(curlOf(detail('{}', path), 'http://127.0.0.1:1'));
    expect(args).toContain(`http://127.0.0.1:1${expected}`);
    expect(args).toContain('--globoff');
    expect(existsSync(join(folder, 'hacked'))).toBe(false);
  });

  test('has no body where none was sent, and a file where it is not kept', () => {
    const none = detail('');
    expect(isBodyComplete(none)).toBe(true);
    expect(curlOf(none, 'http://h')).not.toContain('--data');
    const notKept: Partial<Detail>[] = [
      { requestCut: true },
      { requestBytes: 5, payloadState: 'off' },
      { requestBytes: 5, payloadState: 'erased' },
      { requestPayload: '{"a":"string"}', payloadState: 'masked' },
    ];
    for (const each of notKept) {
      const request = { ...none, ...each };
      expect(isBodyComplete(request)).toBe(false);
      expect(curlOf(request, 'http://h')).toContain('--data-binary @body.json');
    }
  });
});

describe.skipIf(!hasCurl())('the real curl', () => {
  let server: Server;
  const received: { url: string | undefined; body: string }[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        received.push({ url: request.url, body: Buffer.concat(chunks).toString('utf8') });
        response.end();
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => server.close());

  test('sends every body as it was', async () => {
    const { port } = server.address() as AddressInfo;
    const commands = BODIES.map(([, body]) => curlOf(detail(body, '/p[1-2]'), `http://127.0.0.1:${port}`));
    const shell = spawn('sh', ['-c', commands.join('\n')], { cwd: folder, stdio: 'ignore' });
    expect(await once(shell, 'exit')).toEqual([0, null]);
    expect(received).toEqual(BODIES.map(([, body]) => ({ url: '/p[1-2]', body })));
  });
});

function hasCurl(): boolean {
  try {
    execFileSync('curl', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
