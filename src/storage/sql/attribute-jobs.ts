/** Rows of attribute jobs: the pending ones, and all of them for listing. */

import type { AttributeJob } from '../../domain/definitions/attribute-jobs.ts';
import type { AttributeJobReport } from '../../domain/memberships/storage.ts';
import type { Db } from './db.ts';
import { environmentFromNumber } from './rows.ts';

export interface AttributeJobRow {
  id: number;
  audience_id: number;
  member_set: number;
  attributes: string;
  recorded: number;
  arrived: number | null;
}

/** The jobs that have not been written to all of their profiles, ascending. */
export const PENDING_ATTRIBUTE_JOBS = `
  select id, audience_id, member_set, attributes, recorded, arrived from attribute_jobs where finished is null order by id`;

export function toAttributeJob(row: AttributeJobRow): AttributeJob {
  return {
    id: row.id,
    audienceId: row.audience_id,
    memberSet: row.member_set,
    attributes: JSON.parse(row.attributes) as AttributeJob['attributes'],
    size: row.attributes.length,
    recorded: row.recorded,
    arrived: row.arrived ?? undefined,
  };
}

interface ReportRow {
  id: number;
  audience_id: number;
  audience_name: string;
  environment: number;
  names: string;
  recorded: number;
  request_uuid: string;
  key_id: number | null;
  members: number;
  done: number;
  too_large: number;
  finished: number | null;
}

export const ATTRIBUTE_JOB_REPORTS = `
  select attribute_jobs.id, audience_id, audiences.name as audience_name, environment, attributes as names, recorded,
    request_uuid, key_id, members, done, too_large, finished
  from attribute_jobs join audiences on audiences.id = audience_id`;

export function toAttributeJobReport(row: ReportRow): AttributeJobReport {
  return {
    id: row.id,
    audienceId: row.audience_id,
    audienceName: row.audience_name,
    environment: environmentFromNumber(row.environment),
    attributes: Object.keys(JSON.parse(row.names) as object),
    recorded: row.recorded,
    requestUuid: row.request_uuid,
    keyId: row.key_id ?? undefined,
    members: row.members,
    done: row.done,
    tooLarge: row.too_large,
    finished: row.finished ?? undefined,
  };
}

export function attributeJobReadMethods(db: Db) {
  return {
    async listAttributeJobs(audienceId: number | undefined, limit: number): Promise<AttributeJobReport[]> {
      const condition = audienceId === undefined ? '' : 'where audience_id = ?';
      const values = audienceId === undefined ? [] : [audienceId];
      const sql = `${ATTRIBUTE_JOB_REPORTS} ${condition} order by attribute_jobs.id desc limit ?`;
      return (await db.all<ReportRow>(sql, ...values, limit)).map(toAttributeJobReport);
    },
  };
}
