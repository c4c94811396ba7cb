/** Attributes and customer profiles in the console: creation, changes, search, history and erasure. */

import type { Locator, Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { type Credentials, describeConsole, NARROW } from './console-world.ts';
import { expectFits, expectHealthyPage } from './page-checks.ts';

interface Numbered {
  readonly id: number;
}

function row(page: Page, name: string): Locator {
  return page.getByRole('row').filter({ has: page.getByRole('rowheader', { name }) });
}

describeConsole('Attributes and customer profiles', (world) => {
  let adaId = 0;
  const reader: { credentials?: Credentials } = {};

  /** Sends a request with a platform's key. */
  async function update(integrationId: string, body: unknown, key = 'customerData'): Promise<number> {
    const response = await fetch(`${world.server.url}/cdp/customer_profile/${integrationId}`, {
      method: 'PUT',
      headers: { authorization: `ApiKey-v1 ${world.server.keys[key]}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return response.status;
  }

  beforeAll(async () => {
    const email = 'reader@example.com';
    const { password: first, id } = await world.call<{ password: string } & Numbered>('POST', '/v1/users', { email });
    const password = 'looks-but-never-touches';
    const change = { currentPassword: first, newPassword: password };
    await world.call('POST', `/v1/users/${id}/password`, change, { email, password: first });
    reader.credentials = { email, password };

    expect(await update('ada', { attributes: { Tier: 'gold' }, audiencesChanges: { adds: [1] } })).toBe(200);
    expect(await update('bob', { attributes: { Tier: 'silver' } })).toBe(200);
    const found = await world.call<{ data: Numbered[] }>('GET', '/v1/customers/no_total?integrationId=ada');
    adaId = found.data[0]?.id ?? 0;
  });

  test('an attribute is made from a link that names it, changed, and closed to other values', async () => {
    expect(await update('ada', { attributes: { Plan: 'pro' } })).toBe(400);
    const page = await world.open('/attributes?create=1&name=Plan');
    const drawer = page.getByRole('dialog', { name: 'Create attribute' });
    expect(await drawer.getByRole('textbox', { name: 'Name' }).inputValue()).toBe('Plan');
    await drawer.getByRole('note').getByText('1 refused request: all values are of type Text').waitFor();
    await drawer.getByRole('note').getByText('"pro"').waitFor();
    expect(await drawer.getByRole('combobox', { name: 'Type' }).inputValue()).toBe('Text · string');
    await drawer.getByRole('button', { name: 'Create attribute' }).click();
    await row(page, 'Plan').waitFor();
    expect(new URL(page.url()).search).toBe('');
    expect(await update('ada', { attributes: { Plan: 'pro' } })).toBe(200);

    await page.getByRole('link', { name: 'Plan', exact: true }).click();
    const edit = page.getByRole('dialog', { name: 'Attribute' });
    await edit.getByRole('textbox', { name: 'Description' }).fill('What they pay for');
    await edit.getByRole('radio', { name: 'A short list' }).check();
    await edit.getByRole('combobox', { name: 'Values' }).fill('pro');
    await page.keyboard.press('Enter');
    await edit.getByRole('checkbox', { name: 'Refuse any other value' }).check();
    await expectHealthyPage(page);
    await edit.getByRole('button', { name: 'Save' }).click();
    await edit.waitFor({ state: 'hidden' });
    await row(page, 'Plan').getByText('only these').waitFor();
    expect(await row(page, 'Plan').textContent()).toContain('What they pay for');
    expect(await update('ada', { attributes: { Plan: 'free' } })).toBe(400);
    expect(await update('ada', { attributes: { Plan: 'pro' } })).toBe(200);
  });

  test('a name that is taken is refused at its field, and nothing is lost', async () => {
    const page = await world.open('/attributes?create=1&name=Tier', { width: NARROW });
    const drawer = page.getByRole('dialog', { name: 'Create attribute' });
    // No refused values are known, so no type is preselected.
    await drawer.getByText('No refused request with a value for this attribute is kept').waitFor();
    await drawer.getByRole('button', { name: 'Create attribute' }).click();
    await drawer.getByText('Choose a type').waitFor();
    await drawer.getByRole('combobox', { name: 'Type' }).click();
    await page.getByRole('option', { name: 'Number · number' }).click();
    await drawer.getByRole('button', { name: 'Create attribute' }).click();
    await drawer
      .getByText(/already exists/)
      .first()
      .waitFor();
    expect(await drawer.getByRole('textbox', { name: 'Name' }).inputValue()).toBe('Tier');
    await expectHealthyPage(page);
  });

  test('a type is chosen by what was refused: numbers are a number, and what disagrees is shown', async () => {
    for (const Shoe of [41, 42]) expect(await update('ada', { attributes: { Shoe } })).toBe(400);
    for (const Mixed of [41, '41']) expect(await update('ada', { attributes: { Mixed } })).toBe(400);
    const page = await world.open('/attributes?create=1&name=Mixed');
    const drawer = page.getByRole('dialog', { name: 'Create attribute' });
    await drawer.getByRole('note').getByText('The refused values are not all of one type').waitFor();
    expect(await drawer.getByRole('note').getByRole('listitem').allTextContents()).toEqual(['"41"', '41']);
    expect(await drawer.getByRole('combobox', { name: 'Type' }).inputValue()).toBe('');
    await expectHealthyPage(page);
    await page.goto('/console/attributes?create=1&name=Shoe');
    await drawer.getByRole('note').getByText('2 refused requests: all values are of type Number').waitFor();
    expect(await drawer.getByRole('combobox', { name: 'Type' }).inputValue()).toBe('Number · number');

    const text = { entity: 'CustomerProfile', title: 'Shoe', name: 'Shoe', type: 'string', description: '' };
    await world.call('POST', '/v1/attributes', { ...text, suggestions: [], editable: true });
    await page.goto('/console/activity?tab=errors');
    const cause = page.getByRole('listitem').filter({ hasText: 'attribute Shoe is not defined' });
    await cause.getByText('Now defined, but the refused values do not fit its type').waitFor();
  });

  test('a list of allowed values is imported from a file, and a bad file changes nothing', async () => {
    const list = { entity: 'CustomerProfile', name: 'Store', title: 'Store', type: 'string', description: '' };
    const rules = { suggestions: [], editable: true, hasAllowedList: true, restrictedBySuggestions: true };
    const { id } = await world.call<Numbered>('POST', '/v1/attributes', { ...list, ...rules });
    const page = await world.open(`/attributes?edit=${id}`);
    const drawer = page.getByRole('dialog', { name: 'Attribute' });
    const file = page.locator('input[type=file]');
    const replace = drawer.getByRole('button', { name: 'Replace the list' });
    await drawer.getByRole('heading', { name: 'Imported list' }).waitFor();
    await file.setInputFiles({ name: 'bad.csv', mimeType: 'text/csv', buffer: Buffer.from('shop\nOslo\n') });
    await replace.click();
    await drawer.getByRole('alert').waitFor();
    expect(await update('bob', { attributes: { Store: 'Oslo' } })).toBe(400);
    await file.setInputFiles({ name: 'stores.csv', mimeType: 'text/csv', buffer: Buffer.from('item\nOslo\nBergen\n') });
    await replace.click();
    await page.getByText('now allows the 2 values of the file').waitFor();
    expect(await update('bob', { attributes: { Store: 'Oslo' } })).toBe(200);
    expect(await update('bob', { attributes: { Store: 'Rome' } })).toBe(400);
  });

  test('attributes are searched, and a link shows what was found', async () => {
    const page = await world.open('/attributes', { width: NARROW });
    await page.getByRole('searchbox', { name: 'Search attributes' }).fill('nothing like it');
    await page.getByText('No attribute matches').waitFor();
    expect(new URL(page.url()).searchParams.get('q')).toBe('nothing like it');
    await page.goto('/console/attributes?q=tier&entity=CustomerProfile');
    await row(page, 'Tier').waitFor();
    expect(await page.getByRole('rowheader').count()).toBe(1);
    await expectFits(page);
  });

  test('profiles are found by ID and by the exact value of an attribute', async () => {
    const page = await world.open('/profiles');
    await row(page, 'bob').waitFor();
    await expectHealthyPage(page);
    await page.setViewportSize({ width: NARROW, height: 900 });
    await expectFits(page);
    await page.getByLabel('Integration ID').fill('ada');
    await page.getByRole('button', { name: 'Find' }).click();
    await row(page, 'bob').waitFor({ state: 'detached' });
    expect(new URL(page.url()).searchParams.get('id')).toBe('ada');

    await page.goto('/console/profiles?attribute=Tier&value=silver');
    await row(page, 'bob').waitFor();
    expect(await page.getByRole('rowheader').count()).toBe(1);
    expect(await page.getByLabel('Exact value').inputValue()).toBe('silver');
    await page.getByLabel('Exact value').fill('Silver');
    await page.getByRole('button', { name: 'Find' }).click();
    await page.getByText('No customer profile found').waitFor();

    // The environments never see each other.
    await page.goto('/console/profiles?id=ada&env=sandbox');
    await page.getByText('No customer profile found').waitFor();
  });

  test('a profile shows its history as it happens, and what it holds', async () => {
    const page = await world.open(`/profiles/${adaId}`);
    const timeline = page.getByRole('list', { name: 'Timeline' });
    await timeline.getByText('Joined').waitFor();
    expect(await update('ada', { audiencesChanges: { deletes: [1] } })).toBe(200);
    const newest = timeline.getByRole('listitem').nth(0);
    await newest.getByText('Left').waitFor();
    expect(await timeline.getByRole('listitem').count()).toBe(2);
    const href = await newest.getByRole('link', { name: /^request / }).getAttribute('href');
    expect(href).toMatch(/^\/console\/activity\/[0-9a-f-]{36}$/);
    await expectHealthyPage(page);

    await page.setViewportSize({ width: NARROW, height: 900 });
    await page.getByRole('tab', { name: /^Audiences/ }).click();
    await page.getByText('Not in any audience').waitFor();
    await page.getByRole('tab', { name: /^Attributes/ }).click();
    await row(page, 'Tier').getByText('gold').waitFor();
    expect(new URL(page.url()).searchParams.get('tab')).toBe('attributes');
    await expectHealthyPage(page);
  });

  test('those who may only look see no way to change anything', async () => {
    const as = reader.credentials ?? null;
    const page = await world.open('/attributes?create=1&name=Plan', { as });
    await row(page, 'Tier').waitFor();
    expect(await page.getByRole('button', { name: 'Create attribute' }).count()).toBe(0);
    await page.getByRole('link', { name: 'Tier', exact: true }).click();
    const drawer = page.getByRole('dialog', { name: 'Attribute' });
    await drawer.getByRole('textbox', { name: 'Description' }).waitFor();
    expect(await drawer.getByRole('textbox', { name: 'Description' }).isDisabled()).toBe(true);
    expect(await drawer.getByRole('button', { name: 'Save' }).count()).toBe(0);
    await page.goto(`/console/profiles/${adaId}`);
    await page.getByRole('heading', { level: 1, name: 'ada' }).waitFor();
    expect(await page.getByRole('button', { name: 'Erase personal data' }).count()).toBe(0);
  });

  test('what is known of a person is erased once the ID was typed', async () => {
    const page = await world.open(`/profiles/${adaId}?tab=attributes`);
    await page.getByRole('button', { name: 'Erase personal data' }).click();
    const question = page.getByRole('dialog', { name: 'Erase personal data?' });
    const erase = question.getByRole('button', { name: 'Erase permanently' });
    expect(await erase.isDisabled()).toBe(true);
    await question.getByText('Kept: an empty profile').waitFor();
    await question.getByLabel(/to confirm/).fill('ada');
    await erase.click();
    await page.getByText('The attributes, memberships, logged payloads and ID were erased').waitFor();
    await page.getByRole('heading', { level: 1, name: 'Erased profile' }).waitFor();
    await page.getByText('No attributes set').waitFor();
    expect(await page.getByRole('button', { name: 'Erase personal data' }).count()).toBe(0);
    const profile = await world.call<{ attributes: unknown; erased: boolean }>('GET', `/v1/customers/${adaId}`);
    expect(profile).toMatchObject({ attributes: {}, erased: true });
  });

  test('an unknown profile says so', async () => {
    const page = await world.open('/profiles/987654');
    await page.getByRole('alert').getByText('Customer 987654 not found').waitFor();
  });
});
