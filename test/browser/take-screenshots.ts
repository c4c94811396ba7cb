/** `npm run screenshots`: takes the pictures of the documents from the demo, in both colour schemes. */

import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startDemoProcess } from '../server-process.ts';
import { launchBrowser } from './browser.ts';
import { ask, type Browser, openWindow, type Page, type Session, settled, signIn } from './visitor.ts';

const FOLDER = fileURLToPath(new URL('../../docs/screenshots/', import.meta.url));
const SCHEMES = ['light', 'dark'] as const;
const TIMEZONE = 'Europe/Berlin';
const SETTLING_MS = 2500;
// The size of the pictures; larger ones would make a clone heavy.
const MOST_BYTES = 150_000;

interface Picture {
  readonly name: string;
  readonly path: string;
  /** Waits until the subject of the picture is visible. */
  ready(page: Page): Promise<unknown>;
}

interface Listed {
  readonly data: readonly { readonly id: number }[];
}

interface Members {
  readonly data: readonly { readonly id: number; readonly audienceMemberships: readonly unknown[] }[];
}

async function picturesOf(session: Session): Promise<Picture[]> {
  const [audience] = (await ask<Listed>(session, '/v1/audiences?search=early%20access&pageSize=1')).data;
  if (audience === undefined) throw new Error('The demo has no audience for early access any more');
  const members = await ask<Members>(session, `/v1/audiences/${audience.id}/memberships?pageSize=200`);
  // The profile that is in most audiences has the longest history.
  const [profile] = [...members.data].sort((a, b) => b.audienceMemberships.length - a.audienceMemberships.length);
  return [
    { name: 'home', path: '/', ready: settled },
    {
      name: 'create-api-key',
      path: '/applications/1/settings/api-keys?create=1',
      ready: async (page) => page.getByRole('dialog', { name: 'Create API Key' }).waitFor(),
    },
    { name: 'audience', path: `/audiences/${audience.id}`, ready: settled },
    { name: 'profile', path: `/profiles/${profile?.id ?? 0}`, ready: settled },
    { name: 'activity', path: '/activity', ready: settled },
  ];
}

async function take(browser: Browser, session: Session, picture: Picture, scheme: 'light' | 'dark'): Promise<void> {
  const window = await openWindow(browser, session, { colorScheme: scheme, timezoneId: TIMEZONE });
  try {
    const page = await window.newPage();
    await page.goto(`/console${picture.path}`);
    await picture.ready(page);
    await page.locator(`html[data-mantine-color-scheme="${scheme}"]`).waitFor();
    // Live figures appear a moment later.
    await page.waitForTimeout(SETTLING_MS);
    await picture.ready(page);
    const file = join(FOLDER, `${picture.name}-${scheme}.png`);
    await page.screenshot({ path: file, animations: 'disabled', caret: 'hide' });
    const { size } = statSync(file);
    process.stdout.write(`${picture.name}-${scheme}.png ${Math.round(size / 1000)} kB\n`);
    if (size > MOST_BYTES) throw new Error(`${file} is larger than ${MOST_BYTES} bytes`);
  } finally {
    await window.close();
  }
}

mkdirSync(FOLDER, { recursive: true });
const demo = await startDemoProcess(['--seed', '1']);
const browser = await launchBrowser();
try {
  const session = await signIn(demo.url, demo.admin);
  for (const picture of await picturesOf(session)) {
    for (const scheme of SCHEMES) await take(browser, session, picture, scheme);
  }
} finally {
  await browser.close();
  await demo.stop();
}
