/** Signing in to the console: wrong passwords, the first password, the return to the requested page, signing out. */

import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { describeConsole, NARROW } from './console-world.ts';
import { expectHealthyPage } from './page-checks.ts';

interface CreatedUser {
  readonly id: number;
  readonly email: string;
  readonly password: string;
}

async function signIn(page: Page, email: string, password: string): Promise<void> {
  await page.getByLabel('E-mail').fill(email);
  await page.getByRole('textbox', { name: 'Password' }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

describeConsole('signing in', (world) => {
  test('is sound, says the same for any wrong pair, and leads back to the address that was asked for', async () => {
    const page = await world.open('/audiences?env=sandbox', { as: null, width: NARROW });
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();

    const messages: string[] = [];
    for (const email of ['nobody@example.com', world.admin.email]) {
      await signIn(page, email, 'not the password');
      messages.push((await page.getByRole('alert').textContent()) ?? '');
      expect(await page.getByRole('textbox', { name: 'Password' }).inputValue()).toBe('');
    }
    expect(messages[0]).not.toBe('');
    expect(messages[1]).toBe(messages[0]);
    await expectHealthyPage(page);

    await signIn(page, world.admin.email, world.admin.password);
    await page.waitForURL(/\/console\/audiences\?env=sandbox$/);
    await page.getByRole('heading', { level: 1, name: 'Audiences' }).waitFor();
    // A signed-in user is redirected from the sign-in page.
    await page.goto('/console/sign-in?return=%2Fattributes');
    await page.waitForURL(/\/console\/attributes$/);
  });

  test('does not lead to other hosts', async () => {
    const page = await world.open('/sign-in?return=%2F%2Fevil.example%2F', { as: null });
    await signIn(page, world.admin.email, world.admin.password);
    await page.waitForURL(`${world.server.url}/console/`);
  });

  test('asks for a new password at the first sign-in, before anything else', async () => {
    const { email, password } = await world.call<CreatedUser>('POST', '/v1/users', { email: 'first@example.com' });
    const page = await world.open('/attributes', { as: null });
    await signIn(page, email, password);
    await page.getByRole('heading', { name: 'Choose a password' }).waitFor();
    await expectHealthyPage(page);
    await page.goto('/console/audiences');
    await page.waitForURL(/change-password/);

    const change = page.getByRole('button', { name: 'Change password' });
    await page.getByRole('textbox', { name: 'Current password' }).fill(password);
    await page.getByRole('textbox', { name: 'New password', exact: true }).fill('short');
    await page.getByRole('textbox', { name: 'Repeat new password' }).fill('shorter');
    await change.click();
    await page.getByText('Use at least 10 characters').waitFor();
    await page.getByText('The passwords do not match').waitFor();

    await page.getByRole('textbox', { name: 'New password', exact: true }).fill('a quiet river bends');
    await page.getByRole('textbox', { name: 'Repeat new password' }).fill('a quiet river bends');
    await page.getByRole('textbox', { name: 'Current password' }).fill('something else');
    await change.click();
    await page.getByRole('alert').waitFor();
    await page.getByRole('textbox', { name: 'Current password' }).fill(password);
    await change.click();
    await page.waitForURL(/\/console\/audiences$/);

    await page.getByRole('button', { name: /your menu$/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.goto('/console/attributes');
    await page.waitForURL(/\/console\/sign-in\?return=%2Fattributes$/);
  });

  test('is asked for again when the session ends elsewhere, and leads back', async () => {
    const created = await world.call<CreatedUser>('POST', '/v1/users', { email: 'ended@example.com', isAdmin: true });
    const reader = { email: created.email, password: created.password };
    const newPassword = 'one more quiet river';
    await world.call(
      'POST',
      `/v1/users/${created.id}/password`,
      { currentPassword: created.password, newPassword },
      reader,
    );
    const page = await world.open('/applications/1/settings/api-keys', { as: { ...reader, password: newPassword } });
    await page.getByRole('heading', { level: 2, name: 'Keys' }).waitFor();
    await world.call('POST', '/v1/users/deactivate', { email: created.email });
    await page.waitForURL(/\/console\/sign-in\?return=%2Fapplications%2F1%2Fsettings%2Fapi-keys$/);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  });
});
