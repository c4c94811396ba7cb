/** Translates mParticle's messages about users into the terms of the domain. */

import type { FastifyRequest } from 'fastify';
import type { InexactNumbers } from '../../../domain/definitions/attribute-values.ts';
import { DomainError, MAX_PROBLEMS, type Problem } from '../../../domain/errors.ts';
import type { JsonValue } from '../../../domain/json-value.ts';
import type { AttributesChange, MembershipChange, NamedAudience } from '../../../domain/memberships/commands.ts';
import type { ProfilesChange } from '../../../domain/memberships/profile-lists.ts';
import { inexactNumbersIn } from '../../exact-numbers.ts';
import type { Account, EventMessage, MembershipMessage, SentUser, UserAttribute } from './schemas.ts';

/** The namespace of mParticle's audience IDs. */
export const NAMESPACE = 'mparticle';

/** mParticle's ID of an audience, as text. */
export function audienceId(id: number): string {
  return String(id);
}

/**
 * Profiles, their attributes, and their memberships.
 * @throws DomainError `invalid` naming up to ten users without the identity that is their ID
 */
export function readMemberships(
  request: FastifyRequest,
  { account, user_profiles }: MembershipMessage,
): ProfilesChange {
  const users = user_profiles ?? [];
  const integrationIds = identify(account, users, (index) => `user_profiles[${index}]: `);
  const inexact = inexactValues(request);
  const items: AttributesChange[] = [];
  const memberships: MembershipChange[] = [];
  const audiences = new Map<number, NamedAudience>();
  for (const [index, { mpid, audiences: sent }] of users.entries()) {
    const integrationId = integrationIds[index] ?? '';
    const values = new Values(mpid);
    for (const { audience_id: id, audience_name: name, action, user_attributes } of sent ?? []) {
      for (const attribute of user_attributes ?? []) values.take(attribute, inexact().get(attribute));
      if (action === 'attribute_update') continue;
      const ref = audienceId(id);
      if (!audiences.has(id)) audiences.set(id, { ref, newId: ref, name });
      // One item for each, since they apply in order.
      memberships.push({
        integrationId,
        adds: action === 'add' ? [ref] : [],
        deletes: action === 'delete' ? [ref] : [],
      });
    }
    items.push(values.changeOf(integrationId));
  }
  const named = { audiences: [...audiences.values()], renames: false };
  return { items, integration: NAMESPACE, memberships, named, runRuleEngine: runsRules(account) };
}

/** The profile of the user who caused the events. @throws DomainError `invalid` as above */
export function readEventUser(message: EventMessage): ProfilesChange {
  const { account, mpid } = message;
  const [integrationId = ''] = identify(account, [message], () => '');
  return {
    items: [new Values(mpid).changeOf(integrationId)],
    integration: NAMESPACE,
    memberships: [],
    named: { audiences: [], renames: false },
    runRuleEngine: runsRules(account),
  };
}

function runsRules({ account_settings }: Account): boolean {
  return account_settings.runRuleEngine ?? false;
}

/** The integration ID of each user. @param placeOf describes the position of a user in problems */
function identify(
  { account_settings }: Account,
  users: readonly SentUser[],
  placeOf: (index: number) => string,
): string[] {
  const { userIdField } = account_settings;
  const problems: Problem[] = [];
  const ids = users.map(({ mpid, user_identities }, index) => {
    if (userIdField === 'mpid') return mpid;
    const isWanted = userIdField === 'email' ? /^email$/i : /^customer(_?id)?$/i;
    const value = user_identities?.find((each) => isWanted.test(each.type) && each.value)?.value;
    if (value === undefined || value === null) {
      problems.push({
        title: 'required',
        message: `${placeOf(index)}mpid '${mpid.slice(0, 100)}' has no identity of type ${userIdField} (userIdField)`,
        cause: `a user has no identity of type ${userIdField}`,
      });
    }
    return value ?? '';
  });
  if (problems.length > 0) throw new DomainError('invalid', problems.slice(0, MAX_PROBLEMS));
  return ids;
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

/** All attributes of a message, in their order. */
function attributesIn(body: unknown): readonly UserAttribute[] {
  const { user_profiles } = body as MembershipMessage;
  return (user_profiles ?? []).flatMap(({ audiences }) =>
    (audiences ?? []).flatMap(({ user_attributes }) => user_attributes ?? []),
  );
}
