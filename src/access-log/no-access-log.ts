/** An access log that keeps nothing: for the command line, and for servers with the log switched off. */

import type { AccessLog } from './access-log.ts';

export const NO_ACCESS_LOG: AccessLog = {
  record: () => undefined,
  hold: () => undefined,
  keep: () => undefined,
  walk: async () => ({ items: [], next: undefined }),
  find: async () => undefined,
  causes: async () => [],
  tail: async (_filter, after) => ({ items: [], position: after ?? { epoch: '', id: 0 }, missed: 0 }),
  follow: () => () => undefined,
  minutes: async () => [],
  use: async () => ({ lastRequest: undefined, requests: 0, errors: 0 }),
  rates: () => ({ requests: 0, errors: 0, changes: 0 }),
  figures: () => ({ droppedPayloads: 0, droppedEntries: 0, droppedRefusals: 0, waitingBytes: 0, logBytes: 0 }),
  refusals: async () => [],
  findRefusals: async () => [],
  takeRefusal: async () => undefined,
  readRefusal: async () => undefined,
  settleRefusal: async () => undefined,
  keepReport: () => undefined,
  findReport: async () => undefined,
  eraseProfile: async () => undefined,
  prune: async () => false,
  close: async () => undefined,
};
