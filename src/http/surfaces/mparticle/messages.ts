/** Translates mParticle's messages about users into the terms of the domain. */

import type { FastifyRequest } from 'fastify';
import type { InexactNumbers } from '../../../domain/definitions/attribute-values.ts';
import { codePointLength, isStorableText, MAX_ID_LENGTH } from '../../../domain/environment.ts';
import { DomainError, MAX_PROBLEMS, type Problem } from '../../../domain/errors.ts';
import type { JsonValue } from '../../../domain/json-value.ts';
import type { AttributesChange, MembershipOfItem, NamedAudience } from '../../../domain/memberships/commands.ts';
import type { ProfilesChange } from '../../../domain/memberships/profile-lists.ts';
import { inexactNumbersIn } from '../../exact-numbers.ts';
import { markUnfilledId } from '../../path-ids.ts';
import { rowsIn } from '../../rows.ts';
import type { Account, EventMessage, MembershipMessage, ProfileRow, SentUser, UserAttribute } from './schemas.ts';

/** The namespace of mParticle's audience IDs. */
export const NAMESPACE = 'mparticle';

/** mParticle's ID of an audience, as text. */
export function audienceId(id: number): string {
  return String(id);
}

/**
 * Profiles, their attributes, and their memberships.
 * @throws DomainError `invalid` naming up to ten users without the identity that is their ID, unless rows are judged
 */
export function readMemberships(request: FastifyRequest, { account }: MembershipMessage): ProfilesChange {
  const { rows: users, handling } = rowsIn<ProfileRow>(request);
  const placeOf = (index: number): number => handling?.places[index] ?? index;
  const inexact = inexactValues(request);
  const items: AttributesChange[] = [];
  const places: number[] = [];
  const nameless: { readonly place: number; readonly problem: Problem }[] = [];
  const memberships: MembershipOfItem[] = [];
  const audiences = new Map<number, NamedAudience>();
  for (const [index, user] of users.entries()) {
    const place = placeOf(index);
    const identity = readIdentity(account, user, `user_profiles[${place}]: `);
    if ('message' in identity) {
      nameless.push({ place, problem: identity });
      continue;
    }
    const { id: integrationId, field } = identity;
    markUnfilledId(request, `user_profiles[].${field}`, integrationId);
    const item = items.length;
    const values = new Values(user.mpid);
    for (const { audience_id: id, audience_name: name, action, user_attributes } of user.audiences ?? []) {
      for (const attribute of user_attributes ?? []) values.take(attribute, inexact().get(attribute));
      if (action === 'attribute_update') continue;
      const ref = audienceId(id);
      if (!audiences.has(id)) audiences.set(id, { ref, newId: ref, name });
      // One change for each, since they apply in order.
      const [adds, deletes] = action === 'add' ? [[ref], []] : [[], [ref]];
      memberships.push({ item, integrationId, adds, deletes });
    }
    items.push(values.changeOf(integrationId));
    places.push(place);
  }
  if (handling === undefined && nameless.length > 0) {
    throw new DomainError('invalid', nameless.map(({ problem }) => problem).slice(0, MAX_PROBLEMS));
  }
  const refused = nameless.map(({ place, problem }) => ({
    place,
    error: new DomainError('invalid', [problem]).toRecord(),
  }));
  return {
    items,
    integration: NAMESPACE,
    memberships,
    named: { audiences: [...audiences.values()], renames: false },
    runRuleEngine: runsRules(account),
    rows: handling && { ...handling, places, refused: [...handling.refused, ...refused] },
  };
}

/** The profile of the user who caused the events. @throws DomainError `invalid` for a user without an ID */
export function readEventUser(request: FastifyRequest, message: EventMessage): ProfilesChange {
  const { account, mpid } = message;
  const identity = readIdentity(account, message, '');
  if ('message' in identity) throw new DomainError('invalid', [identity]);
  markUnfilledId(request, identity.field, identity.id);
  return {
    items: [new Values(mpid).changeOf(identity.id)],
    integration: NAMESPACE,
    memberships: [],
    named: { audiences: [], renames: false },
    runRuleEngine: runsRules(account),
  };
}

