/** `BrowseStorage` over the reader's thread. */

import type { BrowseStorage } from '../../domain/browse-storage.ts';
import type { ReaderMethods } from './reader-methods.ts';
import type { MethodsClient } from './thread-client.ts';

export function browseStorage(reader: MethodsClient<ReaderMethods>): BrowseStorage {
  return {
    listAudiences: async () => reader.call('listAudiences'),
  };
}
