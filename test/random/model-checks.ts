/** The whole stored state, compared with the model: through the API, on the command line, and in the file itself. */

import { isDeepStrictEqual } from 'node:util';
import Database from 'better-sqlite3';
import { commandJson } from '../cli/command.ts';
import { runCli } from '../server-process.ts';
import type { Lab } from './lab.ts';
import type { Environment, Model, ModelAudience } from './model.ts';
import { check } from './settings.ts';

function same(actual: object, expected: object, what: string): void {
  if (isDeepStrictEqual(actual, expected)) return;
  const differing = Object.entries({ ...expected, ...actual })
    .map(
      ([key]) => [key, (actual as Record<string, unknown>)[key], (expected as Record<string, unknown>)[key]] as const,
    )
    .filter(([, is, should]) => !isDeepStrictEqual(is, should))
    .map(([key, is, should]) => ({ key, is, should }));
  check(false, `${what} differ from the model`, differing);
}

function profilesOf(model: Model, environment: Environment): string[] {
  return [...model.profiles.keys()]
    .filter((key) => key.startsWith(`${environment}/`))
    .map((key) => key.slice(environment.length + 1));
}

/** The hot reads of all profiles. */
export async function checkHotReads(lab: Lab, model: Model): Promise<void> {
  for (const environment of ['live', 'sandbox'] as const) {
    const integrationIds = [...profilesOf(model, environment), 'nobody'];
    const key = environment === 'live' ? lab.keys.readOnly : lab.keys.sandboxGeneric;
    const answer = await fetch(`${lab.url}/v1/customer_profiles/audiences/lookup`, {
      method: 'POST',
      headers: { Authorization: `ApiKey-v1 ${key}` },
      body: JSON.stringify({ integrationIds }),
    });
    const { data } = (await answer.json()) as { data: object };
    const expected = integrationIds.map((integrationId) => ({
      integrationId,
      audiences: model.audiencesOf(environment, integrationId).map((audience) => ({
        id: audience.id,
        integration: audience.platform,
        integrationId: audience.externalId,
        name: audience.name,
      })),
    }));
    same(data, expected, `the hot reads (${environment})`);
  }
}

/** `rollcall audience list`: the audiences, their names and member counts. */
export async function checkAudienceList(lab: Lab, model: Model): Promise<void> {
  const list = await commandJson<Record<string, unknown>[]>(['audience', 'list', '--database', lab.database]);
  const actual = list.map(({ id, name, environment, integration, integrationId, members }) => ({
    id,
    name,
    environment,
    integration,
    integrationId,
    members,
  }));
  const expected = [...model.audiences.values()]
    .sort((a, b) => a.id - b.id)
    .map(({ id, name, environment, platform, externalId, members }) => ({
      id,
      name,
      environment,
      integration: platform,
      integrationId: externalId,
      members: members.size,
    }));
  same(actual, expected, 'the listed audiences');
}

/** `rollcall audience export`: exactly the members. */
export async function checkExport(lab: Lab, audience: ModelAudience): Promise<void> {
  const { code, stdout } = await runCli(['audience', 'export', String(audience.id), '--database', lab.database]);
  check(code === 0, `the export of audience ${audience.id} ended with ${code}`);
  const exported = stdout.trimEnd().split('\n').slice(1);
  check(new Set(exported).size === exported.length, 'a member was exported twice', exported);
  same(
    Object.fromEntries(exported.map((each) => [each, 1])),
    Object.fromEntries([...audience.members].map((each) => [each, 1])),
    'the exported members',
  );
}

interface LedgerRow {
  action: number;
  audience: number;
  environment: number | null;
  profile: string | null;
  count: number;
  times: number;
}

/** Waits until attributes set for whole audiences have been written to every profile. */
export async function attributeJobsDone(lab: Lab): Promise<void> {
  const database = new Database(lab.file, { readonly: true, timeout: 10_000 });
  try {
    const pending = database.prepare('select 1 from attribute_jobs where finished is null limit 1');
    while (pending.get() !== undefined) await new Promise((resolve) => setTimeout(resolve, 50));
  } finally {
    database.close();
  }
}

/** The file: every profile with its attributes, and every change as often as it happened. */
export function checkFile(lab: Lab, model: Model): void {
  const database = new Database(lab.file, { readonly: true, timeout: 10_000 });
  try {
    const profiles = database
      .prepare<[], { environment: number; id: string; attributes: string }>(
        'select environment, integration_id as id, attributes from profiles',
      )
      .all();
    const actual = new Map(
      profiles.map(({ environment, id, attributes }) => [
        `${name(environment)}/${id}`,
        JSON.parse(attributes) as unknown,
      ]),
    );
    const expected = new Map([...model.profiles].map(([key, attributes]) => [key, Object.fromEntries(attributes)]));
    same(Object.fromEntries(actual), Object.fromEntries(expected), 'the stored profiles');

    const ledger = database
      .prepare<[], LedgerRow>(`
        select action, audience_id as audience, environment, integration_id as profile, count, count(*) as times
        from membership_changes left join profiles on profiles.id = profile_id
        group by action, audience_id, profile_id, count`)
      .all();
    const changes = new Map(ledger.map((row) => [describe(row), row.times]));
    same(Object.fromEntries(changes), Object.fromEntries(model.ledger), 'the ledger entries');
  } finally {
    database.close();
  }
}

function name(environment: number | null): Environment {
  return environment === 0 ? 'live' : 'sandbox';
}

function describe({ action, audience, environment, profile, count }: LedgerRow): string {
  if (profile === null) return `${action === 3 ? 'deleted' : `action ${action} of`} ${audience} ${count}`;
  return `${action === 1 ? 'joined' : 'left'} ${name(environment)}/${profile} ${audience}`;
}
