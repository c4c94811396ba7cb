/** How the program explains itself: help for every command and option, and one line about each mistake. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runCli } from '../server-process.ts';
import { expectRefusal, newDatabase, runCommand } from './world.ts';

const COMMANDS: Record<string, { takes: string; options: string[] }> = {
  serve: {
    takes: '',
    options:
      '--host --port --database --strict --ephemeral --test-controls --hostname --public-url --trusted-proxies --rate-limit --tls-cert --tls-key --log-level'.split(
        ' ',
      ),
  },
  demo: { takes: '', options: ['--host', '--port', '--still', '--seed', '--json'] },
  'key create': {
    takes: '',
    options: [
      '--name',
      '--expires',
      '--application',
      '--platform',
      '--read-only',
      '--rate-limit',
      '--lenient-rows',
      '--row-reports',
      '--test',
      '--skip-undefined-attributes',
    ],
  },
  'key list': { takes: '', options: [] },
  'key update': {
    takes: '<id>',
    options: [
      '--lenient-rows',
      '--no-lenient-rows',
      '--row-reports',
      '--no-row-reports',
      '--skip-undefined-attributes',
      '--no-skip-undefined-attributes',
    ],
  },
  'key delete': { takes: '<id>', options: [] },
  'application list': { takes: '', options: [] },
  'application create': { takes: '<name>', options: ['--sandbox', '--staging', '--timezone'] },
  'attribute list': { takes: '', options: [] },
  'attribute create': {
    takes: '',
    options: ['--name', '--type', '--title', '--description', '--suggestion', '--restricted', '--application'],
  },
  'user create': { takes: '', options: ['--email', '--admin'] },
  'user unlock': { takes: '<email>', options: [] },
  'user reset-password': { takes: '<email>', options: [] },
  'audience list': { takes: '', options: [] },
  'audience export': { takes: '<id>', options: [] },
  'audience import': { takes: '<id> <file>', options: ['--column', '--dry-run', '--yes'] },
  verify: { takes: '', options: [] },
  backup: { takes: '<file>', options: [] },
  restore: { takes: '<file>', options: ['--yes', '--accept-damage'] },
  migrate: { takes: '', options: ['--dry-run'] },
  simulate: {
    takes: '',
    options: [
      '--url',
      '--profiles',
      '--audiences',
      '--concurrency',
      '--changes',
      '--platform-name',
      '--seed',
      '--json',
    ],
  },
};

const BESIDE_THE_SERVER = Object.keys(COMMANDS).filter((name) => !['serve', 'demo', 'simulate'].includes(name));

describe('docs/cli.md', () => {
  const page = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8');

  it.each(Object.entries(COMMANDS))('has a part on %s, with each of its options', (name, { takes, options }) => {
    const heading = `## ${[name, takes.replaceAll(/[<>]/g, '').toUpperCase()].join(' ').trim()}\n`;
    expect(page).toContain(`\n${heading}`);
    const part = page.split(heading)[1]?.split('\n## ')[0] ?? '';
    for (const option of options) if (option !== '--json') expect(part).toContain(`\`${option}`);
  });
});

describe('help', () => {
  it.concurrent.each(Object.entries(COMMANDS))(
    'of %s explains each argument and option',
    async (name, { takes, options }) => {
      const { code, stdout, stderr } = await runCommand([...name.split(' '), '--help']);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const usage = stdout.split('\n')[0] ?? '';
      expect(usage).toBe(`Usage: rollcall ${name} [options]${takes === '' ? '' : ` ${takes}`}`);
      const all = [...options, '--help', ...(BESIDE_THE_SERVER.includes(name) ? ['--database', '--json'] : [])];
      // An option, its argument, and its description.
      const explained = [...stdout.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)(?: <[a-z-]+>)? {2,}\S/gm)].map(
        (match) => match[1],
      );
      expect(new Set(explained)).toEqual(new Set(all));
      for (const argument of takes.split(' ').filter((each) => each !== '')) {
        expect(stdout).toMatch(new RegExp(`^ {2}${argument.slice(1, -1)} {2,}\\S`, 'm'));
      }
    },
  );

  it.concurrent.each([[[]], [['help']], [['--help']]])('of the program lists every command: %j', async (args) => {
    const { code, stdout, stderr } = await runCli(args);
    // Without a command, this is an error message and belongs on standard error.
    expect(code).toBe(args.length === 0 ? 2 : 0);
    const text = args.length === 0 ? stderr : stdout;
    expect(args.length === 0 ? stdout : stderr).toBe('');
    for (const name of Object.keys(COMMANDS)) expect(text).toMatch(new RegExp(`^ {2}${name.split(' ')[0]} `, 'm'));
    expect(text).toContain('Exit codes: 0 done, 1 failed, 2 wrong usage');
  });

  it.concurrent('is what a group of commands answers, as wrong usage', async () => {
    const { code, stdout, stderr } = await runCli(['key']);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/create .*list .*delete /s);
    expect((await runCli(['key', 'help', 'create'])).stdout).toMatch(/^Usage: rollcall key create/);
  });
});

it.concurrent.each(['--version', '-V'])('%s prints the version alone', async (flag) => {
  const { code, stdout } = await runCli([flag]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

describe('wrong usage is exit 2 and one line that names what was wrong, and the remedy', () => {
  const create = ['key', 'create', '--name', 'n', '--expires', '2030-01-01'];
  const cases: [string[], RegExp][] = [
    [['keys'], /unknown command 'keys' \(did you mean key\?\); see rollcall --help/],
    [['key', 'crate'], /unknown command 'crate' \(did you mean create\?\); see rollcall key --help/],
    [['frobnicate'], /unknown command 'frobnicate'; see rollcall --help/],
    [['serve', '--prot', '1'], /unknown option '--prot' \(did you mean --port\?\); see rollcall serve --help/],
    [['--port', '1'], /unknown option '--port'/],
    [['serve', 'now'], /too many arguments for 'serve'/],
    [['key', 'list', 'all'], /too many arguments/],
    [['key', 'create', '--name', 'n'], /required option '--expires <date>' not specified/],
    [['key', 'create', '--expires', '2030-01-01'], /required option '--name <name>' not specified/],
    [['key', 'create', '--name'], /option '--name <name>' argument missing/],
    [[...create, '--platform', 'braze'], /--platform.*'braze'.*Allowed choices are none, customer_data, segment/],
    [[...create, '--rate-limit', '0'], /--rate-limit.*'0'.*whole number, 1 or more/],
    [['key', 'delete'], /missing required argument 'id'/],
    [['key', 'delete', 'first'], /'first'.*'id'.*whole number, 1 or more/],
    [['key', 'delete', '0'], /whole number, 1 or more/],
    [['key', 'delete', '1e3'], /whole number/],
    [['audience', 'import', '1'], /missing required argument 'file'/],
    [['attribute', 'create', '--name', 'n', '--type', 'text'], /--type.*'text'.*Allowed choices are string, number/],
    [['simulate'], /required option '--url <url>' not specified/],
    [['simulate', '--url', 'http://localhost', '--profiles', '-5'], /--profiles.*'-5'.*1 or more/],
    [
      ['serve', '--ephemeral', '--database', 'sqlite:x.db'],
      /--ephemeral keeps everything in memory; leave out --database/,
    ],
    [['serve', '--test-controls'], /--test-controls: only with --ephemeral/],
    [
      ['serve', '--ephemeral', '--test-controls', '--host', '0.0.0.0'],
      /--test-controls: only on this machine; leave out --host 0.0.0.0/,
    ],
    [['key', 'list', '--database', 'x.db'], /--database: 'x\.db' is not of the form sqlite:PATH/],
    [['serve', '--database', 'postgres://u:geheim@h/d'], /--database: this version supports only SQLite/],
    [['serve', '--port', 'http'], /--port: 'http' is not a whole number from 0 to 65535/],
    [['serve', '--hostname', 'a b'], /--hostname: 'a b' is not a host name/],
    [['serve', '--tls-cert', 'a', '--tls-key', 'b'], /--tls-cert: cannot read the file a/],
  ];

  it.concurrent.each(cases)('%j', async (args, message) => {
    const result = await runCommand(args);
    expectRefusal(result, 2, message);
    expect(result.stderr).not.toContain('geheim');
  });

  it.concurrent('from the environment too', async () => {
    expectRefusal(await runCli(['serve'], { env: { ROLLCALL_PORT: '70000' } }), 2, /ROLLCALL_PORT: '70000' is not/);
    expectRefusal(
      await runCli(['key', 'list'], { env: { ROLLCALL_DATABASE: 'x' } }),
      2,
      /ROLLCALL_DATABASE: 'x' is not/,
    );
  });

  it.concurrent('but a wrong setting of the server does not stop other commands', async () => {
    const env = { ROLLCALL_PORT: 'wrong', ROLLCALL_ADMIN_EMAIL: 'alone', ROLLCALL_DATABASE: newDatabase() };
    expect((await runCli(['application', 'create', 'Shop'], { env })).code).toBe(0);
    expect((await runCli(['application', 'list'], { env })).stdout).toContain('Shop');
  });

  it.concurrent('names the program as it was started', async () => {
    const result = await runCli(['keys'], { env: { ROLLCALL_COMMAND: 'npm run rollcall --' } });
    expectRefusal(result, 2, /see npm run rollcall -- --help/);
  });
});
