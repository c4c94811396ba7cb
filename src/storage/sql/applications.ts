/** Creates and changes Applications, each in one transaction with its audit entry. */

import type { Actor } from '../../domain/actor.ts';
import { auditRecord } from '../../domain/audit-record.ts';
import {
  type Application,
  type ApplicationChange,
  changeApplication,
  type NewApplication,
} from '../../domain/definitions/applications.ts';
import { applicationState } from '../../domain/definitions/audit-states.ts';
import { writeAudit } from './audit.ts';
import { raiseCatalogVersion } from './catalog.ts';
import { transactionUnlessTaken, type Writing } from './db.ts';
import { type ApplicationRow, environmentToNumber, toApplication } from './rows.ts';

export function applicationMethods({ db, now }: Writing) {
  return {
    async createApplication(actor: Actor, application: NewApplication): Promise<Application> {
      const { name, environment, timezone, currency, description, payloadLogging, staging } = application;
      return transactionUnlessTaken(db, `An Application named '${name}' already exists`, async (tx) => {
        const created = now();
        const row = await tx.get<ApplicationRow>(
          `insert into applications (name, environment, timezone, currency, description, payload_logging, staging, created,
            modified, version)
          values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning *`,
          name,
          environmentToNumber(environment),
          timezone,
          currency,
          description,
          payloadLogging,
          staging ? 1 : 0,
          created,
          created,
          await raiseCatalogVersion(tx),
        );
        const stored = toApplication(row as ApplicationRow);
        await writeAudit(
          tx,
          actor,
          auditRecord(pathOf(stored.id), { new: applicationState(stored) }, stored.id),
          created,
        );
        return stored;
      });
    },

    async updateApplication(actor: Actor, id: number, change: ApplicationChange): Promise<Application | undefined> {
      return transactionUnlessTaken(db, `An Application named '${change.name ?? ''}' already exists`, async (tx) => {
        const found = await tx.get<ApplicationRow>('select * from applications where id = ?', id);
        if (found === undefined) return undefined;
        const before = toApplication(found);
        const after = changeApplication(before, change);
        if (after === undefined) return before;
        const time = now();
        const row = await tx.get<ApplicationRow>(
          `update applications set name = ?, timezone = ?, currency = ?, description = ?, payload_logging = ?, staging = ?,
            modified = ?, version = ?
          where id = ? returning *`,
          after.name,
          after.timezone,
          after.currency,
          after.description,
          after.payloadLogging,
          after.staging ? 1 : 0,
          Math.max(time, before.modified),
          await raiseCatalogVersion(tx),
          id,
        );
        const stored = toApplication(row as ApplicationRow);
        const states = { old: applicationState(before), new: applicationState(stored) };
        await writeAudit(tx, actor, auditRecord(pathOf(id), states, id), time);
        return stored;
      });
    },
  };
}

function pathOf(id: number): string {
  return `/v1/applications/${id}`;
}
