/** `rollcall application …` */

import { programCommand } from '../config.ts';
import { createApplication } from '../domain/definitions/application-administration.ts';
import type { Application } from '../domain/definitions/applications.ts';
import { listApplications } from '../domain/definitions/lookups.ts';
import { type CommonOptions, withCore } from './context.ts';
import { printJson, printTable, when } from './output.ts';

function toJson({ id, name, environment, timezone, staging, created }: Application) {
  return { id, name, environment, timezone, staging, created: when(created) };
}

export async function listApplicationsCommand(options: CommonOptions): Promise<number> {
  return withCore(options, { access: 'read' }, async (core) => {
    const applications = await listApplications(core);
    if (options.json) await printJson(applications.map(toJson));
    else await printApplications(applications);
    return 0;
  });
}

export interface CreateApplicationOptions extends CommonOptions {
  readonly sandbox?: boolean;
  readonly timezone?: string;
  readonly staging?: boolean;
}

export async function createApplicationCommand(name: string, options: CreateApplicationOptions): Promise<number> {
  return withCore(options, { access: 'write', mustExist: false }, async (core) => {
    const application = await createApplication(core, {
      name,
      environment: options.sandbox ? 'sandbox' : 'live',
      timezone: options.timezone,
      staging: options.staging,
    });
    if (options.json) await printJson(toJson(application));
    else await printApplications([application]);
    return 0;
  });
}

async function printApplications(applications: readonly Application[]): Promise<void> {
  await printTable(
    ['ID', 'NAME', 'ENVIRONMENT', 'TIME ZONE', 'CREATED'],
    applications.map((each) => [String(each.id), each.name, each.environment, each.timezone, when(each.created)]),
    `No Applications yet. Create one: ${programCommand()} application create NAME`,
  );
}
