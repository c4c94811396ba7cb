/** Settings: where each is read from, what it accepts, and the message if it is wrong. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Config,
  ConfigError,
  programCommand,
  readConfig,
  readOne,
  readSimulateKey,
  SETTINGS,
} from '../src/config.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-config-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function problemOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    const { message } = error as ConfigError;
    expect(message).not.toContain('\n');
    return message;
  }
  throw new Error('The setting was taken');
}

type Name = keyof Config;

/** For each setting: texts it accepts, with their values, and texts it refuses. */
const CASES: Record<Name, { right: [string, unknown][]; wrong: string[] }> = {
  database: {
    right: [
      ['sqlite:a.db', 'sqlite:a.db'],
      ['sqlite:/var/lib/a b.db', 'sqlite:/var/lib/a b.db'],
      ['sqlite:///var/a.db', 'sqlite:///var/a.db'],
    ],
    wrong: ['a.db', 'sqlite:', 'sqlite::memory:', 'sqlite://data/a.db', 'sqlite:~/a.db', 'mysql:a', 'postgres://u@h/d'],
  },
  host: {
    right: [
      ['::1', '::1'],
      ['localhost', 'localhost'],
    ],
    wrong: [],
  },
  port: {
    right: [
      ['0', 0],
      ['65535', 65535],
      [' 8080 ', 8080],
    ],
    wrong: ['65536', '-1', '80.5', '1e3', '0x50', 'http', '9'.repeat(400)],
  },
  strict: {
    right: [
      ['true', true],
      ['1', true],
      ['TRUE', true],
      ['false', false],
      ['0', false],
    ],
    wrong: ['yes', 'no', 'on', '2', 'truee', 'null'],
  },
  hostnames: {
    right: [
      ['promo.example.com', ['promo.example.com']],
      ['A.example.com, b.example.com:8443 ,', ['a.example.com', 'b.example.com:8443']],
      ['https://a.example.com/x', ['a.example.com']],
      ['[::1]:80', ['[::1]:80']],
    ],
    wrong: ['a b', 'a..b', '-a', 'a:99999', 'ftp://a', '*', '[::g]', 'a,b c'],
  },
  publicUrl: {
    right: [
      ['https://a.example.com/', 'https://a.example.com'],
      ['http://a:8080/x/', 'http://a:8080/x'],
    ],
    wrong: [
      'a.example.com',
      'ftp://a',
      'https://',
      'https://a?x',
      'https://a#x',
      'https://user:secret@a',
      'https://a b',
    ],
  },
  trustedProxies: {
    right: [
      ['10.0.0.1', ['10.0.0.1']],
      ['10.0.0.0/8, ::1/128', ['10.0.0.0/8', '::1/128']],
    ],
    wrong: ['proxy', '10.0.0.0/33', '::1/129', '10.0.0.0/-1', '10.0.0.0/8/8x', '10.0.0'],
  },
  tlsCert: { right: [], wrong: [] },
  tlsKey: { right: [], wrong: [] },
  docs: { right: [['false', false]], wrong: ['off'] },
  metrics: { right: [['false', false]], wrong: ['off'] },
  metricsToken: {
    right: [
      ['t', 't'],
      [' t ', ' t '],
    ],
    wrong: ['x'.repeat(1001)],
  },
  adminEmail: { right: [], wrong: ['ada', 'a b@c', '@', 'a@b@c'] },
  adminPassword: { right: [], wrong: ['short', 'x'.repeat(1001)] },
  sessionTokenDays: {
    right: [
      ['1', 1],
      ['3650', 3650],
    ],
    wrong: ['0', '3651', '90d'],
  },
  rateLimit: {
    right: [
      ['1', 1],
      ['1000000', 1_000_000],
    ],
    wrong: ['0', '1.5', '1000001', 'none'],
  },
  allowThirdPartyKeysOnIntegrationApi: {
    right: [
      ['true', true],
      ['0', false],
    ],
    wrong: ['maybe'],
  },
  maxUploadBytes: {
    right: [
      ['1024', 1024],
      ['2G', 2_147_483_648],
    ],
    wrong: ['1023', 'big', '-1'],
  },
  maxAttributeBytes: {
    right: [
      ['1K', 1024],
      ['64 KiB', 65_536],
    ],
    wrong: ['1023', '0', 'all'],
  },
  maxProfileBytes: {
    right: [
      ['1024', 1024],
      ['1M', 1_048_576],
    ],
    wrong: ['1023', '0', 'all'],
  },
  stayErased: {
    right: [
      ['live', 'live'],
      ['all', 'all'],
    ],
    wrong: ['true', 'Live', 'live,sandbox'],
  },
  maxBodyBytes: {
    right: [
      ['10485760', 10_485_760],
      ['10M', 10_485_760],
      ['16 MiB', 16_777_216],
      ['1gb', 1_073_741_824],
    ],
    wrong: ['9M', '10485759', 'M', '1.5G', '10T', '-10M', '10 M B', '9'.repeat(30)],
  },
  maxBacklogRequests: { right: [['1', 1]], wrong: ['0', '1000001', '10k'] },
  maxBacklogBytes: { right: [['1k', 1024]], wrong: ['1023', 'k'] },
  maxBodiesBytes: { right: [['10M', 10_485_760]], wrong: ['1M'] },
  maxConnections: { right: [['10', 10]], wrong: ['9', '1000001'] },
  maxUnreadBytes: { right: [['1M', 1_048_576]], wrong: ['1023k'] },
  maxAuthFailuresPerMinute: { right: [['1', 1]], wrong: ['0'] },
  requestTimeoutSeconds: { right: [['3600', 3600]], wrong: ['0', '3601', '30s'] },
  shutdownDelaySeconds: {
    right: [
      ['0', 0],
      ['3600', 3600],
    ],
    wrong: ['-1', '3601'],
  },
  shutdownGraceSeconds: { right: [['0', 0]], wrong: ['ten'] },
  minFreeDiskBytes: {
    right: [
      ['0', 0],
      ['1G', 1_073_741_824],
    ],
    wrong: ['-1', 'all'],
  },
  maxDatabaseBytes: { right: [['1M', 1_048_576]], wrong: ['1', '1023k'] },
  ledgerRetentionDays: {
    right: [
      ['0', 0],
      ['36500', 36_500],
    ],
    wrong: ['36501', 'ever'],
  },
  accessLog: { right: [['0', false]], wrong: ['off'] },
  accessLogMaxBytes: { right: [['2G', 2_147_483_648]], wrong: ['1023K', '0'] },
  accessLogRetentionDays: { right: [['3650', 3650]], wrong: ['0', '3651'] },
  accessLogPayloadBytes: {
    right: [
      ['0', 0],
      ['64K', 65_536],
    ],
    wrong: ['65537', '-1'],
  },
  maxRefusedBytes: {
    right: [
      ['0', 0],
      ['1G', 1_073_741_824],
    ],
    wrong: ['-1', 'none'],
  },
  logLevel: {
    right: [
      ['debug', 'debug'],
      ['silent', 'silent'],
    ],
    wrong: ['DEBUG', 'verbose'],
  },
};

