/** `AccountStorage` over the two threads. */

import type { AccountStorage } from '../../domain/account-storage.ts';
import type { ReaderMethods } from './reader-methods.ts';
import type { MethodsClient } from './thread-client.ts';
import type { WriterMethods } from './writer-methods.ts';

export function accountStorage(
  writer: MethodsClient<WriterMethods>,
  reader: MethodsClient<ReaderMethods>,
): AccountStorage {
  return {
    createUser: async (actor, user) => writer.call('createUser', actor, user),
    listUsers: async () => reader.call('listUsers'),
    findUserByEmail: async (email) => reader.call('findUserByEmail', email),
    createSession: async (session) => writer.call('createSession', session),
    touchSession: async (id, time) => writer.call('touchSession', id, time),
    deleteSessions: async (userId, which) => writer.call('deleteSessions', userId, which),
  };
}
