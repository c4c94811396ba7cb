/** `rollcall audience …`; importing a file is in `audience-import.ts`. */

import type { Core } from '../domain/core.ts';
import type { AudienceWithSize } from '../domain/definitions/audiences.ts';
import { findAudience } from '../domain/definitions/lookups.ts';
import { listAudiences } from '../domain/memberships/audience-lists.ts';
import { listAllMembers } from '../domain/memberships/replacement.ts';
import { MEMBERS_CSV_HEADER, memberCsvLine } from '../formats/members-csv.ts';
import { type CommonOptions, withCore } from './context.ts';
import { untilInterrupted } from './interruption.ts';
import { plain, print, printJson, printTable, toJsonText, when } from './output.ts';

function toJson(audience: AudienceWithSize) {
  const { id, name, environment, integration, integrationId, members, created, lastUpdate } = audience;
  return {
    id,
    name,
    environment,
    integration: integration ?? null,
    integrationId: integrationId ?? null,
    members,
    created: when(created),
    lastUpdate: when(lastUpdate),
  };
}

export async function listAudiencesCommand(options: CommonOptions): Promise<number> {
  return withCore(options, { access: 'read' }, async (core) => {
    const audiences = await listAudiences(core);
    if (options.json) {
      await printJson(audiences.map(toJson));
      return 0;
    }
    await printTable(
      ['ID', 'NAME', 'MEMBERS', 'PLATFORM', 'PLATFORM ID', 'ENVIRONMENT', 'LAST UPDATE'],
      audiences.map((each) => [
        String(each.id),
        each.name,
        String(each.members),
        each.integration ?? '',
        each.integrationId ?? '',
        each.environment,
        when(each.lastUpdate),
      ]),
      'No audiences yet. A platform creates them with POST /cdp/audiences.',
    );
    return 0;
  });
}

export async function exportAudience(id: number, options: CommonOptions): Promise<number> {
  return untilInterrupted(
    async (signal) =>
      withCore(options, { access: 'read', isLong: true }, async (core) => {
        await findAudience(core, id);
        await (options.json ? printMembersJson : printMembersCsv)(core, id, signal);
        return 0;
      }),
    'the list is incomplete',
  );
}

async function printMembersJson(core: Core, id: number, signal: AbortSignal): Promise<void> {
  let separator = '';
  await print('[', signal);
  for await (const page of listAllMembers(core, id)) {
    await print(separator + page.map(({ integrationId }) => toJsonText(integrationId)).join(',\n'), signal);
    separator = ',\n';
  }
  await print(']\n', signal);
}

async function printMembersCsv(core: Core, id: number, signal: AbortSignal): Promise<void> {
  // A file gets each ID exactly; a terminal must not be controlled by one.
  const line = process.stdout.isTTY ? (text: string) => `${plain(text.slice(0, -1))}\n` : (text: string) => text;
  await print(`${MEMBERS_CSV_HEADER}\n`, signal);
  for await (const page of listAllMembers(core, id)) {
    await print(page.map(({ integrationId }) => line(memberCsvLine(integrationId))).join(''), signal);
  }
}
