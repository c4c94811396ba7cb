/** The account pages in the console: users, sessions, management keys, the audit log, and what read-only users see. */

import type { Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { type Credentials, describeConsole, NARROW } from './console-world.ts';
import { expectHealthyPage } from './page-checks.ts';

const PASSWORD = 'a quiet river bends';

function row(page: Page, name: string): Locator {
  return page.getByRole('row').filter({ has: page.getByRole('rowheader', { name }) });
}

describeConsole('the account', (world) => {
  async function userWithPassword(email: string, isAdmin = false): Promise<Credentials> {
    const { id, password } = await world.call<{ id: number; password: string }>('POST', '/v1/users', {
      email,
      isAdmin,
    });
    await world.call(
      'POST',
      `/v1/users/${id}/password`,
      { currentPassword: password, newPassword: PASSWORD },
      { email, password },
    );
    return { email, password: PASSWORD };
  }

  test('has users, whose passwords are shown once', async () => {
    const page = await world.open('/account/users');
    await page.getByRole('button', { name: 'Create user' }).click();
    const drawer = page.getByRole('dialog', { name: 'Create user' });
    await drawer.getByLabel('E-mail').fill('grace@example.com');
    await drawer.getByLabel('Name').fill('Grace');
    await drawer.getByRole('button', { name: 'Create user' }).click();
    const first = await drawer.getByRole('textbox', { name: 'Password' }).inputValue();
    await drawer.getByRole('button', { name: 'Copy', exact: true }).click();
    await drawer.getByRole('button', { name: 'Done' }).click();
    expect(await row(page, 'grace@example.com').textContent()).toContain('Read-only');

    const choose = async (action: string) => {
      await page.getByRole('button', { name: 'Actions for grace@example.com' }).click();
      await page.getByRole('menuitem', { name: action }).click();
    };
    await choose('Edit…');
    const edit = page.getByRole('dialog', { name: 'Edit user' });
    await edit.getByRole('radio', { name: 'Admin' }).check();
    await edit.getByRole('button', { name: 'Save' }).click();
    await row(page, 'grace@example.com').getByText('Admin', { exact: true }).waitFor();

    await choose('Reset password…');
    const reset = page.getByRole('dialog', { name: 'Reset password' });
    await reset.getByRole('button', { name: 'Reset password' }).click();
    const second = await reset.getByRole('textbox', { name: 'Password' }).inputValue();
    expect(second).not.toBe(first);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Close anyway' }).click();
    await reset.waitFor({ state: 'hidden' });
    expect(await page.content()).not.toContain(second);

    await choose('Deactivate…');
    await page.getByRole('dialog').getByRole('button', { name: 'Deactivate' }).click();
    await row(page, 'grace@example.com').getByText('Deactivated').waitFor();
    await choose('Delete…');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await row(page, 'grace@example.com').waitFor({ state: 'detached' });
    await expectHealthyPage(page);
  });

  test('has sessions that can be ended', async () => {
    const ada = await userWithPassword('ada@example.com');
    const page = await world.open('/account/sessions', { as: ada });
    await world.call('GET', '/v1/console/session', undefined, ada);
    const response = await fetch(`${world.server.url}/v1/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(ada),
    });
    expect(response.status).toBe(201);
    await page.reload();
    await row(page, 'API token').getByRole('button').click();
    await row(page, 'API token').waitFor({ state: 'detached' });
    await page.getByText('This session').waitFor();
    await expectHealthyPage(page);
  });

  test('has management keys for chosen endpoints', async () => {
    const page = await world.open('/account/management-keys');
    await page.getByRole('button', { name: 'Create Key' }).first().click();
    const drawer = page.getByRole('dialog', { name: 'Create Key' });
    await drawer.getByRole('textbox', { name: 'Key name' }).fill('Tag manager');
    await drawer.getByRole('button', { name: '12 months' }).click();
    await drawer.getByRole('button', { name: 'Tealium' }).click();
    await drawer.getByText(/^3 of \d+ selected/).waitFor();
    await drawer.getByLabel('Find an endpoint').fill('attributes');
    await drawer.getByRole('checkbox', { name: 'POST /v1/attributes', exact: true }).uncheck();
    await expectHealthyPage(page);
    await drawer.getByRole('button', { name: 'Create Key' }).click();
    const key = await drawer.getByRole('textbox', { name: 'Management API key', exact: true }).inputValue();
    await drawer.getByRole('button', { name: 'Copy', exact: true }).click();
    await drawer.getByRole('button', { name: 'Done' }).click();
    const made = row(page, 'Tag manager');
    expect(await made.textContent()).toContain('GET /v1/audiences');
    expect(await made.textContent()).not.toContain('POST /v1/attributes');
    const statusOf = async (path: string) =>
      (await fetch(world.server.url + path, { headers: { authorization: `ManagementKey-v1 ${key}` } })).status;
    expect([await statusOf('/v1/attributes'), await statusOf('/v1/users')]).toEqual([200, 403]);

    await page.getByRole('button', { name: 'Actions for Tag manager' }).click();
    await page.getByRole('menuitem', { name: 'Switch off' }).click();
    await made.getByText('Invalid').waitFor();
    expect(await statusOf('/v1/attributes')).toBe(401);
    await page.getByRole('button', { name: 'Actions for Tag manager' }).click();
    await page.getByRole('menuitem', { name: 'Delete…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete key' }).click();
    await made.waitFor({ state: 'detached' });
  });

  test('writes down who changed what, found by filters that are in the address', async () => {
    const { id } = await world.call<{ id: number }>('POST', '/v1/applications', { name: 'Outlet', currency: 'SEK' });
    await world.call('PUT', `/v1/applications/${id}`, { currency: 'NOK' });
    const page = await world.open('/account/audit-log', { width: NARROW });
    await page.getByRole('textbox', { name: 'What' }).fill(`applications/${id}`);
    await page.waitForURL(/path=applications/);
    const entries = page.getByRole('button', { name: /the Application/ });
    await page.getByText('created the Application “Outlet”').waitFor();
    await page.getByText('created the attribute “Tier”').waitFor({ state: 'detached' });
    expect(await entries.count()).toBe(2);
    await entries.first().click();
    const table = page.getByRole('table', { name: 'Before and after' });
    expect(await table.getByRole('row').last().textContent()).toBe('currencySEKNOK');
    await expectHealthyPage(page);

    await page.getByRole('combobox', { name: 'Who' }).click();
    await page.getByRole('option', { name: 'The command line' }).click();
    await page.getByText('No change matches these filters').waitFor();
    await page.reload();
    await page.getByText('No change matches these filters').waitFor();
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.getByText('created the attribute “Tier”').waitFor();
    expect(new URL(page.url()).search).toBe('');
  });

  test('tells about the server', async () => {
    const page = await world.open('/account/about');
    expect(await page.getByRole('textbox', { name: 'Base URL' }).inputValue()).toBe(world.server.url);
    await page.getByText('Apache-2.0').waitFor();
    await expectHealthyPage(page);
    await page.getByRole('link', { name: 'licences of the packages in the console' }).click();
    await page.getByText(/react \d+\.\d+\.\d+ \(MIT\)/).waitFor();
  });

  test('offers read-only users nothing they may not do', async () => {
    const reader = await userWithPassword('reader@example.com');
    const page = await world.open('/account', { as: reader });
    await page.getByRole('heading', { level: 1, name: 'Sessions' }).waitFor();
    expect(await page.getByRole('navigation', { name: 'Account' }).getByRole('link').allTextContents()).toEqual([
      'Sessions',
      'About',
    ]);
    for (const address of ['/applications', '/applications/1/settings/api-keys', '/applications/1/settings']) {
      await page.goto(`/console${address}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page
        .getByText(/Default|customer data/)
        .first()
        .waitFor();
      expect(
        await page
          .getByRole('main')
          .getByRole('button', { name: /Create|Delete|Save/ })
          .count(),
      ).toBe(0);
    }
    await page.goto('/console/account/audit-log');
    await page.getByRole('alert').filter({ hasText: 'Not allowed' }).waitFor();
  });
});
