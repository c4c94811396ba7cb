/** The console's frame in a browser: navigation, environments, colours, unknown pages. */

import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { describeConsole, NARROW, WIDE } from './console-world.ts';
import { expectHealthyPage } from './page-checks.ts';

describeConsole('the frame', (world) => {
  test.each([WIDE, NARROW])('is sound around a page at %d px', async (width) => {
    const page = await world.open('/', { width });
    await expectHealthyPage(page);
  });

  test('leads to the areas, and shows where one is', async () => {
    const page = await world.open('/');
    const navigation = page.getByRole('navigation', { name: 'Main' });
    const areas = await navigation.getByRole('listitem').allTextContents();
    expect(areas).toEqual([
      'Home',
      'Applications',
      'Audiences',
      'Customer profiles',
      'Attributes',
      'Activity',
      'Account',
    ]);
    for (const area of areas.slice(1, -1)) {
      await navigation.getByRole('link', { name: area }).click();
      await page.getByRole('heading', { level: 1, name: area }).waitFor();
      expect(await navigation.locator('[aria-current="page"]').allTextContents()).toEqual([area]);
      expect(await page.title()).toBe(`${area} · Rollcall`);
    }
  });

  test('keeps the environment in the address, from page to page', async () => {
    const page = await world.open('/audiences?env=sandbox');
    const environments = page.getByRole('radiogroup', { name: 'Environment' });
    expect(await environments.getByRole('radio', { name: 'Sandbox' }).isChecked()).toBe(true);
    await page.getByRole('link', { name: 'Customer profiles' }).click();
    await page.waitForURL(/\/console\/profiles\?env=sandbox$/);
    await environments.getByText('Live').click();
    await page.waitForURL(/\/console\/profiles$/);
  });

  test('opens its navigation on narrow screens, and closes it on the way', async () => {
    const page = await world.open('/', { width: NARROW });
    const link = page.getByRole('link', { name: 'Audiences' });
    expect(await link.isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Open the navigation' }).click();
    await link.click();
    await page.getByRole('heading', { level: 1, name: 'Audiences' }).waitFor();
    await link.waitFor({ state: 'hidden' });
  });

  test('takes the colours one chooses, and keeps them', async () => {
    const page = await world.open('/', { scheme: 'light' });
    await page.getByRole('button', { name: /your menu$/ }).click();
    await page.getByRole('menuitemradio', { name: 'Dark' }).click();
    await page.locator('html[data-mantine-color-scheme="dark"]').waitFor();
    await page.reload();
    await page.locator('html[data-mantine-color-scheme="dark"]').waitFor();
  });

  test('is seen for the first time by every test', async () => {
    const kept = `[document.cookie, localStorage.length, sessionStorage.length, history.length, window.name,
      (await indexedDB.databases()).length, (await caches.keys()).length, "axe" in window]`;
    const look = async (page: Page) => page.evaluate<unknown[]>(`(async () => ${kept})()`);
    const first = await world.open('/');
    const before = await look(first);
    await first.evaluate(`(async () => {
      document.cookie = 'left=behind; path=/; max-age=3600';
      localStorage.setItem('mantine-color-scheme-value', 'dark');
      sessionStorage.setItem('left', 'behind');
      window.name = window.axe = 'left behind';
      await caches.open('left');
      await new Promise((resolve, reject) => Object.assign(indexedDB.open('left'), { onsuccess: resolve, onerror: reject }));
    })()`);
    await first.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Audiences' }).click();
    await first.getByRole('heading', { level: 1, name: 'Audiences' }).waitFor();
    expect(await look(first)).not.toEqual(before);
    await world.closePages();

    const second = await world.open('/');
    expect(await look(second)).toEqual(before);
    await second.locator('html[data-mantine-color-scheme="light"]').waitFor();
    await world.closePages();
    const stranger = await world.open('/', { as: null });
    await stranger.getByRole('heading', { name: 'Sign in' }).waitFor();
  });

  test('says so where there is no page', async () => {
    const page = await world.open('/no/such/page');
    await page.getByRole('heading', { name: 'Page not found' }).waitFor();
    await expectHealthyPage(page);
    await page.getByRole('link', { name: 'Go to Home' }).click();
    await page.getByRole('heading', { level: 1, name: 'Home' }).waitFor();
  });
});
