/** `BrowseStorage` over the reader's thread. */

import type { BrowseStorage } from '../../domain/memberships/storage.ts';
import type { ReaderMethods } from './reader-methods.ts';
import type { MethodsClient } from './thread-client.ts';

export function browseStorage(reader: MethodsClient<ReaderMethods>): BrowseStorage {
  return {
    walkProfiles: async (walk) => reader.call('walkProfiles', walk),
    listWrittenSince: async (...parameters) => reader.call('listWrittenSince', ...parameters),
    countApplicationProfiles: async (applicationId) => reader.call('countApplicationProfiles', applicationId),
    findProfileById: async (id) => reader.call('findProfileById', id),
    profileHistory: async (id, position, limit) => reader.call('profileHistory', id, position, limit),
    listAudiences: async (ids) => reader.call('listAudiences', ids),
    findAudienceWithFeed: async (audienceId) => reader.call('findAudienceWithFeed', audienceId),
    findLastFeed: async (audienceId) => reader.call('findLastFeed', audienceId),
    listAudienceHours: async (audienceId, from) => reader.call('listAudienceHours', audienceId, from),
    sumAudienceHours: async (audienceIds, from) => reader.call('sumAudienceHours', audienceIds, from),
    listAudienceChanges: async (...parameters) => reader.call('listAudienceChanges', ...parameters),
    listMemberProfiles: async (...parameters) => reader.call('listMemberProfiles', ...parameters),
    openComparison: async (audienceId) => reader.call('openComparison', audienceId),
    compareMembers: async (comparison, integrationIds) => reader.call('compareMembers', comparison, integrationIds),
    closeComparison: async (comparison) => reader.call('closeComparison', comparison),
  };
}
