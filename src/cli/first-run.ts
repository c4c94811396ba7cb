/**
 * Fills an empty database so that the first call works as printed. An interruption is harmless: the admin is created
 * last, after the secrets have been shown, and until there is a user each start completes what is missing.
 */

import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type Config, ConfigError } from '../config.ts';
import { createApiKey, deleteApiKey, listApiKeys } from '../domain/access/api-key-administration.ts';
import { generatePassword } from '../domain/access/passwords.ts';
import { createUser } from '../domain/access/user-administration.ts';
import { hasUsers } from '../domain/access/user-lookups.ts';
import { isEmail } from '../domain/access/users.ts';
import type { Core } from '../domain/core.ts';
import { createApplication } from '../domain/definitions/application-administration.ts';
import type { Application } from '../domain/definitions/applications.ts';
import { createAttribute } from '../domain/definitions/attribute-administration.ts';
import { checkAttributeValue, NO_LISTS } from '../domain/definitions/attribute-values.ts';
import { type Attribute, appliesTo } from '../domain/definitions/attributes.ts';
import { findAudienceByIntegrationId, listApplications, listAttributes } from '../domain/definitions/lookups.ts';
import { DomainError } from '../domain/errors.ts';
import { createAudience } from '../domain/memberships/audience-administration.ts';
import { DEFAULT_PLATFORM_NAME } from '../http/surfaces/third-party-headers.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const FIRST_KEY = 'First key';
const FIRST_KEY_MS = 30 * DAY_MS;
const FIRST_AUDIENCE = 'first-audience';
const DEFAULT_APPLICATION = 'Default';
// No mail is ever sent to it; the domain is reserved for examples.
const DEFAULT_ADMIN = 'admin@example.com';
// Longer than a first run takes, from its Application to its user.
const OTHERS_MS = 2000;

export interface FirstRun {
  readonly adminEmail: string;
  /** Undefined when the operator chose the password. */
  readonly adminPassword: string | undefined;
  /** The key in the printed command; undefined when the operator set the admin. */
  readonly key: string | undefined;
  readonly audienceId: number;
  /** Attribute values the printed command may send. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Where the secrets were written if standard output is not a terminal. */
  readonly secretsFile: string | undefined;
}

