/** All reads for people, as one table of methods: run in the reader's thread, or in place. */

import { DEFAULT_ATTRIBUTE_LIMITS } from '../../domain/definitions/attribute-sizes.ts';
import { attributeJobReadMethods } from '../sql/attribute-jobs.ts';
import { auditEntryMethods } from '../sql/audit-entries.ts';
import { deviceReadMethods } from '../sql/devices.ts';
import { managementKeyReadMethods } from '../sql/management-keys.ts';
import { sessionReadMethods } from '../sql/sessions.ts';
import { userReadMethods } from '../sql/users.ts';
import { SqliteAudienceReader } from './audience-reader.ts';
import { CatalogCache } from './catalog-cache.ts';
import type { Connection } from './database.ts';
import { SqliteDb } from './db.ts';
import { SqliteHistoryReader } from './history-reader.ts';
import { SqliteMemberComparisons } from './member-comparisons.ts';
import { SqliteProfileBrowser } from './profile-browser.ts';

/** The reading methods of `AccountStorage` and `BrowseStorage`, without their promises. */
export function createReaderMethods(database: Connection, limits = DEFAULT_ATTRIBUTE_LIMITS) {
  const db = new SqliteDb(database);
  const catalog = new CatalogCache(database);
  const audiences = new SqliteAudienceReader(database, catalog, limits);
  const profiles = new SqliteProfileBrowser(database, catalog, limits);
  const history = new SqliteHistoryReader(database);
  const comparisons = new SqliteMemberComparisons(database, catalog);
  return {
    ...userReadMethods(db),
    ...sessionReadMethods(db),
    ...deviceReadMethods(db),
    ...managementKeyReadMethods(db),
    ...auditEntryMethods(db),
    ...attributeJobReadMethods(db),
    walkProfiles: profiles.walk.bind(profiles),
    listWrittenSince: profiles.listWrittenSince.bind(profiles),
    countApplicationProfiles: profiles.countOfApplication.bind(profiles),
    findProfileById: profiles.find.bind(profiles),
    profileHistory: history.ofProfile.bind(history),
    listAudiences: audiences.listAudiences.bind(audiences),
    findLastFeed: audiences.findLastFeed.bind(audiences),
    findAudienceWithFeed: audiences.findAudienceWithFeed.bind(audiences),
    listAudienceHours: audiences.listAudienceHours.bind(audiences),
    sumAudienceHours: audiences.sumAudienceHours.bind(audiences),
    listAudienceChanges: audiences.listAudienceChanges.bind(audiences),
    listMembers: audiences.listMembers.bind(audiences),
    openComparison: comparisons.open.bind(comparisons),
    compareMembers: comparisons.compare.bind(comparisons),
    closeComparison: comparisons.close.bind(comparisons),
    listMemberProfiles: audiences.listMemberProfiles.bind(audiences),
  };
}

export type ReaderMethods = ReturnType<typeof createReaderMethods>;
