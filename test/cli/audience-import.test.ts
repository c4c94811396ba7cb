/** `rollcall audience import`: replaces all members or none, whatever the file contains, while others write. */

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runCli, type ServerProcess, startServerProcess, temporaryFolder } from '../server-process.ts';
import { call, cli, ENTRY, expectRefusal, firstKey, has, json, type Result, runCommand, within } from './world.ts';

interface Imported {
  readonly members: number;
  readonly joins: number;
  readonly leaves: number;
}

const HEADER = 'profileintegrationid\n';
// Only this version of `script` takes a command and returns its exit code.
const hasTerminals = /util-linux/.test(spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout ?? '');
let server: ServerProcess;
let key: string;
let folder: string;

function file(content: string | Buffer, name = 'members.csv'): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** Imports a file without confirmation. */
async function importing(path: string, input?: string): Promise<Result> {
  const args = ['audience', 'import', '1', path, '--yes', '--database', server.database];
  return input === undefined ? runCommand(args) : runCli(args, { input });
}

/** Imports a list, or previews the import, depending on the options. */
async function carefully(content: string | Buffer, ...options: string[]): Promise<Result> {
  return runCommand(['audience', 'import', '1', file(content, 'list.csv'), ...options, '--database', server.database]);
}

async function members(): Promise<string[]> {
  return json<string[]>(server.database, 'audience', 'export', '1');
}

async function add(profileId: string): Promise<number> {
  const path = `/cdp/customer_profile/${encodeURIComponent(profileId)}`;
  const answer = await call(server, path, { key, method: 'PUT', body: { audiencesChanges: { adds: [1] } } });
  await answer.arrayBuffer();
  return answer.status;
}

beforeAll(async () => {
  folder = temporaryFolder();
  server = await startServerProcess();
  key = firstKey(server.database);
});
afterAll(async () => {
  await server.stop();
});

describe('an import', () => {
  it('replaces all members and reports joins and leaves; the server shows it at once', async () => {
    expect((await importing(file(`${HEADER}ada\nbob\n`))).stdout).toMatch(/now has 2 members: 2 joined, 0 left/);
    const { stdout, stderr, code } = await importing(file(`${HEADER}bob\neve\njoe\n`));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe("Audience 1 'First audience' now has 3 members: 2 joined, 1 left.\n");
    const generic = await cli(server.database, 'key', 'create', '--name', 'k', '--expires', '2099-01-01');
    const found = await call(server, '/v1/customer_profiles/audiences/lookup', {
      key: generic.stdout.trim(),
      method: 'POST',
      body: { integrationIds: ['ada', 'bob', 'eve'] },
    });
    expect(JSON.stringify(await found.json())).toMatch(/"ada"[^}]*\[\].*"bob".*First audience.*"eve".*First audience/);
  });

  const files: [string, string, string[]][] = [
    [
      'CRLF, a byte order mark, blank lines, quotes',
      '\ufeffprofileintegrationid\r\n\r\n"a,b"\r\nada\r\n',
      ['a,b', 'ada'],
    ],
    ['duplicates', `${HEADER}ada\nada\n"ada"\n`, ['ada']],
    ['an empty list', HEADER, []],
  ];

  it.each(files)('takes %s', async (_, content, expected) => {
    const imported = await json<Imported>(server.database, 'audience', 'import', '1', '--yes', file(content));
    expect(imported.members).toBe(expected.length);
    expect((await members()).sort()).toEqual(expected);
  });

  it.skipIf(!has('bash'))('takes standard input and pipes, and leaves nothing of them behind', async () => {
    expect((await importing('-', `${HEADER}from stdin\n`)).code).toBe(0);
    expect(await members()).toEqual(['from stdin']);
    const line = `"$0" "$1" audience import 1 --yes <(printf '${HEADER.trim()}\\nfrom a pipe\\n') --database "$2"`;
    const shell = spawn('bash', ['-c', line, process.execPath, ENTRY, server.database], { stdio: 'ignore' });
    expect(await once(shell, 'exit')).toEqual([0, null]);
    expect(await members()).toEqual(['from a pipe']);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('rollcall-import-'))).toEqual([]);
  });
});

