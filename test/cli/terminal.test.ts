/** The program on a real terminal, provided by `script`. */

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from '../server-process.ts';
import { cli, ENTRY, filledDatabase, has, json, newDatabase, within } from './world.ts';

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const possible = /util-linux/.test(spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout ?? '');

interface Terminal {
  /** The output so far, with plain line ends. */
  screen(): string;
  type(text: string): void;
  /** Waits until a text appears. */
  shows(pattern: RegExp): Promise<RegExpExecArray>;
  ended(): Promise<number | null>;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function onTerminal(...args: string[]): Terminal {
  // `exec`, because Ctrl-C would end a shell in between.
  const command = ['exec', process.execPath, ENTRY, ...args]
    .map((word, index) => (index === 0 ? word : quote(word)))
    .join(' ');
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('ROLLCALL_'));
  const child = spawn('script', ['-q', '-e', '-c', command, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...Object.fromEntries(inherited), SHELL: '/bin/sh' },
  });
  let shown = '';
  child.stdout.on('data', (chunk: Buffer) => {
    shown += chunk.toString();
  });
  const exit = once(child, 'close').then(([code]) => code as number | null);
  const screen = () => shown.replaceAll('\r\n', '\n');
  return {
    screen,
    type: (text) => child.stdin.write(text),
    shows: async (pattern) => within(20_000, async () => pattern.exec(screen()) ?? undefined),
    ended: async () => exit,
  };
}

describe.skipIf(!possible)('on a terminal', () => {
  it('the first start shows the secrets there and writes no file; Ctrl-C is exit 0', async () => {
    const database = newDatabase();
    const terminal = onTerminal('serve', '--port', '0', '--log-level', 'error', '--database', database);
    await terminal.shows(/Rollcall listening on http/);
    const screen = terminal.screen();
    expect(screen).toMatch(/\n {2}admin {4}admin@example.com\n {2}password [\w-]{20} \(shown once\)\n/);
    expect(existsSync(join(database.slice(7), '..', 'first-run.txt'))).toBe(false);
    const curl = /^ {2}(curl .*)$/m.exec(screen)?.[1] ?? '';
    expect(curl).toMatch(/ApiKey-v1 rck_\w{38}"/);
    if (has('bash') && has('curl')) {
      const called = spawnSync('bash', ['-c', curl], { encoding: 'utf8' });
      expect(JSON.parse(called.stdout)).toMatchObject({ customerProfile: { audienceMemberships: [{ id: 1 }] } });
    }
    terminal.type(CTRL_C);
    expect(await terminal.ended()).toBe(0);

    const again = onTerminal('serve', '--port', '0', '--log-level', 'error', '--database', database);
    await again.shows(/Rollcall listening on http/);
    expect(again.screen()).toMatch(/rollcall key create --name "My CDP"/);
    expect(again.screen()).not.toMatch(/rck_|password/);
    again.type(CTRL_C);
    expect(await again.ended()).toBe(0);
  });

  it('user create asks nothing and generates the password', async () => {
    const database = newDatabase();
    const terminal = onTerminal('user', 'create', '--email', 'ada@example.com', '--database', database);
    expect(await terminal.ended()).toBe(0);
    expect(terminal.screen()).toMatch(/\nThe password, to be changed at the first sign-in:\n[\w-]{20}\n/);
  });

  it('restore asks, and does nothing unless the answer is yes', async () => {
    const { database } = await filledDatabase();
    const backup = join(database.slice(7), '..', 'backup.db');
    await cli(database, 'backup', backup);
    await cli(database, 'application', 'create', 'Later');
    const count = async () => (await json<unknown[]>(database, 'application', 'list')).length;
    for (const answer of ['no\n', '\n', CTRL_D, CTRL_C]) {
      const terminal = onTerminal('restore', backup, '--database', database);
      await terminal.shows(
        /Replace all data in .* with .*\? A copy of the current data is kept next to it\. Type yes: /,
      );
      terminal.type(answer);
      expect(await terminal.ended()).toBe(1);
      expect(terminal.screen()).toMatch(/rollcall: nothing was changed\n/);
    }
    expect(await count()).toBe(2);
    const terminal = onTerminal('restore', backup, '--database', database);
    await terminal.shows(/Type yes: /);
    terminal.type('yes\n');
    expect(await terminal.ended()).toBe(0);
    expect(terminal.screen()).toMatch(/Restored from /);
    expect(await count()).toBe(1);
  });

  it('an export cannot steer it; a file gets each ID exactly', async () => {
    const { database } = await filledDatabase();
    const csv = 'profileintegrationid\nred\u001b[31m\u009b2J\n';
    await runCli(['audience', 'import', '1', '-', '--database', database], { input: csv });
    expect((await cli(database, 'audience', 'export', '1')).stdout).toBe(csv);
    const terminal = onTerminal('audience', 'export', '1', '--database', database);
    expect(await terminal.ended()).toBe(0);
    expect(terminal.screen()).toBe('profileintegrationid\nred�[31m�2J\n');
  });
});
