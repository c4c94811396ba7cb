/** The documents agree with the program: settings, commands, operations. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SETTINGS } from '../src/config.ts';
import { runCli } from './server-process.ts';

function read(name: string): string {
  return readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
}

/** The README's table of settings, as it must be. */
export function settingsTable(): string {
  const rows = SETTINGS.map(({ variable, kind, fallback, describe: text }) => {
    const file = kind.type === 'secret' ? ` (or \`${variable}_FILE\`)` : '';
    const value = fallback === undefined || fallback === '' ? '–' : `\`${fallback}\``;
    return `| \`${variable}\`${file} | ${value} | ${text} |`;
  });
  return ['| variable | default | meaning |', '|---|---|---|', ...rows].join('\n');
}

describe('README', () => {
  it('lists every setting, with its default', () => {
    const between = /<!-- settings -->\n([\s\S]*?)\n<!-- \/settings -->/.exec(read('README.md'))?.[1];
    expect(between).toBe(settingsTable());
  });

  it('shows every command the program has', async () => {
    const { stdout } = await runCli(['--help']);
    const commands = [...stdout.matchAll(/^ {2}([a-z]+)(?: |\n)/gm)].map((match) => match[1] ?? '');
    expect(commands.length).toBeGreaterThan(8);
    const readme = read('README.md');
    for (const command of commands.filter((each) => each !== 'help')) expect(readme).toContain(`\`${command}`);
  });
});

describe('architecture page', () => {
  it('stays short enough to be read', () => {
    expect(read('ARCHITECTURE.md').split('\n').length).toBeLessThanOrEqual(150);
  });
});
