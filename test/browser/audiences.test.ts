/** Audiences in the console: search, creation, growth, single members, and deletion confirmed by name. */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { sendJson } from '../http/client.ts';
import { type ConsoleWorld, describeConsole, NARROW } from './console-world.ts';
import { expectHealthyPage } from './page-checks.ts';

const SOON = { timeout: 10_000 };

async function feed(world: ConsoleWorld, method: string, path: string, body: unknown): Promise<{ id: number }> {
  const answer = await sendJson(world.server.url, world.server.keys['customerData'] ?? '', method, path, body);
  expect(answer.status).toBeLessThan(300);
  return (answer.text === '' ? {} : answer.json()) as { id: number };
}

async function platformAudience(world: ConsoleWorld, audienceId: string, name: string, members: readonly string[]) {
  const { id } = await feed(world, 'POST', '/cdp/audiences', { audienceId, audienceName: name });
  const data = members.map((customerProfileId) => ({ customerProfileId, adds: [id] }));
  if (data.length > 0) await feed(world, 'PUT', '/cdp/customer_profiles/audiences', { data });
  return id;
}

describeConsole('audiences', (world) => {
  test('are found by name and platform, and sorted by size', async () => {
    await platformAudience(world, 'small', 'Small one', ['a']);
    await platformAudience(world, 'large', 'Large one', ['a', 'b', 'c']);
    const page = await world.open('/audiences');
    const names = page.getByRole('table', { name: 'Audiences' }).getByRole('rowheader');
    await names.filter({ hasText: 'Large one' }).waitFor();
    const sizes = async () => (await names.allTextContents()).filter((name) => name.endsWith(' one'));
    expect(await sizes()).toEqual(['Large one', 'Small one']);
    await page.getByRole('button', { name: 'Members' }).click();
    await page.waitForURL(/sort=membersCount/);
    await expect.poll(sizes, SOON).toEqual(['Small one', 'Large one']);
    await expectHealthyPage(page);

    await page.getByRole('searchbox', { name: 'Search audiences' }).fill('LARGE');
    await page.waitForURL(/q=LARGE/);
    await expect.poll(async () => names.allTextContents(), SOON).toEqual(['Large one']);
    await page.getByRole('searchbox', { name: 'Search audiences' }).fill('nothing like that');
    await page.getByText('No audience matches').waitFor();
    await page.goto('/console/audiences?env=sandbox');
    await page.getByText('No sandbox audiences yet').waitFor();
    await expectHealthyPage(page);
  });

  test('are created by hand, changed, and deleted after their name is typed', async () => {
    const page = await world.open('/audiences?create=1');
    const drawer = page.getByRole('dialog', { name: 'Create audience' });
    await drawer.getByRole('textbox', { name: 'Name' }).fill('Created by hand');
    await drawer.getByRole('textbox', { name: 'Platform’s ID' }).fill('x');
    await drawer.getByRole('button', { name: 'Create audience' }).click();
    await drawer.getByText('Enter the platform that uses this ID').waitFor();
    await expectHealthyPage(page);
    await drawer.getByRole('textbox', { name: 'Platform’s ID' }).fill('');
    await drawer.getByRole('button', { name: 'Create audience' }).click();
    await page.getByRole('heading', { level: 1, name: 'Created by hand' }).waitFor();
    await page.getByText('This audience has no members').waitFor();

    await page.getByRole('button', { name: 'Edit' }).click();
    const editor = page.getByRole('dialog', { name: 'Edit audience' });
    await editor.getByRole('textbox', { name: 'Name' }).fill('Renamed');
    await editor.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { level: 1, name: 'Renamed' }).waitFor();

    await page.getByRole('button', { name: 'Delete' }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete “Renamed”?' });
    const confirm = dialog.getByRole('button', { name: 'Delete audience' });
    expect(await confirm.isDisabled()).toBe(true);
    await dialog.getByRole('textbox').fill('Renamed');
    await confirm.click();
    await page.getByRole('heading', { level: 1, name: 'Audiences' }).waitFor();
    await expect.poll(async () => page.getByRole('rowheader', { name: 'Renamed' }).count(), SOON).toBe(0);
  });

  test('show members as they come and go, without a reload', async () => {
    const id = await platformAudience(world, 'watched', 'Watched', ['ada', 'bob']);
    const page = await world.open(`/audiences/${id}`);
    const members = page.getByRole('table', { name: 'Members' }).getByRole('rowheader');
    await expect.poll(async () => members.allTextContents(), SOON).toEqual(['ada', 'bob']);
    await feed(world, 'PUT', '/cdp/customer_profiles/audiences', { data: [{ customerProfileId: 'cy', adds: [id] }] });
    await expect.poll(async () => members.allTextContents(), SOON).toEqual(['ada', 'bob', 'cy']);

    await page.getByRole('textbox', { name: 'Integration ID to add' }).fill('dan/1');
    await page.getByRole('button', { name: 'Add' }).click();
    await members.filter({ hasText: 'dan/1' }).waitFor();
    await page.getByRole('button', { name: 'Remove bob' }).click();
    await page.getByRole('button', { name: 'Remove member' }).click();
    await expect.poll(async () => members.allTextContents(), SOON).toEqual(['ada', 'cy', 'dan/1']);
    await page.getByRole('searchbox', { name: 'Find members' }).fill('DA');
    await expect.poll(async () => members.allTextContents(), SOON).toEqual(['ada', 'dan/1']);

    await page.locator('figure svg').first().waitFor();
    await expectHealthyPage(page);
    await page.getByRole('tab', { name: 'Changes' }).click();
    const changes = page.getByRole('table', { name: 'Changes' });
    await changes.getByRole('row').filter({ hasText: 'bob' }).filter({ hasText: 'Left' }).waitFor();
    await changes
      .getByRole('row')
      .filter({ hasText: 'cy' })
      .getByRole('link', { name: /Customer Data|key/i })
      .waitFor();
    await expectHealthyPage(page);

    await page.getByRole('tab', { name: 'Attribute updates' }).click();
    await page.getByText('No attribute updates yet').waitFor();
    const { url, keys } = world.server;
    const path = `/v2/audience_customers/${id}/attributes`;
    expect((await sendJson(url, keys['generic'] ?? '', 'PUT', path, { Tier: 'gold' })).status).toBe(204);
    const job = page.getByRole('table', { name: 'Attribute updates' }).getByRole('row').filter({ hasText: 'Tier' });
    await job.getByText('Done').waitFor();
    await job.getByText('3 of 3 members').waitFor();
    await job.getByRole('link', { name: /^Key/ }).waitFor();
    await expectHealthyPage(page);
  });

  test('take a whole list of members from a file, after a look at what it would come to', async () => {
    const id = await platformAudience(world, 'listed', 'Listed', ['ada', 'bob', 'cy']);
    const page = await world.open(`/audiences/${id}?tab=import`);
    const buffer = Buffer.from(`profileintegrationid\nada\nnew one\n"${'x'.repeat(1001)}"\n`);
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      page.getByRole('button', { name: 'CSV file' }).click(),
    ]);
    await chooser.setFiles({ name: 'members.csv', mimeType: 'text/csv', buffer });
    await page.getByRole('button', { name: 'Preview' }).click();
    await page.getByText('Line 4:').waitFor();
    await page.getByText('More than a fifth would leave').waitFor();
    await expectHealthyPage(page);
    const replace = page.getByRole('button', { name: 'Replace members' });
    await page.getByRole('checkbox', { name: 'Import without the refused lines' }).check();
    expect(await replace.isDisabled()).toBe(true);
    await page.getByRole('textbox', { name: 'Type “Listed” to confirm' }).fill('Listed');
    await replace.click();
    await page.getByText('2 members: 1 joined, 2 left. Skipped: 1 line.').waitFor();

    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Export members' }).click(),
    ]);
    expect(readFileSync(await download.path(), 'utf8')).toBe('profileintegrationid\nada\nnew one\n');
  });

  test('take a list of several columns after a choice, and one that looks wrong after a warning', async () => {
    const id = await platformAudience(world, 'chosen', 'Chosen', []);
    const page = await world.open(`/audiences/${id}?tab=import`);
    const choose = async (content: string) => {
      const [chooser] = await Promise.all([
        page.waitForEvent('filechooser'),
        page.getByRole('button', { name: 'CSV file' }).click(),
      ]);
      await chooser.setFiles({ name: 'members.csv', mimeType: 'text/csv', buffer: Buffer.from(content) });
      await page.getByRole('button', { name: 'Preview' }).click();
    };
    await choose('name;profileintegrationid;\r\nAda;ada@example.org ;\r\nBob; bob@example.org;\r\nEve;eve;\r\n');
    await page.getByText('Which column holds the members?').waitFor();
    const rows = page.getByRole('table', { name: 'First rows' });
    expect(await rows.getByRole('columnheader').allTextContents()).toEqual(['name', 'profileintegrationid']);
    expect(await rows.getByRole('cell').allTextContents()).toContain(' bob@example.org');
    expect(await page.getByRole('button', { name: 'Preview' }).isDisabled()).toBe(true);
    await expectHealthyPage(page);
    await page.getByRole('combobox', { name: 'Column with the members' }).click();
    await page.getByRole('option', { name: 'profileintegrationid' }).click();
    await page.getByRole('button', { name: 'Preview' }).click();

    await page.getByText('2 of 3 begin or end with a blank').waitFor();
    await page.getByText('"ada@example.org "').waitFor();
    await expectHealthyPage(page);
    const replace = page.getByRole('button', { name: 'Replace members' });
    expect(await replace.isDisabled()).toBe(true);
    await page.getByRole('checkbox', { name: 'Import them anyway' }).check();
    await replace.click();
    await page.getByText('3 members: 3 joined, 0 left.').waitFor();

    await choose('profileintegrationid\n');
    await page.getByText('No members would be left').waitFor();
    expect(await replace.isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Cancel' }).click();

    await choose('PK\x03\x04 xl/workbook.xml');
    await page.getByText('this is an Excel workbook; save it as CSV').waitFor();
  });

  test('fit a narrow screen', async () => {
    const id = await platformAudience(world, 'narrow', 'Narrow', ['ada']);
    const page = await world.open(`/audiences/${id}?tab=changes`, { width: NARROW });
    await page.getByRole('table', { name: 'Changes' }).waitFor();
    await page.locator('figure svg').first().waitFor();
    await expectHealthyPage(page);
    await page.goto('/console/audiences');
    await page.getByRole('table', { name: 'Audiences' }).waitFor();
    await expectHealthyPage(page);
  });
});
