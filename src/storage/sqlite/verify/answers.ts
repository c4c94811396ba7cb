/**
 * Checks the answers kept under idempotency keys: their total size, and that their profiles exist and are well-formed.
 */

import type { Facts } from './facts.ts';
import type { Problems } from './problems.ts';

export function checkAnswers({ database }: Facts, problems: Problems): void {
  const add = (message: string): void => problems.add('answers', message);
  const stated = database.prepare<[], number>('select bytes from idempotent_answers_size').pluck().get();
  const summed = database.prepare<[], number>('select coalesce(sum(bytes), 0) from idempotent_answers').pluck().get();
  if (stated !== summed) add(`kept answers take ${summed} bytes, but their size says ${stated ?? 'nothing'}`);
  const rows = database
    .prepare<
      [],
      [answerId: number, answer: number | null, profileId: number, profile: number | null, content: string]
    >(`
      select answer_id, idempotent_answers.id, profile_id, profiles.id, coalesce(content, '{}')
      from idempotent_answer_profiles
        left join idempotent_answers on idempotent_answers.id = answer_id
        left join profiles on profiles.id = profile_id
      order by answer_id, place`)
    .raw()
    .iterate();
  for (const [answerId, answer, profileId, profile, content] of rows) {
    if (answer === null) add(`profile ${profileId} is in answer ${answerId}, which does not exist`);
    if (profile === null) add(`answer ${answerId} shows profile ${profileId}, which does not exist`);
    if (!isObject(content)) add(`answer ${answerId}: what it says of profile ${profileId} is not an object`);
  }
  const judged = database
    .prepare<[], [answerId: number, verdicts: string, reasons: string]>(`
      select id, coalesce(verdicts, '[]'), coalesce(reasons, '[]') from idempotent_answers
      where verdicts is not null or reasons is not null`)
    .raw()
    .iterate();
  for (const [answerId, ...lists] of judged) {
    if (!lists.every((list) => Array.isArray(parsed(list)))) {
      add(`answer ${answerId}: its verdicts or their reasons are not a list`);
    }
  }
}

function isObject(json: string): boolean {
  const value = parsed(json);
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Undefined for a text that is not JSON. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}
