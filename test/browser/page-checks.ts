/** What must hold for every page of the console: no accessibility violation in either colour scheme, nothing sticks out. */

import { AxeBuilder } from '@axe-core/playwright';
import type { RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** With the second scheme nothing changes but colours: what looks at them is asked again. */
const SCHEMES: readonly (readonly ['light' | 'dark', RunOptions])[] = [
  ['light', { resultTypes: ['violations'] }],
  ['dark', { resultTypes: ['violations'], runOnly: ['color-contrast', 'link-in-text-block'] }],
];

/** Runs axe over the page as it stands, in both colour schemes. */
export async function expectAccessible(page: Page): Promise<void> {
  const found: string[] = [];
  for (const [colorScheme, rules] of SCHEMES) {
    await page.emulateMedia({ colorScheme });
    await page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`).waitFor();
    // What passes is wanted as a number only: describing every element of it costs a quarter of the time.
    const axe = new AxeBuilder({ page }).setLegacyMode().options(rules);
    const { violations, passes } = await axe.analyze();
    // A page that is not there yet violates nothing.
    expect(passes.length).toBeGreaterThan(colorScheme === 'light' ? 10 : 0);
    for (const { id, help, nodes } of violations) {
      const where = nodes.slice(0, 5).map(({ html, any }) => `${html.slice(0, 200)} ${any[0]?.message ?? ''}`);
      found.push(`${colorScheme} ${new URL(page.url()).pathname}: ${id}: ${help}\n  ${where.join('\n  ')}`);
    }
  }
  expect(found.join('\n')).toBe('');
}

/** Nothing makes the page scroll sideways. */
export async function expectFits(page: Page): Promise<void> {
  const overhang = async () => page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');
  // Charts and tables follow a new width in the next frames.
  await expect.poll(overhang, { timeout: 5000 }).toBeLessThanOrEqual(0);
}

/** States of pages that were judged already: a narrower window alone changes little of what axe looks at. */
const judged = new Set<string>();

/** Nothing sticks out at the width it has; and no violation on the page as it stands, once for each state of it. */
export async function expectSound(page: Page): Promise<void> {
  await expectFits(page);
  const { pathname, searchParams } = new URL(page.url());
  const dialogs = await page.getByRole('dialog').allInnerTexts();
  const state = [pathname.replace(/\d+/g, 'N'), searchParams.get('tab'), ...dialogs.map((each) => each.slice(0, 60))];
  const key = state.join(' ');
  if (judged.has(key)) return;
  judged.add(key);
  await expectAccessible(page);
}
