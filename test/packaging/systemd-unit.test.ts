/** The unit for systemd: what it promises to whoever installs it, and that systemd accepts it. */

import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../server-process.ts';

const ROOT = join(import.meta.dirname, '../..');
const UNIT = readFileSync(join(ROOT, 'packaging/rollcall.service'), 'utf8');

const valuesOf = (name: string): string[] =>
  [...UNIT.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map((match) => match[1] ?? '');

describe('packaging/rollcall.service', () => {
  test.each([
    ['Restart', 'always'],
    ['RestartPreventExitStatus', '2'],
    ['MemoryMax', '2G'],
    ['DynamicUser', 'yes'],
    ['StateDirectory', 'rollcall'],
    ['NoNewPrivileges', 'yes'],
    ['ProtectSystem', 'strict'],
    ['ProtectHome', 'yes'],
    ['CapabilityBoundingSet', ''],
    ['UMask', '0077'],
  ])('says %s=%s', (name, value) => expect(valuesOf(name)).toEqual([value]));

  test('keeps the data in the one folder it may write to, and starts the program of the package', () => {
    expect(valuesOf('Environment')).toContain('ROLLCALL_DATABASE=sqlite:/var/lib/rollcall/rollcall.db');
    expect(valuesOf('ExecStart')).toEqual(['/usr/bin/node /usr/lib/node_modules/rollcall/bin/rollcall.js serve']);
  });

  test('is understood by systemd, and leaves the program little to do harm with', (context) => {
    if (spawnSync('systemd-analyze', ['--version']).status !== 0) return context.skip('needs systemd-analyze');
    const file = join(temporaryFolder(), 'rollcall.service');
    // systemd also looks for the program, which is elsewhere on this machine.
    const started = `ExecStart=${process.execPath} ${join(ROOT, 'bin/rollcall.js')} serve`;
    writeFileSync(file, UNIT.replace(/^ExecStart=.*$/m, started));
    const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
    const rating = execFileSync('systemd-analyze', ['security', '--offline=true', file], { encoding: 'utf8' });
    // Out of ten; services without any such settings get 9.6.
    expect(Number(/exposure level for rollcall\.service: (\d+\.\d)/.exec(rating)?.[1])).toBeLessThan(2);
  });
});