const rows = SETTINGS.map((setting) => ({ ...setting, ...CASES[setting.name] }));
const right = rows.flatMap(({ name, variable, right: values }) =>
  values.map(([text, value]) => ({ name, variable, text, value })),
);
const wrong = rows.flatMap(({ name, variable, kind, flag, wrong: values }) =>
  values.map((text) => ({ name, variable, kind, flag, text })),
);

describe('each setting', () => {
  it('is in the table above, and has a variable of its own', () => {
    expect(SETTINGS.map(({ name }) => name).sort()).toEqual(Object.keys(CASES).sort());
    expect(new Set(SETTINGS.map(({ variable }) => variable)).size).toBe(SETTINGS.length);
    for (const { variable } of SETTINGS) expect(variable).toMatch(/^ROLLCALL_[A-Z_]+$/);
  });

  it.each(right)('$variable takes $text', ({ name, variable, text, value }) => {
    expect(readConfig({}, { [variable]: text })[name]).toEqual(value);
    expect(readConfig({ [name]: text.trim() }, {})[name]).toEqual(typeof value === 'string' ? value.trim() : value);
  });

  it.each(wrong)('$variable refuses $text by its name, in one line', ({ name, variable, kind, flag, text }) => {
    const message = problemOf(() => readConfig({}, { [variable]: text }));
    expect(message.startsWith(`${variable}: `)).toBe(true);
    if (kind.type === 'secret') expect(message).not.toContain(text);
    if (flag !== undefined) expect(problemOf(() => readConfig({ [name]: text }, {}))).toMatch(`${flag}: `);
  });

  it('has a default that it would take itself', () => {
    for (const { variable, fallback } of SETTINGS) {
      if (fallback !== undefined && fallback !== '') readConfig({}, { [variable]: fallback });
    }
    expect(readConfig({}, {})).toMatchObject({
      database: 'sqlite:data/rollcall.db',
      host: '127.0.0.1',
      port: 8080,
      strict: false,
      hostnames: [],
      publicUrl: undefined,
      rateLimit: undefined,
      adminPassword: undefined,
    });
  });
});

describe('the order', () => {
  it('is flag, environment, default; what is empty counts as not set', () => {
    const environment = { ROLLCALL_PORT: '1', ROLLCALL_HOST: '', ROLLCALL_STRICT: 'true' };
    expect(readConfig({ port: '2', strict: 'false' }, environment)).toMatchObject({ port: 2, strict: false });
    expect(readConfig({}, environment)).toMatchObject({ port: 1, host: '127.0.0.1', strict: true });
  });

  it('lets a good flag win over a wrong variable', () => {
    expect(readConfig({ port: '2' }, { ROLLCALL_PORT: 'x' }).port).toBe(2);
  });

  it('knows no empty flag', () => {
    expect(problemOf(() => readConfig({ host: ' ' }, {}))).toBe('--host: must not be empty');
  });
});