interface Basics {
  readonly application: Application;
  readonly audienceId: number;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Creates what is missing; whatever the operator created before the first start is used unchanged. */
async function completeBasics(core: Core): Promise<Basics> {
  const applications = await listApplications(core);
  const firstLive = applications.find(({ environment }) => environment === 'live');
  const application = firstLive ?? (await createApplication(core, { name: freeName(applications) }));
  const taken = (await customerAttributes(core)).some(({ name, title }) => name === 'Tier' || title === 'Tier');
  if (!taken) {
    await createAttribute(core, { name: 'Tier', type: 'string', description: 'Loyalty tier of the customer' });
  }
  let audience = await findAudienceByIntegrationId(core, 'live', DEFAULT_PLATFORM_NAME, FIRST_AUDIENCE);
  if (audience === undefined) {
    const caller = {
      requestUuid: randomUUID(),
      keyId: undefined,
      applicationId: application.id,
      environment: application.environment,
      bytes: 0,
    };
    audience = await createAudience(core, caller, {
      integration: DEFAULT_PLATFORM_NAME,
      integrationId: FIRST_AUDIENCE,
      name: 'First audience',
    });
  }
  const tier = (await customerAttributes(core)).find(
    (attribute) => attribute.name === 'Tier' && appliesTo(attribute, application.id),
  );
  const takesGold = tier !== undefined && 'value' in checkAttributeValue(tier, 'gold', NO_LISTS);
  return { application, audienceId: audience.id, attributes: takesGold ? { Tier: 'gold' } : {} };
}

async function customerAttributes(core: Core): Promise<Attribute[]> {
  return (await listAttributes(core)).filter(({ entity }) => entity === 'CustomerProfile');
}

/** A sandbox Application may already have the name. */
function freeName(applications: readonly Application[]): string {
  const taken = applications.some(({ name }) => name.toLowerCase() === 'default');
  return taken ? 'Live' : DEFAULT_APPLICATION;
}

/**
 * Fills an empty database or completes an interrupted first run; leaves any other database alone.
 * @param secretsFile where secrets go (mode 0600); undefined when `announce` shows them
 * @param announce informs people; its secrets are valid once this resolves
 * @returns whether this was a first run
 */
export async function setUpFirstRun(
  core: Core,
  config: Config,
  secretsFile: string | undefined,
  announce: (run: FirstRun) => Promise<void>,
): Promise<boolean> {
  for (;;) {
    try {
      if (!(await hasUser(core))) {
        await fill(core, config, secretsFile, announce);
        return true;
      }
      if ((await listApplications(core)).length === 0) await completeBasics(core);
      return false;
    } catch (error) {
      // Somebody else created the same thing at the same moment: the next look finds it.
      if (!(error instanceof DomainError && error.code === 'conflict')) throw error;
    }
  }
}

async function fill(
  core: Core,
  config: Config,
  secretsFile: string | undefined,
  announce: (run: FirstRun) => Promise<void>,
): Promise<void> {
  const { adminEmail = DEFAULT_ADMIN, adminPassword: chosen } = config;
  if (!isEmail(adminEmail)) {
    throw new ConfigError(`ROLLCALL_ADMIN_EMAIL: '${adminEmail}' is not an e-mail address such as ada@example.com`);
  }
  const { application, ...basics } = await completeBasics(core);
  await deleteUnseenKey(core, application);
  if (chosen !== undefined) {
    await announce({ ...basics, adminEmail, adminPassword: undefined, key: undefined, secretsFile: undefined });
    await createUser(core, { email: adminEmail, password: chosen, isAdmin: true, mustChangePassword: false });
    return;
  }
  const adminPassword = generatePassword();
  const { secret: key } = await createApiKey(core, {
    application,
    title: FIRST_KEY,
    platform: 'customer_data',
    expires: core.now() + FIRST_KEY_MS,
  });
  if (secretsFile !== undefined) {
    writePrivately(secretsFile, `admin: ${adminEmail}\npassword: ${adminPassword}\nkey: ${key}\n`);
  }
  await announce({ ...basics, adminEmail, adminPassword, key, secretsFile });
  await createUser(core, { email: adminEmail, password: adminPassword, isAdmin: true, mustChangePassword: true });
}

/**
 * Reports whether a first run has been completed. Another server may be in the middle of one: it is given time, and
 * then replaced.
 */
async function hasUser(core: Core): Promise<boolean> {
  for (;;) {
    if (await hasUsers(core)) return true;
    const begun = (await listApplications(core)).find(({ name }) => name === DEFAULT_APPLICATION);
    if (begun === undefined || Math.abs(core.now() - begun.created) > OTHERS_MS) return false;
    await delay(100);
  }
}

/** An interrupted first run leaves a key that nobody needs: it is replaced by one that somebody has seen. */
async function deleteUnseenKey(core: Core, application: Application): Promise<void> {
  for (const key of await listApiKeys(core, application)) {
    const ours =
      key.title === FIRST_KEY &&
      key.platform === 'customer_data' &&
      Math.abs(key.expires - key.created - FIRST_KEY_MS) < 60_000;
    if (ours) await deleteApiKey(core, key.id);
  }
}

/** Writes a file only its owner can read, completely or not at all; a file of an earlier database is replaced. */
function writePrivately(file: string, text: string): void {
  const partial = `${file}.${randomUUID()}.partial`;
  try {
    const handle = openSync(partial, 'wx', 0o600);
    try {
      writeSync(handle, text);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(partial, file);
  } finally {
    rmSync(partial, { force: true });
  }
}

export interface EphemeralSetUp {
  readonly keys: Readonly<Record<string, string>>;
  readonly adminEmail: string;
  readonly adminPassword: string;
}

/**
 * Fills an in-memory store with both environments and one key of each kind they need.
 * @param expires when the keys expire, in ms since the epoch; in 30 days if absent
 */
export async function setUpEphemeral(core: Core, expires = core.now() + FIRST_KEY_MS): Promise<EphemeralSetUp> {
  const { application: live } = await completeBasics(core);
  const sandbox = await createApplication(core, { name: 'Sandbox', environment: 'sandbox' });
  const adminPassword = generatePassword();
  await createUser(core, { email: DEFAULT_ADMIN, password: adminPassword, isAdmin: true, mustChangePassword: false });
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
    adminEmail: DEFAULT_ADMIN,
    adminPassword,
  };
}
