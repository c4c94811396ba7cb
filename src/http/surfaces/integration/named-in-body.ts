/**
 * Reports an unknown object named in the body as an error in the body, with its position, for operations without a 404.
 */

import { DomainError, MAX_PROBLEMS, type Problem } from '../../../domain/errors.ts';
import type { AudienceRef } from '../../../domain/memberships/commands.ts';

/**
 * Awaits a write.
 * @param places JSON Pointers to where the body names an audience
 * @throws DomainError `invalid` in place of a `not_found` whose subject the body names; other errors unchanged
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
