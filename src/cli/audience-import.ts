/**
 * `rollcall audience import`: replaces all members of an audience with those of a file, all or nothing, or previews
 * that.
 */

import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { ConfigError, readOne } from '../config.ts';
import type { Core } from '../domain/core.ts';
import type { Audience } from '../domain/definitions/audiences.ts';
import { findAudience } from '../domain/definitions/lookups.ts';
import { DomainError, unavailable } from '../domain/errors.ts';
import type { ListWarning } from '../domain/list-warnings.ts';
import { describeLoss, isDrasticReplacement } from '../domain/memberships/drastic-replacement.ts';
import { importMembers, type Objection, objectionsTo, type ReviewedList } from '../domain/memberships/member-import.ts';
import { ListWarnings } from '../formats/list-warnings.ts';
import { readMembers, reviewMemberList } from '../formats/member-list-review.ts';
import { askForYes, canAsk } from './ask.ts';
import { type CommonOptions, withCore } from './context.ts';
import { untilInterrupted } from './interruption.ts';
import { withReadableFile } from './list-file.ts';
import { printJson, printLine, say, toJsonText } from './output.ts';

const SAY_EVERY_LINES = 100_000;

export interface ImportOptions extends CommonOptions {
  readonly column?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** A file whose members are to replace those of an audience. */
interface MemberFile {
  /** The name the operator gave it. */
  readonly name: string;
  readonly canAsk: boolean;
  /** Aborted when the command must stop. */
  readonly signal: AbortSignal;
  readonly options: { readonly column: string | undefined; readonly maxUnpackedBytes: number };
  open(): AsyncIterable<Uint8Array>;
}

/** What is known about the file before anything is changed; compared with the members only if requested. */
interface Review extends ReviewedList {
  /** The number of valid entries, including repeated ones. */
  readonly entries: number;
}

const ALL_MEANT: ReadonlySet<Objection> = new Set(['refused', 'warnings', 'drastic']);

export async function importAudience(id: number, path: string, options: ImportOptions): Promise<number> {
  return untilInterrupted(async (signal) =>
    withCore(options, { access: options.dryRun === true ? 'read' : 'write', isLong: true }, async (core) => {
      const audience = await findAudience(core, id);
      return withReadableFile(path, signal, async (readable) => {
        const file: MemberFile = {
          name: path === '-' ? 'standard input' : path,
          canAsk: path !== '-' && canAsk(),
          signal,
          options: { column: options.column, maxUnpackedBytes: readOne('maxUploadBytes') },
          open: () => createReadStream(readable, { signal }),
        };
        const review = await reviewFile(core, id, file, options);
        for (const warning of review.warnings) say(describeWarning(file, warning));
        if (options.dryRun === true) await printForecast(audience, review, options);
        else {
          const confirmed = options.yes === true ? ALL_MEANT : await confirm(audience, file, review);
          await replace(core, audience, file, review, confirmed, options);
        }
        return 0;
      });
    }),
  );
}

/**
 * Reads the whole file: a bad line must be found before anything is staged. @throws DomainError naming the file and the
 * line
 */
async function reviewFile(core: Core, id: number, file: MemberFile, options: ImportOptions): Promise<Review> {
  try {
    if (options.yes !== true || options.dryRun === true)
      return { ...(await reviewMemberList(core, id, () => file.open(), file.options)), refused: 0 };
    const warnings = new ListWarnings();
    for await (const _ of readMembers(file.open(), { ...file.options, warnings }));
    return { entries: warnings.entries, warnings: warnings.list(), refused: 0, forecast: undefined };
  } catch (error) {
    // Turns the name of a field into that of its flag.
    if (!(error instanceof DomainError) || error.message.startsWith('column: ')) throw error;
    throw new DomainError(error.code, `${file.name}, ${error.message}; nothing was changed`);
  }
}

function describeWarning(file: MemberFile, { message, samples }: ListWarning): string {
  const shown = samples.map(({ line, entry }) => `line ${line}: ${toJsonText(entry)}`);
  return `${file.name}: ${message} (${shown.join(', ')})`;
}

async function printForecast(audience: Audience, review: Review, options: ImportOptions): Promise<void> {
  const { entries, warnings, forecast } = review;
  if (forecast === undefined) return;
  const { members, joins, leaves, newProfiles } = forecast;
  if (options.json) {
    const drastic = isDrasticReplacement(forecast);
    const figures = { lines: entries, members, joins, leaves, newProfiles };
    await printJson({ audienceId: audience.id, dryRun: true, ...figures, drastic, warnings });
    return;
  }
  await printLine(
    `Audience ${audience.id} '${audience.name}' would have ${members} members: ${joins} would join (${newProfiles} of them new profiles), ${leaves} would leave. Nothing was changed.`,
  );
}

/**
 * Asks the operator to overrule the objections to the list.
 * @returns the confirmed objections
 * @throws ConfigError when there is something to confirm and nobody to ask, DomainError `conflict` when the answer is no
 */
async function confirm(audience: Audience, file: MemberFile, review: Review): Promise<ReadonlySet<Objection>> {
  const objections = new Set(objectionsTo(review));
  if (objections.size === 0) return objections;
  const { forecast } = review;
  const reasons = [
    ...(forecast !== undefined && objections.has('drastic') ? [describeLoss(forecast)] : []),
    ...(objections.has('warnings') ? ['the list has the warnings above'] : []),
  ];
  const why = reasons.join(', and ');
  if (!file.canAsk) throw new ConfigError(`${why}; preview with --dry-run, then confirm with --yes`);
  const question = `Audience ${audience.id} '${audience.name}': ${why}. Replace its members anyway? Type yes: `;
  if (!(await askForYes(question, file.signal))) throw new DomainError('conflict', 'nothing was changed');
  return objections;
}

async function replace(
  core: Core,
  audience: Audience,
  file: MemberFile,
  review: Review,
  confirmed: ReadonlySet<Objection>,
  options: ImportOptions,
): Promise<void> {
  const { id, name, environment } = audience;
  const caller = { requestUuid: randomUUID(), keyId: undefined, applicationId: undefined, environment, bytes: 0 };
  const members = readMembers(file.open(), file.options);
  const chunks = withProgress(whileDiskLasts(members, core.storage.file?.folder), review.entries);
  const {
    members: count,
    joins,
    leaves,
    recorded,
  } = await importMembers(core, caller, audience, review, chunks, confirmed);
  const figures = { members: count, joins, leaves, warnings: recorded.warnings };
  if (options.json) await printJson({ audienceId: id, ...figures });
  else await printLine(`Audience ${id} '${name}' now has ${count} members: ${joins} joined, ${leaves} left.`);
}

/** Reports progress: a chunk has been accepted when the next one is requested. */
async function* withProgress(
  chunks: AsyncIterable<readonly string[]>,
  entries: number,
): AsyncGenerator<readonly string[]> {
  let taken = 0;
  for await (const chunk of chunks) {
    yield chunk;
    taken += chunk.length;
    if (taken % SAY_EVERY_LINES === 0) say(`${taken} of ${entries} lines`);
  }
}

/** A running server refuses writes before the disk is full; this command must not fill it either. */
async function* whileDiskLasts(
  chunks: AsyncIterable<readonly string[]>,
  folder: string | undefined,
): AsyncGenerator<readonly string[]> {
  const least = readOne('minFreeDiskBytes');
  for await (const chunk of chunks) {
    if (folder !== undefined && (await freeBytes(folder)) < least) {
      throw unavailable('The disk is nearly full; nothing was changed');
    }
    yield chunk;
  }
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
