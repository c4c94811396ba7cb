/** Checks the index of attribute values against the profiles: each value is indexed, and nothing else is. */

import { valueKey } from '../../../domain/definitions/attribute-values.ts';
import type { Attribute } from '../../../domain/definitions/attributes.ts';
import type { JsonValue } from '../../../domain/json-value.ts';
import { parseJson } from './definitions.ts';
import type { Facts } from './facts.ts';
import { type Problems, profileName } from './problems.ts';

type FiledRow = [
  value: number,
  profileId: number,
  environment: number | null,
  integrationId: string | null,
  attributes: string | null,
];

export class FiledValues {
  readonly #facts: Facts;
  readonly #problems: Problems;
  readonly #isFiled;
  /** Index rows found for a profile's value, by `groupKey`. */
  readonly #found = new Map<string, number>();

  constructor(facts: Facts, problems: Problems) {
    this.#facts = facts;
    this.#problems = problems;
    this.#isFiled = facts.database.prepare<[number, number, number, number]>(`
      select 1 from attribute_values where environment = ? and attribute_id = ? and value = ? and profile_id = ?`);
  }

  /** @param value one that fits its definition */
  check(profile: { id: number; environment: number; name: string }, { id, name, type }: Attribute, value: JsonValue) {
    const filed = this.#isFiled.get(profile.environment, id, valueKey(type, value), profile.id);
    if (filed === undefined) {
      this.#problems.add('values', `${profile.name} is not filed under its value of '${name}'`);
      return;
    }
    const key = groupKey(profile.environment, id);
    this.#found.set(key, (this.#found.get(key) ?? 0) + 1);
  }

  /** After all profiles: if there are more rows than values, finds those that belong to no profile. */
  finish(): void {
    const groups = this.#facts.database
      .prepare<[], [environment: number, attributeId: number, count: number]>(
        'select environment, attribute_id, count(*) from attribute_values group by environment, attribute_id',
      )
      .raw()
      .iterate();
    const surplus: [environment: number, attributeId: number][] = [];
    for (const [environment, attributeId, count] of groups) {
      if (count !== (this.#found.get(groupKey(environment, attributeId)) ?? 0))
        surplus.push([environment, attributeId]);
    }
    for (const [environment, attributeId] of surplus) this.#findOrphans(environment, attributeId);
  }

  #findOrphans(environment: number, attributeId: number): void {
    const attribute = this.#facts.attributes.find(({ id }) => id === attributeId);
    const rows = this.#facts.database
      .prepare<[number, number], FiledRow>(`
        select value, profile_id, profiles.environment, integration_id, attributes
        from attribute_values left join profiles on profiles.id = profile_id
        where attribute_values.environment = ? and attribute_id = ?`)
      .raw()
      .iterate(environment, attributeId);
    for (const [value, profileId, home, integrationId, attributes] of rows) {
      if (integrationId !== null && home === environment && keyIn(attribute, attributes) === value) continue;
      const profile = integrationId === null ? `profile ${profileId}` : profileName(profileId, integrationId);
      this.#problems.add('values', `${profile} is filed under a value of attribute ${attributeId} it does not have`);
    }
  }
}

function groupKey(environment: number, attributeId: number): string {
  return `${environment} ${attributeId}`;
}

/** The key the profile should be indexed under; undefined when it has no such value. */
function keyIn(attribute: Attribute | undefined, attributes: string | null): number | undefined {
  const values = parseJson(attributes ?? '');
  if (attribute === undefined || typeof values !== 'object' || values === null) return undefined;
  const value = Object.hasOwn(values, attribute.name)
    ? (values as Record<string, JsonValue>)[attribute.name]
    : undefined;
  // A value of another type is reported by the check of the profile.
  const fits = value !== undefined && Array.isArray(value) === attribute.type.startsWith('(list ');
  return fits ? valueKey(attribute.type, value) : undefined;
}
