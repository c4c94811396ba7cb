/** Everything that is read for people, as one table of methods: run in the reader's thread, or in place. */

import { auditEntryMethods } from '../sql/audit-entries.ts';
import { SqliteAccountReader } from './account-reader.ts';
import { SqliteAudienceReader } from './audience-reader.ts';
import { CatalogCache } from './catalog-cache.ts';
import type { Connection } from './database.ts';
import { SqliteDb } from './db.ts';
import { SqliteHistoryReader } from './history-reader.ts';
import { SqliteMemberComparisons } from './member-comparisons.ts';
import { SqliteProfileBrowser } from './profile-browser.ts';

/** The reading methods of `AccountStorage` and `BrowseStorage`, without their promises. */
export function createReaderMethods(database: Connection) {
  const accounts = new SqliteAccountReader(database);
  const db = new SqliteDb(database);
  const catalog = new CatalogCache(database);
  const audiences = new SqliteAudienceReader(database, catalog);
  const profiles = new SqliteProfileBrowser(database, catalog);
  const history = new SqliteHistoryReader(database);
  const comparisons = new SqliteMemberComparisons(database, catalog);
  return {
    listUsers: accounts.listUsers.bind(accounts),
    findUserByEmail: accounts.findUserByEmail.bind(accounts),
    findDevice: accounts.findDevice.bind(accounts),
    listSessions: accounts.listSessions.bind(accounts),
    walkProfiles: profiles.walk.bind(profiles),
    listWrittenSince: profiles.listWrittenSince.bind(profiles),
    countApplicationProfiles: profiles.countOfApplication.bind(profiles),
    findProfileById: profiles.find.bind(profiles),
    profileHistory: history.ofProfile.bind(history),
    listManagementKeys: accounts.listManagementKeys.bind(accounts),
    ...auditEntryMethods(db),
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