describe('a file that is refused changes nothing', () => {
  beforeEach(async () => {
    expect((await importing(file(`${HEADER}ada\nbob\n`, 'good.csv'))).code).toBe(0);
  });

  it('and names the file, the line and the reason', async () => {
    const good = 'ok\n'.repeat(1500);
    const cases: [string | Buffer, RegExp][] = [
      ['', /line 1: expected the header profileintegrationid, but the file is empty/],
      ['PK\u0003\u0004 xl/workbook.xml', /this is an Excel workbook; save it as CSV/],
      [`${HEADER}${good}"a"b\n`, /line 1502: text after the closing quote/],
      [gzipSync(`${HEADER}${good}="00123"\n`), /line 1502: a formula/],
      ['ada\nbob\n', /line 1: expected the header/],
      [`${HEADER}${good}ada,1\n`, /line 1502: more than one column/],
      [`${HEADER}${good}${'x'.repeat(1001)}\n`, /line 1502: an ID of 1001 characters; 1 to 1000 are allowed/],
      [Buffer.from(`${HEADER}${good}M\xfcller\n`, 'latin1'), /line 1502: not valid UTF-8/],
    ];
    for (const [content, message] of cases) {
      const path = file(content, 'bad.csv');
      const result = await importing(path);
      expectRefusal(result, 2, message);
      expect(result.stderr.startsWith(`rollcall: ${path}, `)).toBe(true);
    }
    expectRefusal(await importing('-', 'nonsense'), 2, /standard input, line 1: expected the header/);
    expect(await members()).toEqual(['ada', 'bob']);
  });

  it('when it is not there or is no file', async () => {
    mkdirSync(join(folder, 'a-folder'), { recursive: true });
    expectRefusal(await importing(join(folder, 'missing.csv')), 1, /There is no file .*missing\.csv/);
    expectRefusal(await importing(join(folder, 'a-folder')), 2, /a-folder is a folder, not a CSV file/);
    expectRefusal(await importing(join(folder, 'good.csv/x')), 1, /good\.csv\/x: part of this path is a file/);
    expectRefusal(await importing('/dev/null'), 2, /line 1: expected the header/);
    expect(await members()).toEqual(['ada', 'bob']);
  });
});

describe('a look first', () => {
  const range = (count: number): string[] => Array.from({ length: count }, (_, n) => `c${n}`);
  const list = (...ids: string[]): string => HEADER + ids.map((id) => `${id}\n`).join('');

  it('reports what an import would do, and changes nothing', async () => {
    expect((await carefully(list(...range(10)), '--yes')).code).toBe(0);
    const { stdout, stderr, code } = await carefully(list(...range(9), 'new'), '--dry-run');
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    expect(stdout).toBe(
      "Audience 1 'First audience' would have 10 members: 1 would join (1 of them new profiles), 1 would leave. Nothing was changed.\n",
    );
    const previewed = await carefully(list('c0', 'c0 '), '--dry-run', '--json', '--yes');
    expect(JSON.parse(previewed.stdout)).toEqual({
      audienceId: 1,
      dryRun: true,
      lines: 2,
      members: 2,
      joins: 1,
      leaves: 9,
      newProfiles: 1,
      drastic: true,
      warnings: [
        {
          kind: 'outerBlank',
          count: 1,
          message:
            '1 of 2 begin or end with a blank, which counts as part of them; without it 1 would equal another entry',
          samples: [{ line: 3, entry: 'c0 ' }],
        },
      ],
    });
    expectRefusal(await carefully(`${list('c0')}a,b\n`, '--dry-run'), 2, /list\.csv, line 3: more than one column/);
    expect(await members()).toEqual(range(10));
  });

  it('is asked for where many leave, or all', async () => {
    const few = await carefully(list(...range(7)));
    expectRefusal(few, 2, /3 of 10 members would leave; preview with --dry-run, then confirm with --yes/);
    expectRefusal(await carefully(HEADER), 2, /the list is empty: all of the 10 members would leave/);
    expect(await members()).toEqual(range(10));
  });

  it('is asked for where something looks wrong', async () => {
    const content = `${list(...range(10), '1.23457E+15', ' c0', 'c0')}x\u001a`;
    const refused = await carefully(content);
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toMatch(/: 1 of 14 look like numbers that .*\(line 12: "1\.23457E\+15"\)\n/);
    expect(refused.stderr).toMatch(/: 1 of 14 begin or end with .* 1 would equal another.*\(line 13: " c0"\)\n/);
    expect(refused.stderr).toMatch(/: 1 of 14 repeat an earlier one, and count once \(line 14: "c0"\)\n/);
    expect(refused.stderr).toMatch(/: The file ends with a Ctrl-Z.*\(line 15: "x\\u001a"\)\n/);
    expect(refused.stderr).toMatch(/\nrollcall: the list has the warnings above; preview with --dry-run/);
    expect(await members()).toEqual(range(10));
    const done = await carefully(content, '--yes', '--json');
    expect(JSON.parse(done.stdout)).toEqual({
      audienceId: 1,
      members: 13,
      joins: 3,
      leaves: 0,
      warnings: { shortenedNumber: 1, outerBlank: 1, repeated: 1, endMark: 1 },
    });
  });

  it('is not needed for a list that changes little and looks right', async () => {
    expect(await carefully(list(...range(10), 'x'))).toMatchObject({ code: 0, stderr: '' });
  });

  it('finds the column, by name or by number', async () => {
    const content = `sep=;\r\nname;Profile Integration ID;\r\n${range(10)
      .map((id) => `"n ${id}";${id};\r\n`)
      .join('')}`;
    const several = /--column: the file has 2 columns: “name”, “Profile Integration ID”; name the one/;
    expectRefusal(await carefully(content), 2, several);
    expectRefusal(await carefully(content, '--column', 'x'), 2, /--column: there is no column “x”/);
    const utf16 = await carefully(Buffer.from(`\ufeff${content}`, 'utf16le'), '--column', 'profile_integration_id');
    expect(utf16.stdout).toMatch(/10 members: 0 joined, 1 left/);
    expect((await carefully(gzipSync(content), '--column', '2')).stdout).toMatch(/10 members: 0 joined, 0 left/);
  });

  it.skipIf(!hasTerminals)('asks on a terminal, and takes yes for an answer', async () => {
    const path = file(list('c0'), 'one.csv');
    const answers: [string, number, string[]][] = [
      ['no', 1, range(10)],
      ['yes', 0, ['c0']],
    ];
    for (const [answer, code, expected] of answers) {
      const command = [process.execPath, ENTRY, 'audience', 'import', '1', path, '--database', server.database];
      const terminal = spawn('script', ['-q', '-e', '-c', command.map((each) => `'${each}'`).join(' '), '/dev/null']);
      let shown = '';
      terminal.stdout.on('data', (chunk: Buffer) => {
        shown += chunk.toString();
      });
      await within(20_000, async () => (shown.includes('Type yes: ') ? true : undefined));
      expect(shown).toContain('9 of 10 members would leave. Replace its members anyway?');
      terminal.stdin.write(`${answer}\r`);
      expect(await once(terminal, 'close')).toEqual([code, null]);
      expect(await members()).toEqual(expected);
    }
  });
});

