/** Tells what is unknown and named in the body as a mistake in the body, with its place, for operations that list no 404. */

import { DomainError, MAX_PROBLEMS, type Problem } from '../../../domain/errors.ts';
import type { AudienceRef } from '../../../domain/memberships/commands.ts';

/**
 * Waits for a write.
 * @param places where the body names an audience, as JSON Pointers
 * @throws DomainError `invalid` in place of a `not_found` whose subject the body names; others as they are
 */
export async function invalidWhenNamedInBody<Result>(
  write: Promise<Result>,
  places: (audience: AudienceRef) => readonly string[] = () => [],
): Promise<Result> {
  try {
    return await write;
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'not_found') throw error;
    const placed = error.problems.flatMap(({ audience, ...problem }): Problem[] => {
      if (problem.source !== undefined) return [problem];
      return audience === undefined ? [] : places(audience).map((pointer) => ({ ...problem, source: { pointer } }));
    });
    if (placed.length === 0) throw error;
    throw new DomainError('invalid', placed.slice(0, MAX_PROBLEMS));
  }
}
