/** Everything that is read for people, as one table of synchronous methods: run in the reader's thread, or in place. */

import { SqliteAccountReader } from './account-reader.ts';
import { SqliteBrowseReader } from './browse-reader.ts';
import type { Connection } from './database.ts';

/** The reading methods of `AccountStorage` and `BrowseStorage`, without their promises. */
export function createReaderMethods(database: Connection) {
  const accounts = new SqliteAccountReader(database);
  const browse = new SqliteBrowseReader(database);
  return {
    listUsers: accounts.listUsers.bind(accounts),
    findUserByEmail: accounts.findUserByEmail.bind(accounts),
    listSessions: accounts.listSessions.bind(accounts),
    listAudiences: browse.listAudiences.bind(browse),
  };
}

export type ReaderMethods = ReturnType<typeof createReaderMethods>;
