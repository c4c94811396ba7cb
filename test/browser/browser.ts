/** The browser that console tests use: the one installed with them, or the one named by ROLLCALL_TEST_BROWSER. */

import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import chromium from '@sparticuz/chromium';
import { type Browser, chromium as playwright } from 'playwright-core';
import { temporaryFolder } from '../server-process.ts';

const FOLDER = fileURLToPath(new URL('node_modules/', import.meta.url));
const NAMED = process.env['ROLLCALL_TEST_BROWSER'] ?? '';
const INSTALLED_RUNS_HERE = process.platform === 'linux' && process.arch === 'x64';

/** The reason why there is no browser for the console; undefined if there is one. CI must have one. */
export const whyNoBrowser: string | undefined =
  NAMED !== '' || INSTALLED_RUNS_HERE || (process.env['CI'] ?? '') !== ''
    ? undefined
    : `the browser of the tests runs on linux-x64 only, this is ${process.platform}-${process.arch}; name another in ROLLCALL_TEST_BROWSER`;

/**
 * Root cannot use the browser's own sandbox, containers have a small /dev/shm, and there is no graphics card. Pages of
 * one context share a process, because each process compiles the console for itself.
 */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-dev-shm-usage',
  '--disable-gpu',
  '--no-zygote',
  '--renderer-process-limit=1',
];

interface Program {
  readonly executable: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Starts the browser, which runs until `close()`, at most as long as this process. */
export async function launchBrowser(): Promise<Browser> {
  const { executable, environment } = NAMED === '' ? await unpack() : { executable: NAMED, environment: {} };
  const inherited = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return playwright.launch({
    executablePath: executable,
    args: ARGUMENTS,
    // Its profile and other temporary files are removed when the tests end.
    env: { ...Object.fromEntries(inherited), TMPDIR: temporaryFolder(), HOME: temporaryFolder(), ...environment },
  });
}

/** Unpacks the installed browser, which is compressed, once: next to its package if that folder is writable. */
async function unpack(): Promise<Program> {
  const { version } = JSON.parse(readFileSync(join(FOLDER, '@sparticuz/chromium/package.json'), 'utf8')) as {
    version: string;
  };
  const folder = isWritable(FOLDER) ? join(FOLDER, `.browser-${version}`) : temporaryFolder();
  if (!existsSync(join(folder, 'chromium'))) {
    // Several test files may get here at once: each unpacks a copy, and all use the copy of the first to finish.
    const partial = isWritable(FOLDER) ? mkdtempSync(`${folder}.`) : folder;
    await unpackInto(partial);
    if (partial !== folder) moveTo(folder, partial);
  }
  return { executable: join(folder, 'chromium'), environment: { FONTCONFIG_FILE: fontSettings(folder) } };
}

/**
 * Settings for the fonts in the package, so that pages look the same on every machine; the settings in the package
 * itself refer to another folder.
 */
function fontSettings(folder: string): string {
  const own = temporaryFolder();
  const [fonts, cache] = [join(folder, 'fonts'), join(own, 'cache')].map((each) =>
    each.replaceAll('&', '&amp;').replaceAll('<', '&lt;'),
  );
  const file = join(own, 'fonts.conf');
  writeFileSync(file, `<fontconfig><dir>${fonts}</dir><cachedir>${cache}</cachedir></fontconfig>\n`);
  return file;
}

async function unpackInto(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const before = process.env['TMPDIR'];
  // The package unpacks into the temporary directory, whatever it contains.
  process.env['TMPDIR'] = folder;
  try {
    if (tmpdir() !== folder) throw new Error(`the browser would be unpacked into ${tmpdir()}`);
    await chromium.executablePath();
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  }
}

function moveTo(folder: string, partial: string): void {
  try {
    renameSync(partial, folder);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    if (!existsSync(join(folder, 'chromium'))) throw error;
  }
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