describe('secrets', () => {
  it('may stand in a file, without its line end', () => {
    const path = file('token', ' s3cret \r\n');
    expect(readConfig({}, { ROLLCALL_METRICS_TOKEN_FILE: path }).metricsToken).toBe(' s3cret ');
    expect(
      readConfig({}, { ROLLCALL_ADMIN_EMAIL: 'a@b', ROLLCALL_ADMIN_PASSWORD_FILE: file('p', 'correct horse\n') }),
    ).toMatchObject({ adminEmail: 'a@b', adminPassword: 'correct horse' });
  });

  it('are refused when the file cannot be read or is empty: no protection must get lost unseen', () => {
    for (const path of [join(folder, 'missing'), folder]) {
      expect(problemOf(() => readConfig({}, { ROLLCALL_METRICS_TOKEN_FILE: path }))).toBe(
        `ROLLCALL_METRICS_TOKEN_FILE: cannot read the file ${path}`,
      );
    }
    expect(problemOf(() => readConfig({}, { ROLLCALL_METRICS_TOKEN_FILE: file('empty', '\n') }))).toBe(
      'ROLLCALL_METRICS_TOKEN_FILE: its length must be 1 to 1000',
    );
  });

  it('are refused when given in both ways', () => {
    const both = { ROLLCALL_METRICS_TOKEN: 'a', ROLLCALL_METRICS_TOKEN_FILE: file('b', 'b') };
    expect(problemOf(() => readConfig({}, both))).toMatch(/ROLLCALL_METRICS_TOKEN and ROLLCALL_METRICS_TOKEN_FILE/);
  });

  it('are never repeated, and files are for secrets only', () => {
    expect(
      problemOf(() => readConfig({}, { ROLLCALL_ADMIN_EMAIL: 'a@b', ROLLCALL_ADMIN_PASSWORD: 'geheim' })),
    ).not.toContain('geheim');
    expect(readConfig({}, { ROLLCALL_PORT_FILE: file('port', '1') }).port).toBe(8080);
  });
});

describe('settings that belong together', () => {
  it('are wanted together', () => {
    expect(problemOf(() => readConfig({ tlsCert: 'a.pem' }, {}))).toMatch(/--tls-cert and --tls-key .*together/);
    expect(problemOf(() => readConfig({}, { ROLLCALL_TLS_KEY: 'a.pem' }))).toMatch(/together/);
    expect(problemOf(() => readConfig({}, { ROLLCALL_ADMIN_EMAIL: 'a@b' }))).toMatch(/together/);
    expect(problemOf(() => readConfig({}, { ROLLCALL_ADMIN_PASSWORD: 'correct horse' }))).toMatch(/together/);
  });

  it('strict mode brings a rate limit, unless there is one', () => {
    expect(readConfig({ strict: 'true' }, {}).rateLimit).toBe(60);
    expect(readConfig({ strict: 'true', rateLimit: '5' }, {}).rateLimit).toBe(5);
  });
});

describe('the database', () => {
  it('is all that other commands read: wrong settings of the server do not stop them', () => {
    const environment = { ROLLCALL_DATABASE: 'sqlite:x.db', ROLLCALL_PORT: 'wrong' };
    expect(readOne('database', undefined, environment)).toBe('sqlite:x.db');
    expect(readOne('database', 'sqlite:y.db', environment)).toBe('sqlite:y.db');
    expect(readOne('database', undefined, {})).toBe('sqlite:data/rollcall.db');
  });

  it('never shows the password of a URL', () => {
    for (const url of ['postgres://u:geheim@h/d', 'mysql://u:geheim@h/d', 'u:geheim@h']) {
      expect(problemOf(() => readOne('database', url, {}))).not.toContain('geheim');
    }
  });
});

it('the program is called as it was started', () => {
  expect(programCommand({})).toBe('rollcall');
  expect(programCommand({ npm_lifecycle_event: 'npx', npm_lifecycle_script: "'rollcall'" })).toBe('npx rollcall');
  expect(programCommand({ npm_lifecycle_event: 'npx', npm_lifecycle_script: "'vitest'" })).toBe('rollcall');
  expect(programCommand({ ROLLCALL_COMMAND: 'npm run rollcall --', npm_lifecycle_event: 'start' })).toBe(
    'npm run rollcall --',
  );
});

it('the key of a simulation loses its blanks', () => {
  expect(readSimulateKey({ ROLLCALL_KEY: ' rck_1\n' })).toBe('rck_1');
  expect(readSimulateKey({ ROLLCALL_KEY: ' ' })).toBeUndefined();
});
