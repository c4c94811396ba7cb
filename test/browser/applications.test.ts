/** Applications in the console: the list, a new one, its overview and its settings. */

import { expect, test } from 'vitest';
import { describeConsole, NARROW } from './console-world.ts';
import { expectHealthyPage } from './page-checks.ts';

describeConsole('Applications', (world) => {
  test('are made in the environment one is in, and lead to their keys', async () => {
    const page = await world.open('/applications?env=sandbox');
    await page.getByRole('button', { name: 'Create Application' }).click();
    const drawer = page.getByRole('dialog', { name: 'Create Application' });
    expect(await drawer.getByRole('radio', { name: 'Sandbox' }).isChecked()).toBe(true);
    await drawer.getByRole('textbox', { name: 'Name' }).fill('Rehearsal');
    await drawer.getByRole('textbox', { name: 'Currency' }).fill('N1');
    await drawer.getByRole('button', { name: 'Create Application' }).click();
    await drawer.getByText('Three letters, such as EUR').waitFor();
    await expectHealthyPage(page);
    await drawer.getByRole('textbox', { name: 'Currency' }).fill('nok');
    await drawer.getByRole('button', { name: 'Create Application' }).click();
    await page.waitForURL(/\/applications\/\d+\/settings\/api-keys\?env=sandbox$/);
    await page.getByText('This Application has no API keys yet').waitFor();
    // A link without the environment opens the right one.
    await page.goto(page.url().replace('/settings/api-keys?env=sandbox', ''));
    await page.waitForURL(/\/applications\/\d+\?env=sandbox$/);
    await page.getByRole('heading', { level: 1, name: 'Rehearsal' }).waitFor();
    await page.getByText('No traffic').waitFor();
    await expectHealthyPage(page);
  });

  test('keep their settings, and have a Test key once that is switched on', async () => {
    const page = await world.open('/applications/1/settings', { width: NARROW });
    await page.getByRole('textbox', { name: 'Description' }).fill('Web shop and stores');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('The settings were saved').waitFor();
    await page.getByRole('radio', { name: 'Off' }).check();
    await page.getByRole('button', { name: 'Save payload logging' }).click();
    await page.getByRole('button', { name: 'Save payload logging', disabled: true }).waitFor();
    await page.getByRole('switch', { name: 'Test keys' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Switch on' }).click();
    await page.getByText(/^On permanently/).waitFor();
    await expectHealthyPage(page);
    const { description, payloadLogging } = await world.call<Record<string, string>>('GET', '/v1/applications/1');
    expect([description, payloadLogging]).toEqual(['Web shop and stores', 'off']);

    await page.goto('/console/applications/1/settings/api-keys?create=1');
    const drawer = page.getByRole('dialog', { name: 'Create API Key' });
    await drawer.getByRole('radio', { name: 'Test' }).check();
    expect(await drawer.getByRole('radiogroup', { name: 'Third-party integration' }).count()).toBe(0);
  });

  test('are listed with the way to their keys', async () => {
    const page = await world.open('/applications');
    await page.getByRole('link', { name: 'Integration API Keys of Default' }).waitFor();
    await expectHealthyPage(page);
  });

  test('say so where there is none', async () => {
    const page = await world.open('/applications/4711/settings');
    await page.getByRole('heading', { level: 1, name: 'Application' }).waitFor();
    await page.getByRole('alert').filter({ hasText: 'Not found' }).waitFor();
    await page.getByRole('main').getByRole('link', { name: 'Applications' }).click();
    await page.getByRole('link', { name: 'Default', exact: true }).waitFor();
  });
});
