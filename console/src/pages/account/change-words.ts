/** Describes an entry of the audit log in a sentence, from the path of the entity and its states. */

import type { Change } from '../../../../src/http/surfaces/management/changes-schemas.ts';

export type State = Readonly<Record<string, unknown>>;

/** The states before and after a change, as records of fields. */
export function statesOf(change: Pick<Change, 'old' | 'new'>): { before: State | undefined; after: State | undefined } {
  return { before: change.old as State | undefined, after: change.new as State | undefined };
}

/** Entities that are created, changed and deleted. */
const THINGS: readonly (readonly [path: RegExp, thing: string])[] = [
  [/^\/v1\/applications\/\d+\/apikeys\/\d+$/, 'API key'],
  [/^\/v1\/applications\/\d+$/, 'Application'],
  [/^\/v1\/attributes\/\d+$/, 'attribute'],
  [/^\/v1\/audiences\/\d+$/, 'audience'],
  [/^\/v1\/users\/\d+$/, 'user'],
  [/^\/v1\/management_keys\/\d+$/, 'management key'],
];

/** Such as "created the API key “Segments”"; follows the name of the actor. */
export function describeChange(change: Pick<Change, 'entity' | 'old' | 'new'>): string {
  const { entity } = change;
  const { before, after } = statesOf(change);
  const name = nameOf(after) ?? nameOf(before);
  const thing = THINGS.find(([path]) => path.test(entity))?.[1];
  if (thing !== undefined) {
    const verb = before === undefined ? 'created' : after === undefined ? 'deleted' : 'changed';
    return `${verb} the ${thing} ${name === undefined ? entity.replace(/^.*\//, '') : `“${name}”`}`;
  }
  const number = /\/(\d+)\//.exec(entity)?.[1] ?? '';
  if (after !== undefined && 'payloadsViewed' in after) return 'viewed payloads in the access log';
  if (/^\/v1\/users\/\d+\/password$/.test(entity)) return `changed the password of ${name ?? `user ${number}`}`;
  if (/^\/v1\/customers\/\d+\/data$/.test(entity)) return `erased the personal data of customer profile ${number}`;
  if (/^\/v1\/sessions\/\d+$/.test(entity)) return before === undefined ? 'signed in' : 'ended a session';
  if (/^\/v1\/audiences\/\d+\/memberships$/.test(entity)) {
    return `${before === undefined ? 'added to' : 'removed from'} the members of audience ${number}`;
  }
  if (entity.endsWith('/export')) return `exported ${entity}`;
  if (entity.endsWith('/import')) return `imported ${entity}`;
  return `changed ${entity}`;
}

function nameOf(state: State | undefined): string | undefined {
  for (const field of ['title', 'name', 'email']) {
    const value = state?.[field];
    if (typeof value === 'string' && value !== '') return value;
  }
  return undefined;
}
