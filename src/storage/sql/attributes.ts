/** Defines attributes and changes them, each in one transaction with its audit entry. */

import type { Actor } from '../../domain/actor.ts';
import { auditRecord } from '../../domain/audit-record.ts';
import { abandonedList, changeAttribute } from '../../domain/definitions/attribute-changes.ts';
import type { Attribute, AttributeChange, NewAttribute } from '../../domain/definitions/attributes.ts';
import { attributeState } from '../../domain/definitions/audit-states.ts';
import { discardAllowedList } from './allowed-lists.ts';
import { writeAudit } from './audit.ts';
import { raiseCatalogVersion } from './catalog.ts';
import { type SqlValue, transactionUnlessTaken, type Writing } from './db.ts';
import { type AttributeRow, toAttribute } from './rows.ts';

const COLUMNS = `entity, name, title, type, description, suggestions, restricted_by_suggestions, has_allowed_list, editable,
  application_ids, details, created, version`;
const PLACES = '?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?';

/** Adds an attribute with a given ID; its parameters are the ID and `attributeValues`. */
export const INSERT_ATTRIBUTE = `insert into attributes (id, ${COLUMNS}) values (?, ${PLACES})`;

/**
 * @param attribute including its time of creation, in ms since the epoch @param version the new version of the catalog
 */
export function attributeValues(attribute: Omit<Attribute, 'id' | 'allowedList'>, version: number): SqlValue[] {
  return [
    attribute.entity,
    attribute.name,
    attribute.title,
    attribute.type,
    attribute.description,
    JSON.stringify(attribute.suggestions),
    attribute.restrictedBySuggestions ? 1 : 0,
    attribute.hasAllowedList ? 1 : 0,
    attribute.editable ? 1 : 0,
    JSON.stringify(attribute.applicationIds),
    JSON.stringify(attribute.details),
    attribute.created,
    version,
  ];
}

export function attributeMethods({ db, now }: Writing) {
  return {
    async createAttribute(actor: Actor, attribute: NewAttribute): Promise<Attribute> {
      const { name, title } = attribute;
      const taken = `An attribute with the name '${name}' or the title '${title}' already exists`;
      return transactionUnlessTaken(db, taken, async (tx) => {
        const time = now();
        const version = await raiseCatalogVersion(tx);
        const row = await tx.get<AttributeRow>(
          `insert into attributes (${COLUMNS}) values (${PLACES}) returning *`,
          ...attributeValues({ ...attribute, created: time }, version),
        );
        const created = toAttribute(row as AttributeRow);
        await writeAudit(tx, actor, auditRecord(pathOf(created.id), { new: attributeState(created) }), time);
        return created;
      });
    },

    async updateAttribute(actor: Actor, id: number, change: AttributeChange): Promise<Attribute | undefined> {
      return db.transaction(async (tx) => {
        const row = await tx.get<AttributeRow>('select * from attributes where id = ?', id);
        if (row === undefined) return undefined;
        const before = toAttribute(row);
        const after = changeAttribute(before, change);
        if (after === undefined) return before;
        await tx.run(
          `update attributes set description = ?, suggestions = ?, restricted_by_suggestions = ?, has_allowed_list = ?,
            allowed_list = ?, application_ids = ?, details = ?, version = ?
          where id = ?`,
          after.description,
          JSON.stringify(after.suggestions),
          after.restrictedBySuggestions ? 1 : 0,
          after.hasAllowedList ? 1 : 0,
          after.allowedList ?? null,
          JSON.stringify(after.applicationIds),
          JSON.stringify(after.details),
          await raiseCatalogVersion(tx),
          id,
        );
        const dead = abandonedList(before, after);
        if (dead !== undefined) await discardAllowedList(tx, dead);
        const states = { old: attributeState(before), new: attributeState(after) };
        await writeAudit(tx, actor, auditRecord(pathOf(id), states), now());
        return after;
      });
    },
  };
}

function pathOf(id: number): string {
  return `/v1/attributes/${id}`;
}
