/** Reviews a member list before anything is replaced: what it would do to the members, and what looks wrong in it. */

import type { Core } from '../domain/core.ts';
import type { ListWarning } from '../domain/list-warnings.ts';
import { forecastReplacement, REPLACEMENT_CHUNK, type ReplacementForecast } from '../domain/memberships/replacement.ts';
import { type ListChunk, type ReadOptions, readList } from './list-entries.ts';
import { ListWarnings, withoutOuterBlanks } from './list-warnings.ts';
import { MEMBERS_COLUMN } from './members-csv.ts';

export interface MemberListReview {
  readonly forecast: ReplacementForecast;
  /** The number of valid IDs, including repeated ones. */
  readonly entries: number;
  readonly warnings: readonly ListWarning[];
}

/** Reads the IDs of a member list. @throws DomainError as `readList` does */
export async function* readMembers(
  bytes: AsyncIterable<Uint8Array>,
  options: ReadOptions = {},
): AsyncGenerator<readonly string[]> {
  for await (const { entries } of readList(bytes, MEMBERS_COLUMN, REPLACEMENT_CHUNK, options)) yield entries;
}

/**
 * Compares a file with the members of an audience; changes nothing.
 * @param open reads the file from its beginning; called twice for a list with blanks around its IDs
 * @throws DomainError `not_found`, or as `readList` does
 */
export async function reviewMemberList(
  core: Core,
  audienceId: number,
  open: () => AsyncIterable<Uint8Array>,
  options: Omit<ReadOptions, 'warnings'> = {},
): Promise<MemberListReview> {
  const warnings = new ListWarnings();
  let chunk: ListChunk = { entries: [], lines: [] };
  const entries = async function* (): AsyncGenerator<readonly string[]> {
    for await (chunk of readList(open(), MEMBERS_COLUMN, REPLACEMENT_CHUNK, { ...options, warnings })) {
      yield chunk.entries;
    }
  };
  const onRepeated = (places: readonly number[]): void => {
    for (const place of places) warnings.add('repeated', chunk.lines[place] ?? 0, chunk.entries[place] ?? '');
  };
  const forecast = await forecastReplacement(core, audienceId, entries(), onRepeated);
  const again = { ...options, onRefused: options.onRefused && ((): void => undefined) };
  const wouldBeSame = warnings.has('outerBlank')
    ? forecast.members - (await countWithoutBlanks(core, audienceId, readMembers(open(), again)))
    : 0;
  return { forecast, entries: warnings.entries, warnings: warnings.list(wouldBeSame) };
}

/** The number of distinct IDs in a list if blanks around them are ignored. */
async function countWithoutBlanks(
  core: Core,
  audienceId: number,
  chunks: AsyncIterable<readonly string[]>,
): Promise<number> {
  const trimmed = async function* (): AsyncGenerator<readonly string[]> {
    for await (const chunk of chunks) yield chunk.map(withoutOuterBlanks);
  };
  return (await forecastReplacement(core, audienceId, trimmed())).members;
}
