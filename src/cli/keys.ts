/** `rollcall key …` */

import { programCommand } from '../config.ts';
import { changeApiKey, createApiKey, deleteApiKey, listApiKeys } from '../domain/access/api-key-administration.ts';
import { type ApiKey, type KeySwitchChange, keyState } from '../domain/access/api-keys.ts';
import { chooseApplication, listApplications } from '../domain/definitions/lookups.ts';
import { type CommonOptions, withCore } from './context.ts';
import { print, printJson, printLine, printTable, say, when } from './output.ts';

// The longer a key lives, the more harm a leak does.
const LONG_LIFE_MS = 2 * 366 * 24 * 60 * 60 * 1000;

export type UpdateKeyOptions = CommonOptions & KeySwitchChange;

export interface CreateKeyOptions extends CommonOptions {
  readonly name: string;
  readonly expires: string;
  readonly application?: string;
  readonly platform: string;
  readonly readOnly?: boolean;
  readonly test?: boolean;
  readonly rateLimit?: number;
  readonly lenientRows?: boolean;
  readonly rowReports?: boolean;
  readonly skipUndefinedAttributes?: boolean;
}

function toJson(key: ApiKey, now: number) {
  const { id, applicationId, title: name, type, platform, readOnly, rateLimit, prefix, suffix } = key;
  const { lenientRows, rowReports, skipUndefinedAttributes } = key;
  return {
    id,
    applicationId,
    name,
    type: type === 'staging' ? 'test' : 'production',
    platform,
    readOnly,
    rateLimit: rateLimit ?? null,
    lenientRows,
    rowReports,
    skipUndefinedAttributes,
    masked: `${prefix}…${suffix}`,
    state: keyState(key, now),
    expires: when(key.expires),
    created: when(key.created),
    lastUsed: key.lastUsedAt === undefined ? null : when(key.lastUsedAt),
  };
}

export async function createKey(options: CreateKeyOptions): Promise<number> {
  return withCore(options, { access: 'write' }, async (core) => {
    const application = await chooseApplication(core, options.application);
    const { apiKey, secret } = await createApiKey(core, {
      application,
      title: options.name,
      expires: options.expires,
      platform: options.platform,
      type: options.test === true ? 'staging' : '',
      readOnly: options.readOnly,
      rateLimit: options.rateLimit,
      lenientRows: options.lenientRows,
      rowReports: options.rowReports,
      skipUndefinedAttributes: options.skipUndefinedAttributes,
    });
    if (apiKey.expires - core.now() > LONG_LIFE_MS) {
      say('This key is valid for more than two years; a shorter lifetime limits the damage of a leak.');
    }
    if (options.json) {
      await printJson({ ...toJson(apiKey, core.now()), key: secret });
      return 0;
    }
    const until = when(apiKey.expires);
    say(`Key ${apiKey.id} of Application '${application.name}', valid until ${until}. It is shown only once:`);
    await print(`${secret}\n`);
    return 0;
  });
}

export async function listKeys(options: CommonOptions): Promise<number> {
  return withCore(options, { access: 'read' }, async (core) => {
    const keys = await listApiKeys(core);
    const now = core.now();
    if (options.json) {
      await printJson(keys.map((key) => toJson(key, now)));
      return 0;
    }
    const names = new Map((await listApplications(core)).map(({ id, name }) => [id, name]));
    await printTable(
      ['ID', 'NAME', 'KEY', 'PLATFORM', 'APPLICATION', 'STATE', 'EXPIRES', 'LAST USED'],
      keys.map((key) => [
        String(key.id),
        key.title,
        `${key.prefix}…${key.suffix}`,
        [usedFor(key), ...switchesOf(key)].join(', '),
        names.get(key.applicationId) ?? '',
        keyState(key, now),
        when(key.expires),
        key.lastUsedAt === undefined ? 'Never' : when(key.lastUsedAt),
      ]),
      `No keys yet. Create one: ${keyCreateCommand(now)}`,
    );
    return 0;
  });
}

function usedFor({ platform, readOnly, type }: ApiKey): string {
  if (type === 'staging') return 'none, Test';
  return readOnly ? 'none, read-only' : platform;
}

/** The options of a key that replace headers of its callers. */
function switchesOf({ lenientRows, rowReports, skipUndefinedAttributes }: ApiKey): string[] {
  return [
    ...(lenientRows ? ['lenient rows'] : []),
    ...(rowReports ? ['row reports'] : []),
    ...(skipUndefinedAttributes ? ['skips undefined attributes'] : []),
  ];
}

/** The command that creates a key for a customer data platform, ready to copy; the key expires in about a year. */
export function keyCreateCommand(now: number, options = ''): string {
  const year = 365 * 24 * 60 * 60 * 1000;
  const expires = when(now + year).slice(0, 10);
  return `${programCommand()} key create --name "My CDP" --platform customer_data --expires ${expires}${options}`;
}

export async function deleteKey(id: number, options: CommonOptions): Promise<number> {
  return withCore(options, { access: 'write' }, async (core) => {
    const key = await deleteApiKey(core, id);
    if (options.json) await printJson({ id: key.id, deleted: true });
    else await printLine(`Key ${key.id} '${key.title}' was deleted; calls with it are refused from now on.`);
    return 0;
  });
}

export async function updateKey(id: number, options: UpdateKeyOptions): Promise<number> {
  const { lenientRows, rowReports, skipUndefinedAttributes } = options;
  return withCore(options, { access: 'write' }, async (core) => {
    const key = await changeApiKey(core, id, { lenientRows, rowReports, skipUndefinedAttributes });
    if (options.json) await printJson(toJson(key, core.now()));
    else await printLine(`Key ${key.id} '${key.title}': ${switchesOf(key).join(', ') || 'no options'}.`);
    return 0;
  });
}
