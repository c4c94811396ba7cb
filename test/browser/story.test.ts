/** The complete story: sign in, create a key in nine clicks, and watch what a platform does with only that key. */

import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { sendJson } from '../http/client.ts';
import { describeConsole } from './console-world.ts';

interface ProfileAnswer {
  readonly customerProfile: { readonly id: number };
}

/** Windows that are already open show every change without a reload. */
describeConsole('the whole story', (world) => {
  test('from signing in to an audience that lives and dies by the copied key', { timeout: 120_000 }, async () => {
    const page = await world.open('/applications', { as: null });
    await page.getByLabel('E-mail').fill(world.admin.email);
    await page.getByRole('textbox', { name: 'Password' }).fill(world.admin.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    const key = await makeKey(page);

    const callAs = async (method: string, path: string, body?: unknown) =>
      sendJson(world.server.url, key, method, path, body);
    const activity = await world.open('/activity');
    await activity.getByRole('status').getByText('Live', { exact: true }).waitFor();
    const audiences = await world.open('/audiences');
    await audiences.getByRole('rowheader', { name: 'First audience' }).waitFor();

    // Create an audience.
    const created = await callAs('POST', '/cdp/audiences', { audienceId: 'vip', audienceName: 'VIP' });
    expect(created.status).toBe(201);
    const { id } = created.json() as { id: number };
    await seen(activity, 'POST /cdp/audiences', '201', 'Story key');
    await audiences.getByRole('rowheader', { name: 'VIP' }).getByRole('link').click();
    const audience = audiences;
    await audience.getByRole('heading', { level: 1, name: 'VIP' }).waitFor();
    const members = audience.getByRole('table', { name: 'Members' }).getByRole('rowheader');

    // Update a profile.
    const updated = await callAs('PUT', '/cdp/customer_profile/ada', {
      attributes: { Tier: 'gold' },
      audiencesChanges: { adds: [id] },
    });
    expect(updated.status).toBe(200);
    await seen(activity, 'PUT /cdp/customer_profile/ada', '200', '+1');
    await members.filter({ hasText: 'ada' }).waitFor();
    const profile = await world.open(`/profiles/${(updated.json() as ProfileAnswer).customerProfile.id}`);
    const timeline = profile.getByRole('list', { name: 'Timeline' }).getByRole('listitem');
    await timeline.filter({ hasText: 'Joined VIP' }).filter({ hasText: 'by key Story key' }).waitFor();

    // Update several profiles.
    const several = await callAs('PUT', '/cdp/v2/customer_profiles/audiences', {
      data: [
        { customerProfileId: 'ada', deletes: ['vip'] },
        { customerProfileId: 'bob', adds: ['vip'] },
        { customerProfileId: 'cy', adds: ['vip'] },
      ],
    });
    expect(several.status).toBe(204);
    await seen(activity, 'PUT /cdp/v2/customer_profiles/audiences', '+2', '−1');
    await members.filter({ hasText: 'ada' }).waitFor({ state: 'detached' });
    expect(await members.allTextContents()).toEqual(['bob', 'cy']);
    await timeline.filter({ hasText: 'Left VIP' }).waitFor();

    // Rename it, and restore the profile.
    expect((await callAs('PUT', '/cdp/audiences/vip', { audienceName: 'Very important' })).status).toBe(200);
    await seen(activity, 'PUT /cdp/audiences/vip', '200');
    await audience.getByRole('heading', { level: 1, name: 'Very important' }).waitFor();
    await callAs('PUT', '/cdp/customer_profile/ada/audiences', { data: { adds: ['vip'] } });
    await timeline.filter({ hasText: 'Joined Very important' }).first().waitFor();

    // Delete it.
    expect((await callAs('DELETE', '/cdp/audiences/vip')).status).toBe(204);
    await seen(activity, 'DELETE /cdp/audiences/vip', '204');
    await timeline.filter({ hasText: 'Very important was deleted with 3 members' }).waitFor();
    await audience.getByText(`Audience ${id} not found`).first().waitFor();
    await audience.getByRole('link', { name: 'Audiences', exact: true }).first().click();
    await audience.getByRole('rowheader', { name: 'First audience' }).waitFor();
    await audience.getByRole('rowheader', { name: 'Very important' }).waitFor({ state: 'detached' });

    // Open the request behind an entry of the history.
    await timeline
      .filter({ hasText: 'Left' })
      .getByRole('link', { name: /^request / })
      .click();
    await profile.getByText('PUT /cdp/v2/customer_profiles/audiences').waitFor();
    expect(await profile.getByRole('textbox', { name: 'Request: body' }).inputValue()).toContain('"bob"');
  });
});

/** Creates a key in nine clicks, and copies it with one more. @returns the clipboard's content */
async function makeKey(page: Page): Promise<string> {
  await page.getByRole('link', { name: 'Default', exact: true }).click();
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'Integration API Keys' }).click();
  await page.getByRole('button', { name: 'Create API Key' }).click();
  const drawer = page.getByRole('dialog', { name: 'Create API Key' });
  await drawer.getByRole('textbox', { name: 'Key name' }).fill('Story key');
  await drawer.getByRole('button', { name: '6 months' }).click();
  await drawer.getByRole('radio', { name: 'Yes' }).check();
  await drawer.getByRole('combobox', { name: 'Platform' }).click();
  await page.getByRole('option', { name: 'Customer Data Platform' }).click();
  await drawer.getByRole('button', { name: 'Create API Key' }).click();
  await drawer.getByRole('button', { name: 'Copy', exact: true }).click();
  return page.evaluate<string>('navigator.clipboard.readText()');
}

/** Waits until the open window shows the request with all its details. */
async function seen(activity: Page, request: string, ...said: readonly string[]): Promise<void> {
  const row = activity
    .getByRole('row')
    .filter({ has: activity.getByRole('rowheader').getByText(request, { exact: true }) });
  for (const text of said) await row.filter({ hasText: text }).waitFor();
}
