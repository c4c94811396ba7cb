/** API keys in the console: the drawer by mouse and by keyboard, the key shown once, the list, deletion. */

import type { Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { describeConsole, NARROW, WIDE } from './console-world.ts';
import { expectHealthyPage } from './page-checks.ts';

const KEYS = '/applications/1/settings/api-keys';

function row(page: Page, name: string): Locator {
  return page.getByRole('row').filter({ has: page.getByRole('rowheader', { name }) });
}

async function press(page: Page, ...keys: readonly string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}

describeConsole('API keys', (world) => {
  test('are made with the nine clicks people know, shown once, and work', async () => {
    const page = await world.open('/applications');
    await page.getByRole('link', { name: 'Default', exact: true }).click();
    await page.getByRole('link', { name: 'Settings' }).click();
    await page
      .getByRole('navigation', { name: 'Settings' })
      .getByRole('link', { name: 'Integration API Keys' })
      .click();
    await page.getByRole('button', { name: 'Create API Key' }).click();

    const drawer = page.getByRole('dialog', { name: 'Create API Key' });
    // The page behind the drawer is inert, so there is only one such button.
    const create = page.getByRole('button', { name: 'Create API Key' });
    await drawer.getByLabel('Key name', { exact: true }).fill('  Segments to Rollcall ');
    expect(await create.isDisabled()).toBe(true);
    const date = drawer.getByLabel('Key expiration date', { exact: true });
    await date.fill('2031-12-28');
    await drawer.getByText(/turn of the year/).waitFor();
    await drawer.getByRole('button', { name: '6 months' }).click();
    expect(await date.inputValue()).toMatch(/^\d{4}-\d\d-\d\d$/);
    await drawer.getByRole('radio', { name: 'Yes' }).check();
    expect(await create.isDisabled()).toBe(true);
    await drawer.getByLabel('Platform', { exact: true }).click();
    expect(await page.getByRole('option').first().textContent()).toBe('Customer Data Platform');
    await page.getByRole('option', { name: 'Customer Data Platform' }).click();
    const setup = drawer.getByRole('link', { name: /^How to set up the platform/ });
    expect(await setup.getAttribute('href')).toBe('/docs/connect');
    await drawer.getByRole('checkbox', { name: 'Skip undefined attributes' }).check();
    await create.dblclick();

    const key = await drawer.getByRole('textbox', { name: 'API key', exact: true }).inputValue();
    expect(key).toMatch(/^rck_\w{38}$/);
    expect(await drawer.getByLabel('Authorization header').inputValue()).toBe(`Authorization: ApiKey-v1 ${key}`);
    const curl = await drawer.getByLabel('Try it with curl').inputValue();
    expect(curl).toContain(`${world.server.url}/v2/authping`);
    const answer = await fetch(`${world.server.url}/v2/authping`, { headers: { authorization: `ApiKey-v1 ${key}` } });
    expect(answer.status).toBe(204);

    // The key has not been copied, so every way to close the drawer asks first.
    await drawer.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('button', { name: 'Back' }).click();
    await drawer.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'Back' }).click();
    await page.goBack().catch(() => undefined);
    await page.getByRole('button', { name: 'Back' }).click();
    await drawer.getByRole('button', { name: 'Copy', exact: true }).click();
    expect(await page.evaluate<string>('navigator.clipboard.readText()')).toBe(key);
    await drawer.getByRole('button', { name: 'Done' }).click();
    await drawer.waitFor({ state: 'hidden' });

    const made = row(page, 'Segments to Rollcall');
    expect(await made.count()).toBe(1);
    expect(await made.textContent()).toContain(`${key.slice(0, 4)}…${key.slice(-4)}`);
    expect(await made.textContent()).toContain('Customer Data Platform');
    expect(await made.textContent()).toContain(world.admin.email);
    await page.reload();
    await made.waitFor();
    expect(await page.content()).not.toContain(key);

    await made.getByText('skips undefined attributes').waitFor();
    await made.getByRole('button', { name: 'Options of Segments to Rollcall' }).click();
    const options = page.getByRole('dialog', { name: 'Options of “Segments to Rollcall”' });
    expect(await options.getByRole('checkbox', { name: 'Skip undefined attributes' }).isChecked()).toBe(true);
    await options.getByRole('checkbox', { name: 'Skip undefined attributes' }).uncheck();
    await options.getByRole('checkbox', { name: 'Apply batches without their refused rows' }).check();
    await expectHealthyPage(page);
    await options.getByRole('button', { name: 'Save' }).click();
    await made.getByText('lenient rows').waitFor();
    expect(await made.getByText('skips undefined attributes').count()).toBe(0);

    await made.getByRole('button', { name: 'Delete Segments to Rollcall' }).click();
    const question = page.getByRole('dialog', { name: 'Delete “Segments to Rollcall”?' });
    expect(await question.textContent()).toContain('Customer Data Platform');
    await question.getByRole('button', { name: 'Delete key' }).click();
    await made.waitFor({ state: 'detached' });
    const refused = await fetch(`${world.server.url}/v2/authping`, { headers: { authorization: `ApiKey-v1 ${key}` } });
    expect(refused.status).toBe(401);
  });

  test.each([
    ['Emarsys', 'User name', 'ApiKey-v1 {key}'],
    ['mParticle', 'Setting in the body', '"apiKey": "{key}"'],
  ])('of %s are shown as it takes them', async (platform, label, form) => {
    const page = await world.open(`${KEYS}?create=1`);
    const drawer = page.getByRole('dialog', { name: 'Create API Key' });
    await drawer.getByLabel('Key name', { exact: true }).fill(`For ${platform}`);
    await drawer.getByRole('button', { name: '6 months' }).click();
    await drawer.getByRole('radio', { name: 'Yes' }).check();
    await drawer.getByLabel('Platform', { exact: true }).click();
    await page.getByRole('option', { name: platform }).click();
    await page.getByRole('button', { name: 'Create API Key' }).click();
    const key = await drawer.getByRole('textbox', { name: 'API key', exact: true }).inputValue();
    expect(await drawer.getByLabel(label, { exact: true }).inputValue()).toBe(form.replace('{key}', key));
  });

  test('are made by keyboard alone', async () => {
    const page = await world.open(KEYS);
    await page.getByRole('button', { name: 'Create API Key' }).focus();
    await press(page, 'Enter');
    await page.getByRole('dialog', { name: 'Create API Key' }).waitFor();
    await page.locator('input[maxlength="255"]:focus').waitFor();
    await page.keyboard.type('By keyboard');
    // Skips the three quick choices.
    await press(page, 'Tab', 'Tab', 'Tab', 'Tab');
    await page.keyboard.type('2031-05-04');
    // Tab reaches "No"; the option above is "Yes".
    await press(page, 'Tab', 'ArrowUp');
    await press(page, 'Tab', 'ArrowDown', 'ArrowDown', 'Enter');
    // Past the link to the setup and three switches.
    await press(page, 'Tab', 'Tab', 'Tab', 'Tab', 'Tab', 'Enter');
    await page.getByRole('textbox', { name: 'API key', exact: true }).waitFor();
    await expectHealthyPage(page);
    await press(page, 'Escape');
    const question = page.getByRole('dialog', { name: 'Close without a copy?' });
    await question.waitFor();
    await press(page, 'Escape');
    await question.waitFor({ state: 'hidden' });
    const copy = page.getByRole('button', { name: 'Copy', exact: true });
    await copy.focus();
    await press(page, 'Enter');
    await copy.getByText('Copied').waitFor();
    await press(page, 'Escape');
    await row(page, 'By keyboard').waitFor();
    expect(await row(page, 'By keyboard').textContent()).toContain('4 May 2031');
  });

  test('pass all checks on a narrow screen', async () => {
    const page = await world.open(KEYS, { width: NARROW });
    await row(page, 'customer data').waitFor();
    await expectHealthyPage(page);
  });

  test.each([WIDE, NARROW])('are made in a drawer that is sound at %d px, its calendar too', async (width) => {
    const page = await world.open(`${KEYS}?create=1`, { width });
    const drawer = page.getByRole('dialog', { name: 'Create API Key' });
    expect(await drawer.getByRole('radio', { name: 'Test' }).isDisabled()).toBe(true);
    await drawer.getByLabel('Key expiration date').click();
    const calendar = page.getByRole('button', { name: 'Next month' });
    await calendar.waitFor();
    await expectHealthyPage(page);
    // Escape closes the calendar and nothing else.
    await press(page, 'Escape');
    await calendar.waitFor({ state: 'hidden' });
    expect(await drawer.isVisible()).toBe(true);
    // The keyboard moves into the calendar, to a day, and back with the chosen day.
    await press(page, 'ArrowDown');
    await page.locator('td button:focus').waitFor();
    await press(page, 'Enter');
    await calendar.waitFor({ state: 'hidden' });
    expect(await drawer.getByLabel('Key expiration date').inputValue()).toMatch(/^\d{4}-\d\d-\d\d$/);
  });
});
