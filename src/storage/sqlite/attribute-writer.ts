/** Writes of attribute definitions. One small transaction each, its audit entry included. */

import type { Actor } from '../../domain/actor.ts';
import { auditRecord } from '../../domain/audit-record.ts';
import type { Attribute, AttributeChange, NewAttribute } from '../../domain/definitions/attributes.ts';
import { attributeState } from '../../domain/definitions/audit-states.ts';
import { type AttributeRow, toAttribute } from '../sql/rows.ts';
import { buryAllowedList } from './allowed-lists.ts';
import type { SqliteWriter } from './writer.ts';

export class SqliteAttributeWriter {
  readonly #writer: SqliteWriter;

  constructor(writer: SqliteWriter) {
    this.#writer = writer;
  }

  create(actor: Actor, attribute: NewAttribute): Attribute {
    const { entity, name, title } = attribute;
    return this.#writer.insert(`An attribute with the name '${name}' or the title '${title}' already exists`, () => {
      const row = this.#writer.database
        .prepare<unknown[], AttributeRow>(`
          insert into attributes (entity, name, title, type, description, suggestions, restricted_by_suggestions,
            has_allowed_list, editable, application_ids, details, created, version)
          values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning *`)
        .get(
          entity,
          name,
          title,
          attribute.type,
          attribute.description,
          JSON.stringify(attribute.suggestions),
          attribute.restrictedBySuggestions ? 1 : 0,
          attribute.hasAllowedList ? 1 : 0,
          attribute.editable ? 1 : 0,
          JSON.stringify(attribute.applicationIds),
          JSON.stringify(attribute.details),
          this.#writer.now(),
          this.#writer.raiseCatalogVersion(),
        );
      const created = toAttribute(row as AttributeRow);
      this.#writer.audit(actor, auditRecord(attributePath(created), { new: attributeState(created) }));
      return created;
    });
  }

  update(actor: Actor, id: number, change: AttributeChange): Attribute | undefined {
    return this.#writer.transaction(() => {
      const row = this.#writer.database
        .prepare<[number], AttributeRow>('select * from attributes where id = ?')
        .get(id);
      if (row === undefined) return undefined;
      const old = toAttribute(row);
      // Who wants no list any more has none to come back to.
      const allowedList = change.hasAllowedList ? old.allowedList : undefined;
      const changed = { ...old, ...change, allowedList };
      if (JSON.stringify(changed) === JSON.stringify(old)) return old;
      this.#writer.database
        .prepare(`
          update attributes set description = ?, suggestions = ?, restricted_by_suggestions = ?, has_allowed_list = ?,
            allowed_list = ?, application_ids = ?, details = ?, version = ?
          where id = ?`)
        .run(
          changed.description,
          JSON.stringify(changed.suggestions),
          changed.restrictedBySuggestions ? 1 : 0,
          changed.hasAllowedList ? 1 : 0,
          allowedList ?? null,
          JSON.stringify(changed.applicationIds),
          JSON.stringify(changed.details),
          this.#writer.raiseCatalogVersion(),
          id,
        );
      if (old.allowedList !== undefined && allowedList === undefined) buryAllowedList(this.#writer, old.allowedList);
      const states = { old: attributeState(old), new: attributeState(changed) };
      this.#writer.audit(actor, auditRecord(attributePath(changed), states));
      return changed;
    });
  }
}

function attributePath(attribute: Attribute): string {
  return `/v1/attributes/${attribute.id}`;
}
