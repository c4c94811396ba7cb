/** `BrowseStorage` over the reader's thread. */

import type { BrowseStorage } from '../../domain/browse-storage.ts';
import type { ReaderMethods } from './reader-methods.ts';
import type { MethodsClient } from './thread-client.ts';

export function browseStorage(reader: MethodsClient<ReaderMethods>): BrowseStorage {
  return {
    walkProfiles: async (walk) => reader.call('walkProfiles', walk),
    countApplicationProfiles: async (applicationId) => reader.call('countApplicationProfiles', applicationId),
    findProfileByNumber: async (id) => reader.call('findProfileByNumber', id),
    profileHistory: async (id, position, limit) => reader.call('profileHistory', id, position, limit),
    listAudiences: async () => reader.call('listAudiences'),
  };
}
