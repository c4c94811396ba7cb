/** `AccountStorage` over the two threads. */

import type { AccountStorage } from '../../domain/access/storage.ts';
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
    changeUsers: async (actor, command) => writer.call('changeUsers', actor, command),
    createSession: async (session) => writer.call('createSession', session),
    touchSession: async (id, time) => writer.call('touchSession', id, time),
    listSessions: async (userId) => reader.call('listSessions', userId),
    revokeSession: async (actor, id, userId) => writer.call('revokeSession', actor, id, userId),
    deleteSession: async (id) => writer.call('deleteSession', id),
    findDevice: async (hash) => reader.call('findDevice', hash),
    saveDevice: async (device) => writer.call('saveDevice', device),
    deleteDevice: async (hash) => writer.call('deleteDevice', hash),
    createManagementKey: async (actor, key) => writer.call('createManagementKey', actor, key),
    listManagementKeys: async () => reader.call('listManagementKeys'),
    changeManagementKey: async (actor, command) => writer.call('changeManagementKey', actor, command),
    touchManagementKey: async (id, time) => writer.call('touchManagementKey', id, time),
    recordAudit: async (actor, record) => writer.call('recordAudit', actor, record),
    listAuditEntries: async (filter, page) => reader.call('listAuditEntries', filter, page),
  };
}