it('a disk that is nearly full is left alone', async () => {
  const before = await members();
  const result = await runCli(['audience', 'import', '1', '-', '--yes', '--database', server.database], {
    input: `${HEADER}one more\n`,
    env: { ROLLCALL_MIN_FREE_DISK_BYTES: '900000G' },
  });
  expectRefusal(result, 1, /The disk is nearly full; nothing was changed/);
  expect(await members()).toEqual(before);
});

describe('while the server writes', () => {
  it('writes before the swap are replaced by it, writes after it stay, and nothing gets lost on the way', async () => {
    let stop = false;
    const added: string[] = [];
    const writers = [0, 1, 2, 3].map(async (writer) => {
      for (let n = 0; !stop; n += 1) {
        const profileId = `writer-${writer}-${n}`;
        expect(await add(profileId)).toBe(200);
        added.push(profileId);
      }
    });
    const list = Array.from({ length: 20_000 }, (_, n) => `listed-${n}`);
    const before = (await members()).length;
    const imported = await json<Imported>(
      server.database,
      'audience',
      'import',
      '1',
      '--yes',
      file(HEADER + list.join('\n')),
    );
    stop = true;
    await Promise.all(writers);
    expect(imported.members).toBe(20_000);
    expect(imported.joins).toBe(20_000);
    expect(imported.leaves).toBeGreaterThanOrEqual(before);
    const now = new Set(await members());
    for (const each of list) expect(now.has(each)).toBe(true);
    const left = [...now].filter((each) => !each.startsWith('listed-'));
    // Members that are not on the list are the last ones each writer added, all of them after the swap.
    expect(left.every((each) => added.includes(each))).toBe(true);
    for (const writer of [0, 1, 2, 3]) {
      const own = added.filter((each) => each.startsWith(`writer-${writer}-`));
      const kept = own.filter((each) => now.has(each));
      expect(kept).toEqual(kept.length === 0 ? [] : own.slice(-kept.length));
    }
    expect((await cli(server.database, 'verify')).stdout).toMatch(/^Clean/);
  });
});

describe('a large import', () => {
  it('uses constant memory and reports its progress', async () => {
    const lines = 200_000;
    const path = file(HEADER + Array.from({ length: lines }, (_, n) => `customer-${n}\n`).join(''), 'large.csv');
    const child = spawn(
      process.execPath,
      [ENTRY, 'audience', 'import', '1', path, '--yes', '--database', server.database],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let peak = 0;
    const watch = setInterval(() => {
      try {
        const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
        peak = Math.max(peak, Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0));
      } catch {
        // The process has ended, or this system has no /proc.
      }
    }, 50);
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    const [code] = (await once(child, 'close')) as [number];
    clearInterval(watch);
    expect(code).toBe(0);
    expect(stdout).toMatch(/now has 200000 members/);
    expect(stderr).toBe('100000 of 200000 lines\n200000 of 200000 lines\n');
    // The writer's page cache is limited to 256 MiB; keeping the list in memory as well would exceed this.
    expect(peak).toBeLessThan(450 * 1024);
  }, 60_000);

  it('that is interrupted changes nothing, and does not keep the next one out', async () => {
    const before = await members();
    const path = file(HEADER + Array.from({ length: 150_000 }, (_, n) => `other-${n}\n`).join(''), 'other.csv');
    const child = spawn(
      process.execPath,
      [ENTRY, 'audience', 'import', '1', path, '--yes', '--database', server.database],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    await within(30_000, async () => (stderr.includes('100000 of 150000') ? true : undefined));
    child.kill('SIGINT');
    expect(await once(child, 'close')).toEqual([1, null]);
    expect(stderr).toMatch(/\nrollcall: interrupted; nothing was changed\n$/);
    expect((await members()).length).toBe(before.length);
    expect((await importing(file(`${HEADER}ada\n`))).code).toBe(0);
  }, 120_000);
});
