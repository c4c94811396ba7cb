/** The page at /docs: our name, a first call that works as is, and a key that is kept until the tab is closed. */

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../server-process.ts';
import { describeConsole, NARROW } from './console-world.ts';
import { expectFits } from './page-checks.ts';

const folder = temporaryFolder();

describeConsole(
  'the page of /docs',
  (world) => {
    test('leads with a call that works unchanged, and keeps the key over a reload', async () => {
      // A separate page: the console's rules do not apply to what Swagger UI logs and requests.
      const page = await (await world.open('/', { as: null })).context().newPage();
      await page.goto('/docs', { timeout: 60_000 });
      await page.getByRole('heading', { name: 'First call' }).waitFor({ timeout: 60_000 });
      expect(await page.title()).toBe('Rollcall API');
      expect(await page.getByRole('heading', { level: 1 }).or(page.locator('h2.title')).first().innerText()).toMatch(
        /^Rollcall/,
      );
      expect(await page.locator('img, .topbar').count()).toBe(0);

      const command = await page.locator('.info .description pre').first().innerText();
      expect(command).toContain(world.server.url);
      const { stdout } = await promisify(execFile)('bash', ['-c', command], { cwd: folder });
      expect(JSON.parse(stdout)).toMatchObject({
        customerProfile: { integrationId: 'ada', attributes: { Tier: 'gold' }, audienceMemberships: [{ id: 1 }] },
      });

      await page.getByRole('button', { name: 'Authorize' }).first().click();
      await page.locator('.auth-container').first().getByRole('textbox').fill('ApiKey-v1 rck_kept');
      await page.locator('.auth-container').first().getByRole('button', { name: 'Apply' }).click();
      await page.reload();
      await page.getByRole('heading', { name: 'First call' }).waitFor({ timeout: 60_000 });
      const stored = await page.evaluate(() => [JSON.stringify(sessionStorage), JSON.stringify(localStorage)]);
      expect(stored[0]).toContain('rck_kept');
      expect(stored[1]).not.toContain('rck_kept');
      await page.getByRole('button', { name: 'Authorize' }).first().click();
      await page.locator('.auth-container').first().getByRole('button', { name: 'Remove authorization' }).click();
      expect(await page.evaluate(() => JSON.stringify(sessionStorage))).not.toContain('rck_kept');
    });

    test('shows how platforms are connected, with the address of this server, on a narrow screen too', async () => {
      const page = await world.open('/', { as: null, width: NARROW });
      await page.goto('/docs/connect', { timeout: 60_000 });
      await page.getByRole('link', { name: 'Tealium' }).first().click();
      await page.getByRole('heading', { level: 1, name: 'Tealium' }).waitFor({ timeout: 60_000 });
      const sample = await page.locator('pre').first().innerText();
      expect(sample).toContain(`POST ${world.server.url}/cdp/audiences`);
      expect(await page.locator('body').innerText()).not.toContain('rollcall.example.com');
      await expectFits(page);
      await world.closePages();
    });
  },
  { database: `sqlite:${join(folder, 'data', 'rollcall.db')}` },
);
