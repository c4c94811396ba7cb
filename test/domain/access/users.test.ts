/** Users: which e-mails and passwords are accepted, and what is stored of them. */

import { afterEach, describe, expect, it } from 'vitest';
import { generatePassword } from '../../../src/domain/access/passwords.ts';
import { createUser } from '../../../src/domain/access/user-administration.ts';
import { isEmail } from '../../../src/domain/access/users.ts';
import type { Core } from '../../../src/domain/core.ts';
import { openCore } from '../open-core.ts';

let core: Core | undefined;
afterEach(async () => core?.storage.close());

const user = { email: 'ada@example.com', password: 'correct horse', isAdmin: false, mustChangePassword: false };

describe('users', () => {
  it('are distinguished by e-mail, ignoring case', async () => {
    core = await openCore();
    await createUser(core, { ...user, email: ' Ada@Example.com ' });
    expect((await core.storage.accounts.listUsers())[0]).toMatchObject({
      email: 'Ada@Example.com',
      name: 'Ada',
      state: 'active',
    });
    await expect(createUser(core, user)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('need a password of 10 to 1000 characters', async () => {
    core = await openCore();
    for (const password of ['', 'x'.repeat(9), 'x'.repeat(1001)]) {
      await expect(createUser(core, { ...user, password })).rejects.toMatchObject({ code: 'invalid' });
    }
    await createUser(core, { ...user, password: '👩‍👩‍👧'.repeat(2) });
    expect(await core.storage.accounts.listUsers()).toHaveLength(1);
  });
});

describe('e-mail addresses', () => {
  const cases: [string, boolean][] = [
    ['ada@example.com', true],
    ["o'hara+crm.7@sub.example-shop.co", true],
    ['ada@xn--mnchen-3ya.example', true],
    ['admin@localhost', false],
    ['ada@intranet', false],
    ['ada@-example.com', false],
    ['ada@example..com', false],
    ['ada@example.com.', false],
    ['.ada@example.com', false],
    ['ada..lovelace@example.com', false],
    ['adá@example.com', false],
    ['"ada"@example.com', false],
    [`${'x'.repeat(64)}@example.com`, true],
    [`${'x'.repeat(65)}@example.com`, false],
    ['ada', false],
    ['@example.com', false],
    ['ada@', false],
    ['a@b@c', false],
    ['a b@c', false],
    ['\u001b[31m@example.com', false],
    [`${'x'.repeat(250)}@example.com`, false],
  ];

  it.each(cases)('%j: %s', (text, right) => expect(isEmail(text)).toBe(right));
});

it('generated passwords are long and never the same', () => {
  const passwords = Array.from({ length: 100 }, generatePassword);
  for (const each of passwords) expect(each).toMatch(/^[\w-]{20}$/);
  expect(new Set(passwords).size).toBe(100);
});
