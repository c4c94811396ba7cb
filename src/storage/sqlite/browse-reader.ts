/** What people look at, page by page. */

import type { AudienceWithSize } from '../../domain/audiences.ts';
import { type Connection, translateErrors } from './database.ts';
import { type AudienceRow, toAudience } from './rows.ts';

export class SqliteBrowseReader {
  readonly #listAudiences;

  constructor(database: Connection) {
    this.#listAudiences = database.prepare<[], AudienceRow & { members: number; last_change: number }>(`
      select audiences.*, coalesce(sum(members), 0) as members, coalesce(max(last_change), 0) as last_change
      from audiences left join audience_counters on audience_id = audiences.id
      where deleted is null
      group by audiences.id
      order by audiences.id`);
  }

  listAudiences(): AudienceWithSize[] {
    return translateErrors(() =>
      this.#listAudiences.all().map((row) => ({
        ...toAudience(row),
        members: row.members,
        lastUpdate: Math.max(row.modified, row.last_change),
      })),
    );
  }
}
