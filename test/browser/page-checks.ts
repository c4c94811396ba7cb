/** Checks of every page of the console: no accessibility violation in either colour scheme, and no overflow. */

import axe, { type Result, type RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** Only the number of passed checks is needed; describing every element of them takes a quarter of the time. */
const RULES: RunOptions = { resultTypes: ['violations'] };
const SCHEMES = ['light', 'dark'] as const;

/** Runs axe over the current state of the page, in both colour schemes. */
export async function expectAccessible(page: Page): Promise<void> {
  const found: string[] = [];
  for (const colorScheme of SCHEMES) {
    await page.emulateMedia({ colorScheme });
    await page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`).waitFor();
    await atRest(page);
    const { violations, passed } = await runAxe(page);
    // A page that has not loaded yet violates nothing.
    expect(passed).toBeGreaterThan(10);
    for (const { id, help, nodes } of violations) {
      const where = nodes.slice(0, 5).map(({ html, any }) => `${html.slice(0, 200)} ${any[0]?.message ?? ''}`);
      found.push(`${colorScheme} ${new URL(page.url()).pathname}: ${id}: ${help}\n  ${where.join('\n  ')}`);
    }
  }
  expect(found.join('\n')).toBe('');
}

/**
 * Finishes transitions until three frames in a row start no new one, because colours cannot be checked during a fade.
 */
async function atRest(page: Page): Promise<void> {
  await page.evaluate(`(async () => {
    for (let still = 0; still < 3; still += 1) {
      await new Promise(requestAnimationFrame);
      for (const moving of document.getAnimations()) {
        if (!(moving instanceof CSSTransition)) continue;
        moving.finish();
        still = -1;
      }
    }
  })()`);
}

/** Returns what axe finds. It is loaded once per document, because parsing it takes longer than running it. */
async function runAxe(page: Page): Promise<{ violations: Result[]; passed: number }> {
  if (!(await page.evaluate<boolean>('"axe" in window'))) await page.evaluate(axe.source);
  // The page's policy allows no frames, so the document is all there is.
  return page.evaluate(`axe
    .run(document, ${JSON.stringify(RULES)})
    .then(({ violations, passes }) => ({ violations, passed: passes.length }))`);
}

/** Checks that the page does not scroll sideways. */
export async function expectFits(page: Page): Promise<void> {
  const overhang = async () => page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');
  // Charts and tables adapt to a new width in the next frames.
  await expect.poll(overhang, { timeout: 5000 }).toBeLessThanOrEqual(0);
}

/** States of pages that have already been checked. */
const judged = new Set<string>();

/** Checks the page for overflow at its current width, and for violations, once per state and width. */
export async function expectHealthyPage(page: Page): Promise<void> {
  await expectFits(page);
  const { pathname, searchParams } = new URL(page.url());
  const dialogs = await page.getByRole('dialog').allInnerTexts();
  const { width = 0 } = page.viewportSize() ?? {};
  const state = [
    width,
    pathname.replace(/\d+/g, 'N'),
    searchParams.get('tab'),
    ...dialogs.map((each) => each.slice(0, 60)),
  ];
  const key = state.join(' ');
  if (judged.has(key)) return;
  judged.add(key);
  await expectAccessible(page);
}
