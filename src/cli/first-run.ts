/** What an empty database starts with, so that the first call works as printed. */

import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { Config } from '../config.ts';
import { createApiKey } from '../domain/api-keys.ts';
import { type Application, createApplication } from '../domain/applications.ts';
import { createAttribute } from '../domain/attributes.ts';
import { createAudience } from '../domain/audiences.ts';
import type { Core } from '../domain/core.ts';
import { createUser, generatePassword } from '../domain/users.ts';
import { DEFAULT_PLATFORM_NAME } from '../http/surfaces/third-party-headers.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const DEMO_KEY_DAYS = 30;
const DEFAULT_ADMIN = 'admin@localhost';

export interface FirstRun {
  readonly adminEmail: string;
  /** Undefined when the operator chose it. */
  readonly adminPassword: string | undefined;
  /** The key the printed command uses; undefined when the operator set the admin. */
  readonly key: string | undefined;
  readonly audienceId: number;
  /** Where the secrets were written, when the terminal is no place for them. */
  readonly secretsFile: string | undefined;
}

async function createBasics(core: Core): Promise<{ application: Application; audienceId: number }> {
  const application = await createApplication(core, { name: 'Default' });
  await createAttribute(core, { name: 'Tier', type: 'string', description: 'Loyalty tier of the customer' });
  const caller = {
    requestUuid: randomUUID(),
    keyId: undefined,
    applicationId: application.id,
    environment: application.environment,
    bytes: 0,
  };
  const audience = await createAudience(core, caller, {
    integration: DEFAULT_PLATFORM_NAME,
    externalId: 'first-audience',
    name: 'First audience',
  });
  return { application, audienceId: audience.id };
}

/**
 * Fills an empty database; does nothing to any other.
 * @param secretsFile where secrets go when standard output is no terminal (mode 0600)
 */
export async function setUpFirstRun(core: Core, config: Config, secretsFile: string): Promise<FirstRun | undefined> {
  if ((await core.storage.catalog()).applications.size > 0) return undefined;
  const { application, audienceId } = await createBasics(core);
  const chosen = config.adminEmail !== undefined && config.adminPassword !== undefined;
  const adminEmail = config.adminEmail ?? DEFAULT_ADMIN;
  const password = config.adminPassword ?? generatePassword();
  await createUser(core, { email: adminEmail, password, isAdmin: true, mustChangePassword: !chosen });
  if (chosen) return { adminEmail, adminPassword: undefined, key: undefined, audienceId, secretsFile: undefined };
  const { secret: key } = await createApiKey(core, {
    application,
    title: 'First key',
    platform: 'customer_data',
    expires: core.now() + DEMO_KEY_DAYS * DAY_MS,
  });
  const terminal = process.stdout.isTTY;
  if (!terminal) {
    const text = `admin: ${adminEmail}\npassword: ${password}\nkey: ${key}\n`;
    writeFileSync(secretsFile, text, { mode: 0o600, flag: 'w' });
  }
  return { adminEmail, adminPassword: password, key, audienceId, secretsFile: terminal ? undefined : secretsFile };
}

export interface EphemeralSetUp {
  readonly keys: Readonly<Record<string, string>>;
  readonly adminPassword: string;
}

/** Fills a store in memory with both environments and a key of each kind that they need. */
export async function setUpEphemeral(core: Core): Promise<EphemeralSetUp> {
  const { application: live } = await createBasics(core);
  const sandbox = await createApplication(core, { name: 'Sandbox', environment: 'sandbox' });
  const adminPassword = generatePassword();
  await createUser(core, { email: DEFAULT_ADMIN, password: adminPassword, isAdmin: true, mustChangePassword: false });
  const expires = core.now() + DEMO_KEY_DAYS * DAY_MS;
  const make = async (title: string, application: Application, platform: string, readOnly = false): Promise<string> =>
    (await createApiKey(core, { application, title, platform, readOnly, expires })).secret;
  return {
    keys: {
      customerData: await make('customer data', live, 'customer_data'),
      generic: await make('generic', live, 'none'),
      readOnly: await make('read-only', live, 'none', true),
      sandboxCustomerData: await make('sandbox customer data', sandbox, 'customer_data'),
      sandboxGeneric: await make('sandbox generic', sandbox, 'none'),
    },
    adminPassword,
  };
}
