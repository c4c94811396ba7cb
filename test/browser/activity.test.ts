/** Activity and Home in a browser: requests appear live, errors link to their fix, refused writes can be replayed. */

import type { Locator, Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { type ConsoleWorld, type Credentials, describeConsole, NARROW, WIDE } from './console-world.ts';
import { expectHealthyPage } from './page-checks.ts';

interface CreatedUser {
  readonly email: string;
  readonly password: string;
}

async function send(
  world: ConsoleWorld,
  method: string,
  path: string,
  body: unknown,
  key?: string,
  prefer?: string,
): Promise<Response> {
  return fetch(world.server.url + path, {
    method,
    headers: {
      ...(prefer === undefined ? {} : { prefer }),
      authorization: `ApiKey-v1 ${key ?? world.server.keys['customerData'] ?? ''}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify(body),
  });
}

function rowOf(page: Page, text: string): Locator {
  return page.getByRole('row').filter({ has: page.getByRole('rowheader').getByText(text) });
}

describeConsole('activity', (world) => {
  let reader: Credentials;

  beforeAll(async () => {
    const { email, password } = await world.call<CreatedUser>('POST', '/v1/users', { email: 'reader@example.com' });
    const fresh = 'a-password-of-her-own-7';
    const response = await fetch(`${world.server.url}/v1/console/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password }),
    });
    const { userId } = (await response.json()) as { userId: number };
    const changed = await fetch(`${world.server.url}/v1/users/${userId}/password`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        cookie: (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '',
        origin: world.server.url,
      },
      body: JSON.stringify({ currentPassword: password, newPassword: fresh }),
    });
    expect(changed.status).toBe(204);
    reader = { email, password: fresh };
  });

  test('Home leads from nothing to the key drawer, and is done with it when a profile arrives', async () => {
    const page = await world.open('/');
    const steps = page.getByRole('region', { name: 'Getting started' });
    await steps.getByRole('link', { name: 'Create API Key' }).waitFor();
    expect(await steps.getByLabel('With curl').inputValue()).toContain(`${world.server.url}/cdp/customer_profile/ada`);
    await page.getByRole('img', { name: /^Requests per minute/ }).waitFor();
    await expectHealthyPage(page);
    await page.setViewportSize({ width: NARROW, height: 900 });
    await expectHealthyPage(page);

    expect((await send(world, 'PUT', '/cdp/customer_profile/ada', { attributes: {} })).status).toBe(200);
    await steps.waitFor({ state: 'detached' });
    await page.setViewportSize({ width: WIDE, height: 900 });
    await page.goto('/console/');
    await page.getByRole('heading', { level: 1, name: 'Home' }).waitFor();
    await page.getByText(/^1 request in the last hour$/).waitFor();
  });

  test('shows requests as they come, and holds still when paused', async () => {
    const page = await world.open('/activity');
    await page.getByText('Live', { exact: true }).first().waitFor();
    await page.getByRole('status').getByText('Live', { exact: true }).waitFor();
    await send(world, 'PUT', '/cdp/customer_profile/live-one', { audiencesChanges: { adds: [1] } });
    const first = rowOf(page, '/cdp/customer_profile/live-one');
    await first.waitFor();
    expect(await first.textContent()).toContain('+1');

    await page.getByRole('button', { name: 'Pause' }).click();
    await send(world, 'PUT', '/cdp/customer_profile/live-two', { attributes: {} });
    const resume = page.getByRole('button', { name: 'Resume (1 new)' });
    await resume.waitFor();
    expect(await rowOf(page, 'live-two').count()).toBe(0);
    await resume.click();
    await rowOf(page, 'live-two').waitFor();
    // It is refused before the caller is known, and shown all the same.
    await send(world, 'PUT', '/cdp/customer_profile/live-three', {}, 'no-key-of-ours');
    expect(await (await visible(rowOf(page, 'live-three'))).textContent()).toContain('Unknown, no-k…');
    expect(await page.getByRole('row').filter({ hasText: 'live-one' }).count()).toBe(1);
  });

  test('filters by what the address says, and the address says what is filtered', async () => {
    const page = await world.open('/activity?status=401&time=1h');
    await rowOf(page, 'live-three').waitFor();
    expect(await rowOf(page, 'live-one').count()).toBe(0);
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await rowOf(page, 'live-one').waitFor();
    await page.getByLabel('Path').fill('live-(one|two)$');
    await page.getByLabel('Path').press('Enter');
    await page.waitForURL(/path=/);
    await rowOf(page, 'live-three').waitFor({ state: 'detached' });
    await rowOf(page, 'live-two').waitFor();
    // The live stream applies the filter too.
    await send(world, 'PUT', '/cdp/customer_profile/other', {});
    await send(world, 'PUT', '/cdp/customer_profile/again-live-one', { attributes: {} });
    await rowOf(page, 'again-live-one').waitFor();
    expect(await rowOf(page, '/cdp/customer_profile/other').count()).toBe(0);
    await page.getByLabel('Path').fill('(');
    await page.getByLabel('Path').press('Enter');
    await page.getByRole('alert').waitFor();
  });

  test('groups errors by cause, fixes them, and replays what was refused', async () => {
    for (const name of ['bea', 'cid', 'dan']) {
      const body = { attributes: { Nickname: name }, audiencesChanges: { adds: [1] } };
      expect((await send(world, 'PUT', `/cdp/customer_profile/${name}`, body)).status).toBe(400);
    }
    const page = await world.open('/activity');
    const cause = page.getByRole('listitem').filter({ hasText: 'Nickname' });
    await cause.getByText(/^attribute Nickname is not defined, 3 times since .*\d\d?:\d\d/).waitFor();
    const mend = cause.getByRole('link', { name: 'Create attribute Nickname' });
    expect(await mend.getAttribute('href')).toMatch(/\/console\/attributes\?create=1&name=Nickname$/);
    await expectHealthyPage(page);
    await page.setViewportSize({ width: NARROW, height: 900 });
    await expectHealthyPage(page);
    await page.setViewportSize({ width: WIDE, height: 900 });
    await page.getByRole('link', { name: 'Errors by cause' }).last().click();
    await page.getByRole('heading', { level: 2, name: 'Errors by cause' }).waitFor();
    await cause.waitFor();
    await expectHealthyPage(page);

    await page.goto('/console/activity?tab=refused');
    await rowOf(page, '/cdp/customer_profile/cid').waitFor();
    await expectHealthyPage(page);
    // The cause is not fixed yet: the preview says so, and nothing can be sent.
    await page.getByLabel('Select PUT /cdp/customer_profile/cid').check();
    await page.getByRole('button', { name: 'Replay 1' }).click();
    const drawer = page.getByRole('dialog', { name: 'Replay refused writes' });
    expect(await drawer.getByRole('button', { name: 'Nothing to send' }).isDisabled()).toBe(true);
    await drawer.getByRole('button', { name: 'Cancel' }).click();

    await world.call('POST', '/v1/attributes', {
      entity: 'CustomerProfile',
      name: 'Nickname',
      title: 'Nickname',
      type: 'string',
      description: 'What friends say',
      suggestions: [],
      editable: true,
    });
    const newer = await send(world, 'PUT', '/cdp/customer_profile/dan', { attributes: { Nickname: 'danny' } });
    expect(newer.status).toBe(200);
    await page.getByLabel('Select all on this page').check();
    await page.getByRole('button', { name: /^Replay \d$/ }).click();
    const leftOut = drawer
      .getByRole('note')
      .filter({ hasText: '1 change left out because something newer was written' });
    await leftOut.waitFor();
    expect(await leftOut.getByRole('listitem').allTextContents()).toEqual([
      'set Nickname of dan, because attributes of the profile have been written since, possibly this one',
    ]);
    await expectHealthyPage(page);
    const override = drawer.getByLabel('Apply older attribute values and audience changes anyway');
    await override.check();
    await leftOut.waitFor({ state: 'detached' });
    await drawer.getByText('Older values will replace newer ones.').waitFor();
    await override.uncheck();
    await leftOut.waitFor();
    await drawer.getByRole('button', { name: 'Send 3 requests' }).click();
    await drawer.getByText('Replayed and accepted').waitFor();
    await drawer.getByText('3 requests accepted, with 3 joins and 0 leaves.').waitFor();
    await leftOut.waitFor();
    await drawer.getByRole('button', { name: 'Done' }).click();
    await rowOf(page, '/cdp/customer_profile/cid').getByText('just now').waitFor();
    const { data } = await world.call<{ data: { attributes: { Nickname?: string } }[] }>(
      'GET',
      '/v1/customers/no_total?integrationId=dan',
    );
    expect(data.map(({ attributes }) => attributes.Nickname)).toEqual(['danny']);
  });

  test('opens a request: both bodies, and a command without any secret', async () => {
    const page = await world.open('/activity?path=live-one%24');
    await rowOf(page, '/cdp/customer_profile/live-one').getByRole('link').click();
    await page.getByRole('heading', { level: 1, name: 'Request' }).waitFor();
    const sent = page.getByRole('textbox', { name: 'Request: body' });
    expect(await sent.inputValue()).toBe('{\n  "audiencesChanges": {\n    "adds": [\n      1\n    ]\n  }\n}');
    expect(await page.getByRole('textbox', { name: 'Response: body' }).inputValue()).toContain(
      '"integrationId": "live-one"',
    );
    await expectHealthyPage(page);
    await page.setViewportSize({ width: NARROW, height: 900 });
    await expectHealthyPage(page);
    await page.getByRole('button', { name: 'Copy as curl' }).click();
    const command = await page.evaluate<string>('navigator.clipboard.readText()');
    expect(command).toContain('"Authorization: ApiKey-v1 $ROLLCALL_KEY"');
    expect(command).toContain(`--data-raw '{"audiencesChanges":{"adds":[1]}}'`);
    expect(await page.content()).not.toContain(world.server.keys['customerData'] ?? '?');
  });

  test('goes back page by page on every list, and the figures of an audience add up', async () => {
    const path = '/cdp/customer_profile/paged';
    for (let index = 0; index < 110; index += 1) {
      const audiencesChanges = index % 2 === 0 ? { adds: [1] } : { deletes: [1] };
      expect((await send(world, 'PUT', path, { audiencesChanges })).status).toBe(200);
    }
    const { data } = await world.call<{ data: { id: number }[] }>('GET', '/v1/customers/no_total?integrationId=paged');
    const page = await world.open('/activity?path=paged%24');
    const cursor = (): string | null => new URL(page.url()).searchParams.get('cursor');
    /** The link of each entry on the page. */
    const shown = async (): Promise<string[]> =>
      page.locator('main table a, main ol a, main ul a').evaluateAll((links) => links.map((link) => String(link)));
    for (const list of ['/activity?path=paged%24', `/profiles/${data[0]?.id}`, '/audiences/1?tab=changes']) {
      await page.goto(`/console${list}`);
      const pages = page.getByRole('navigation', { name: 'Pages' });
      const turn = async (name: string): Promise<void> => {
        const before = await shown();
        await pages.getByRole('button', { name }).click();
        // The previous page stays until the next one has loaded.
        await expect
          .poll(async () => (await shown()).some((each) => !before.includes(each)), { timeout: 20_000 })
          .toBe(true);
      };
      await pages.waitFor();
      const first = await shown();
      await turn('Next');
      const second = [cursor(), await shown()];
      await turn('Next');
      const third = [cursor(), await shown()];
      expect([list, third]).not.toEqual([list, second]);
      await turn('Previous');
      expect([list, cursor(), await shown()]).toEqual([list, ...second]);
      await turn('Previous');
      expect([list, cursor(), await shown()]).toEqual([list, null, first]);
      expect(await pages.getByRole('button', { name: 'Previous' }).isDisabled()).toBe(true);
    }
    const told = await page.locator('figcaption').allTextContents();
    const [from = Number.NaN, to = Number.NaN, joined = Number.NaN, left = Number.NaN] =
      /From (\d+) to (\d+) members.* (\d+) joined and (\d+) left/.exec(told.join(' '))?.slice(1).map(Number) ?? [];
    expect(joined).toBeGreaterThanOrEqual(55);
    expect(from + joined - left).toBe(to);
  });

  test('tells a body that was not sent from one that was not read, and from one that is not kept', async () => {
    const path = '/cdp/customer_profile/bodies';
    const ask = async (key: string | undefined, body: string | null): Promise<string> => {
      const headers = { authorization: `ApiKey-v1 ${key}`, 'content-type': 'application/json' };
      const response = await fetch(world.server.url + path, { method: 'PUT', headers, body });
      return response.headers.get('x-request-id') ?? '';
    };
    const { customerData } = world.server.keys;
    const none = await ask(customerData, null);
    const unread = await ask('nobody', '{"attributes":{}}');
    await world.call('PUT', '/v1/applications/1', { payloadLogging: 'off' });
    const off = await ask(customerData, '{"attributes":{}}');
    await world.call('PUT', '/v1/applications/1', { payloadLogging: 'full' });
    const expected = [
      [none, 'No body', 'No body was sent.'],
      [unread, '17 bytes', 'The request was answered or abandoned before its body had been read'],
      [off, '17 bytes', 'The Application does not log payloads.'],
    ] as const;
    const page = await world.open(`/activity/${none}`);
    for (const [uuid, size, why] of expected) {
      await page.goto(`/console/activity/${uuid}`);
      const panel = page.getByRole('region', { name: 'Request', exact: true });
      await panel.getByText(why).waitFor();
      await panel.getByText(size, { exact: true }).waitFor();
      const command = await page.getByRole('textbox', { name: 'As curl' }).inputValue();
      expect(command.includes('@body.json')).toBe(uuid !== none);
    }
  });

  test('shows neither payloads nor replay to somebody who may only read', async () => {
    const page = await world.open('/activity?tab=refused', { as: reader });
    await rowOf(page, '/cdp/customer_profile/cid').waitFor();
    expect(await page.getByRole('checkbox').count()).toBe(0);
    expect(await page.getByRole('button', { name: /Replay/ }).count()).toBe(0);
    await rowOf(page, '/cdp/customer_profile/cid').getByRole('link').click();
    await page.getByText('Only admins can see payloads.').first().waitFor();
    expect(await page.content()).not.toContain('Nickname":');
    expect(await page.getByLabel('As curl').count()).toBe(0);
    expect(await page.getByRole('link', { name: /Create attribute/ }).count()).toBe(0);
  });

  test('shows what became of each row of a request, and offers the refused ones for replay', async () => {
    const data = [
      { customerProfileId: 'row-good', adds: [1] },
      { customerProfileId: 'row-bad', adds: [999_999] },
    ];
    const path = '/cdp/customer_profiles/audiences';
    const answer = await send(world, 'PUT', path, { data }, undefined, 'handling=lenient');
    expect(answer.status).toBe(204);
    const page = await world.open(`/activity/${answer.headers.get('x-request-id') ?? ''}`);
    await page.getByText('1 row applied, 0 unchanged, 1 refused.').waitFor();
    const rows = page.getByRole('table', { name: 'Rows' }).getByRole('row');
    const refused = rows.nth(1);
    expect(await refused.textContent()).toMatch(/1row-bad.*Refused.*Audience 999999 not found/);
    expect(await rows.nth(2).textContent()).toMatch(/row-good.*Applied/);
    await expectHealthyPage(page);
    await page.getByRole('button', { name: 'Replay the refused rows' }).click();
    await page.getByRole('dialog').getByText('Audience 999999 not found').waitFor();
  });
});

async function visible(locator: Locator): Promise<Locator> {
  await locator.waitFor();
  return locator;
}
