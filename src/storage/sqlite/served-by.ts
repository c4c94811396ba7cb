/** Which thread of the store serves each method, and how a call gets there: no method is forwarded by hand. */

import type { SqliteReader } from './reader.ts';
import type { ReaderMethods } from './reader-methods.ts';
import type { Methods, MethodsClient } from './thread-client.ts';
import type { WriterMethods } from './writer-methods.ts';

/** Hot reads, on the connection of the main thread. */
export type HotReads = Pick<SqliteReader, keyof SqliteReader>;

/**
 * The writer's thread serves everything that changes data, the reader's thread the reads for people, and the main
 * thread the hot reads. A method that only one of the tables has must be listed here, and no other; the compiler checks
 * this.
 */
const SERVED_BY = {
  catalog: 'main',
  findAllowed: 'main',
  findApiKey: 'main',
  findAudiencesOf: 'main',
  findManagementKey: 'main',
  findProfile: 'main',
  findSession: 'main',
  hasUsers: 'main',
  listApiKeys: 'main',
  statistics: 'main',

  closeComparison: 'reader',
  compareMembers: 'reader',
  countApplicationProfiles: 'reader',
  findAudienceWithFeed: 'reader',
  findDevice: 'reader',
  findLastFeed: 'reader',
  findProfileById: 'reader',
  findUserByEmail: 'reader',
  listAttributeJobs: 'reader',
  listAudienceChanges: 'reader',
  listAudienceHours: 'reader',
  listAudiences: 'reader',
  listAuditEntries: 'reader',
  listManagementKeys: 'reader',
  listMemberProfiles: 'reader',
  listMembers: 'reader',
  listSessions: 'reader',
  listUsers: 'reader',
  listWrittenSince: 'reader',
  openComparison: 'reader',
  profileHistory: 'reader',
  sumAudienceHours: 'reader',
  walkProfiles: 'reader',

  abandonAllowedList: 'writer',
  abandonReplacement: 'writer',
  addAllowedValues: 'writer',
  applyAttributeJobs: 'writer',
  beginAllowedList: 'writer',
  beginReplacement: 'writer',
  changeApiKey: 'writer',
  changeManagementKey: 'writer',
  changeUsers: 'writer',
  createApiKey: 'writer',
  createApplication: 'writer',
  createAttribute: 'writer',
  createManagementKey: 'writer',
  createSession: 'writer',
  createUser: 'writer',
  deleteApiKey: 'writer',
  deleteDevice: 'writer',
  deleteSession: 'writer',
  finishAllowedList: 'writer',
  finishCheckpoint: 'writer',
  finishErasure: 'writer',
  finishReplacement: 'writer',
  forgetAnswers: 'writer',
  forgetReplays: 'writer',
  listUnfinishedErasures: 'writer',
  preview: 'writer',
  probe: 'writer',
  pruneLedger: 'writer',
  purge: 'writer',
  recordAudit: 'writer',
  recordKeyUse: 'writer',
  revokeSession: 'writer',
  saveDevice: 'writer',
  stageMembers: 'writer',
  touchManagementKey: 'writer',
  touchSession: 'writer',
  updateApplication: 'writer',
  updateAttribute: 'writer',
  write: 'writer',
} as const satisfies Record<keyof HotReads, 'main'> &
  Record<keyof ReaderMethods, 'reader'> &
  Record<keyof WriterMethods, 'writer'>;

/** A table of methods as callers in another thread see it: every method returns a promise. */
type Remote<Table> = {
  readonly [Method in keyof Table]: Table[Method] extends (...parameters: infer Parameters) => infer Result
    ? (...parameters: Parameters) => Promise<Awaited<Result>>
    : never;
};

type Served = Remote<HotReads & ReaderMethods & WriterMethods>;

/** The clients that run the methods of each thread. */
export interface ServingClients {
  readonly main: MethodsClient<HotReads>;
  readonly reader: MethodsClient<ReaderMethods>;
  readonly writer: MethodsClient<WriterMethods>;
}

/** Every method of the store, each bound to the client of the thread that serves it. */
export function servedMethods(clients: ServingClients): Served {
  const methods = Object.entries(SERVED_BY).map(([method, thread]) => {
    const client: MethodsClient<Methods> = clients[thread];
    return [method, client.call.bind(client, method)] as const;
  });
  return Object.fromEntries(methods) as unknown as Served;
}
