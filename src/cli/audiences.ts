/** `rollcall audience …` */

import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { findAudience } from '../domain/audiences.ts';
import { DomainError } from '../domain/errors.ts';
import { listAllMembers, replaceMembers } from '../domain/member-lists.ts';
import { MEMBERS_CSV_HEADER, memberCsvLine, readMembersCsv } from '../formats/members-csv.ts';
import { type CommonOptions, print, printJson, printTable, when, withCore } from './context.ts';

// Each chunk is one transaction, short enough that a running server does not notice.
const CHUNK = 1000;
const PROGRESS_EVERY = 100_000;

export async function listAudiences(options: CommonOptions): Promise<number> {
  return withCore(options, async (core) => {
    const audiences = await core.storage.listAudiences();
    if (options.json) {
      await printJson(
        audiences.map(({ id, name, environment, integration, integrationId, members, created, lastUpdate }) => ({
          id,
          name,
          environment,
          integration: integration ?? null,
          integrationId: integrationId ?? null,
          members,
          created: when(created),
          lastUpdate: when(lastUpdate),
        })),
      );
      return 0;
    }
    await printTable(
      ['ID', 'NAME', 'MEMBERS', 'PLATFORM', 'ITS ID', 'ENVIRONMENT', 'LAST UPDATE'],
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
  return withCore(options, async (core) => {
    await findAudience(core, id);
    await print(`${MEMBERS_CSV_HEADER}\n`);
    for await (const page of listAllMembers(core, id)) {
      await print(page.map(({ integrationId }) => memberCsvLine(integrationId)).join(''));
    }
    return 0;
  });
}

export async function importAudience(id: number, file: string, options: CommonOptions): Promise<number> {
  return withCore(options, async (core) => {
    const audience = await findAudience(core, id);
    return withReadableFile(file, async (path) => {
      // A first pass over the whole file: a bad line must be found before anything is staged.
      let lines = 0;
      for await (const chunk of readMembersCsv(createReadStream(path), CHUNK)) lines += chunk.length;
      const caller = {
        requestUuid: randomUUID(),
        keyId: undefined,
        applicationId: audience.applicationIds[0] ?? 0,
        environment: audience.environment,
        bytes: 0,
      };
      const chunks = readMembersCsv(createReadStream(path), CHUNK);
      const replacement = await replaceMembers(core, id, caller, chunks, (count) => {
        if (count % PROGRESS_EVERY === 0) process.stderr.write(`${count} of ${lines} lines\n`);
      });
      if (options.json) await printJson({ audienceId: id, ...replacement });
      else {
        const { members, joins, leaves } = replacement;
        await print(`Audience ${id} '${audience.name}' now has ${members} members: ${joins} joined, ${leaves} left.\n`);
      }
      return 0;
    });
  });
}

/** Runs `work` on a file that can be read twice; standard input is kept in a private temporary one meanwhile. */
async function withReadableFile<T>(file: string, work: (path: string) => Promise<T>): Promise<T> {
  if (file !== '-') {
    try {
      return await work(file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT')
        throw new DomainError('not_found', `There is no file ${file}`);
      throw error;
    }
  }
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-import-'));
  try {
    const path = join(folder, 'members.csv');
    await pipeline(process.stdin, createWriteStream(path, { mode: 0o600 }));
    return await work(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