/** The ID of the profile in a row; undefined if it has none, or is malformed. */
export function idOfRow(row: unknown, body: unknown): string | undefined {
  const { mpid, user_identities: sent } = Object(row) as Partial<ProfileRow>;
  const identities = objectsIn(sent).filter(({ type }) => typeof type === 'string');
  const { account } = body as MembershipMessage;
  return identityOf(account, { mpid: mpid ?? '', user_identities: identities })?.id;
}

function runsRules({ account_settings }: Account): boolean {
  return account_settings.runRuleEngine ?? false;
}

interface Identity {
  readonly id: string;
  readonly field: string;
}

/** The integration ID of a user, and the field that holds it; undefined if the identity that it should be is missing. */
function identityOf(
  { account_settings: { userIdField } }: Account,
  { mpid, user_identities }: SentUser,
): Identity | undefined {
  if (userIdField === 'mpid') return { id: mpid, field: 'mpid' };
  const isWanted = userIdField === 'email' ? /^email$/i : /^customer(_?id)?$/i;
  const id = user_identities?.find(({ type, value }) => isWanted.test(type) && value)?.value;
  return typeof id === 'string' ? { id, field: 'user_identities[].value' } : undefined;
}

/** The integration ID of a user, or why it has none. @param position of the user, as a prefix */
function readIdentity(account: Account, user: SentUser, position: string): Identity | Problem {
  const { userIdField } = account.account_settings;
  const identity = identityOf(account, user);
  if (identity === undefined) {
    return {
      title: 'required',
      message: `${position}mpid '${user.mpid.slice(0, 100)}' has no identity of type ${userIdField} (userIdField)`,
      cause: `a user has no identity of type ${userIdField}`,
    };
  }
  const { id, field } = identity;
  const name = `${position}${field}`;
  if (codePointLength(id) > MAX_ID_LENGTH) {
    return { title: 'length', message: `${name}: length must be 1 to ${MAX_ID_LENGTH}`, cause: `${field}: too long` };
  }
  if (isStorableText(id)) return identity;
  const message = `${name}: must not contain NUL characters or lone surrogates`;
  return { title: 'Invalid value', message, cause: `${field}: must not contain NUL characters or lone surrogates` };
}

/** Collects attributes of one profile; a later value wins. It is a Map because names can be any text. */
class Values {
  readonly #values: Map<string, JsonValue>;
  readonly #digits = new Map<string, string>();

  /** Sets the attribute `mpid` to mParticle's ID of the user; skipped if no such attribute is defined. */
  constructor(mpid: string) {
    this.#values = new Map([['mpid', mpid]]);
  }

  /** @param digits the number as it was sent, if a double would change it */
  take({ key, value = null, action }: UserAttribute, digits: string | undefined): void {
    const name = key.replace(/^\$/, 'mp_');
    this.#values.set(name, action === 'delete' ? null : (value as JsonValue));
    if (digits === undefined) this.#digits.delete(name);
    else this.#digits.set(name, digits);
  }

  changeOf(integrationId: string): AttributesChange {
    const attributes = Object.fromEntries(this.#values);
    return { integrationId, attributes, inexactNumbers: Object.fromEntries(this.#digits) };
  }
}

/** Integers that a double would change, by their attribute; computed on first use. */
function inexactValues(request: FastifyRequest): () => ReadonlyMap<object, string> {
  let found: ReadonlyMap<object, string> | undefined;
  return () => {
    if (found !== undefined) return found;
    const attributes = attributesIn(request.body);
    const numbers: readonly (InexactNumbers | undefined)[] = inexactNumbersIn(request, attributesIn) ?? [];
    const pairs = attributes.flatMap((each, index): [object, string][] => {
      const digits = numbers[index]?.['value'];
      return digits === undefined ? [] : [[each, digits]];
    });
    found = new Map(pairs);
    return found;
  };
}

/** All attributes of a message, in their order. If rows are judged one by one, some may be malformed. */
function attributesIn(body: unknown): readonly UserAttribute[] {
  const { user_profiles } = body as MembershipMessage;
  return objectsIn(user_profiles).flatMap(({ audiences }) =>
    objectsIn(audiences).flatMap(({ user_attributes }) => objectsIn(user_attributes)),
  );
}

function objectsIn<Item>(list: readonly Item[] | null | undefined): readonly Item[] {
  if (!Array.isArray(list)) return [];
  return (list as readonly Item[]).filter((each) => typeof each === 'object' && each !== null);
}
