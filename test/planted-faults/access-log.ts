/** Faults in the access log: its ring buffer, what it records, what it keeps, and what it must forget. */

import type { PlantedFault } from './fault.ts';

const RING = ['test/storage/access-log-ring.test.ts'];
const LOG = ['test/storage/access-log.test.ts'];

export const ACCESS_LOG_FAULTS: readonly PlantedFault[] = [
  {
    what: 'the end of the ring is read as a record',
    text: 'this.#view.setUint32(at, WRAP, true);',
    fault: '',
    tests: RING,
  },
  {
    what: 'a record at the end of the ring overwrites what is unread at its begin',
    text: 'if (waiting + toEnd + padded > this.#size) return undefined;',
    fault: '',
    tests: RING,
  },
  {
    what: 'a record overwrites what is unread',
    text: 'if (toEnd >= padded) return waiting + padded <= this.#size ? at : undefined;',
    fault: 'if (toEnd >= padded) return at;',
    tests: RING,
  },
  {
    what: 'payloads take the room of what is more important',
    text: 'if (payloads > 0 && waiting + payloads <= this.#size / 2) {',
    fault: 'if (payloads > 0) {',
    tests: RING,
  },
  {
    what: 'what a failed transaction took in is not read again',
    text: 'rewind(): void {\n    this.#next = Atomics.load(this.#positions, TAIL);',
    fault: 'rewind(): void {',
    tests: RING,
  },
  {
    what: 'the room of what was read is not given back',
    text: 'Atomics.store(this.#positions, TAIL, this.#next);',
    fault: '',
    tests: RING,
  },
  {
    what: 'a record that came without its payloads does not say so',
    text: 'if (keepsPayloads(exchange) && hasPayloads && !withPayloads) flags |= DROPPED;',
    fault: '',
    tests: [...RING, ...LOG],
    only: 'payloads go first|loses payloads first|unread is kept',
  },
  {
    what: 'entries are numbered from the begin again',
    text: 'if (id !== first) this.#statements.saveNextId.run(id);',
    fault: '',
    tests: LOG,
  },
  {
    what: 'masked payloads are kept as they are',
    text: "if (logging === 'masked') return",
    fault: "if (logging === 'off') return",
    tests: LOG,
    only: 'are kept as their Application says',
  },
  {
    what: 'secrets in addresses are kept',
    text: 'uri: uriWithoutSecrets(record.uri),',
    fault: 'uri: record.uri,',
    tests: [...LOG, 'test/http/management-access-logs.test.ts'],
    only: 'hold no secret|secret|masked',
  },
  {
    what: 'secrets in payloads are kept',
    text: 'if (!mayHoldSecret(text)) return bytes;',
    fault: 'if (text.length > 0) return bytes;',
    tests: LOG,
    only: 'hold no secret',
  },
  {
    what: 'the log grows beyond its bytes',
    text: 'while (this.usedBytes - refused.bytes - reports.bytes > this.#maxBytes) {',
    fault: 'while (this.usedBytes - refused.bytes - reports.bytes > this.#maxBytes * 1000) {',
    tests: LOG,
    only: 'makes the oldest entries go',
  },
  {
    what: 'refused writes grow beyond their bytes',
    text: '#makeRoom(bytes: number): void {\n    for (let used = this.bytes; used + bytes > this.#maxBytes;',
    fault: '#makeRoom(bytes: number): void {\n    for (let used = this.bytes; used > this.#maxBytes;',
    tests: LOG,
    only: 'makes the oldest refused writes go',
  },
  {
    what: 'entries younger than the retention are removed',
    text: 'flatMap(({ id, time }) => (time < before ? [id] : []));',
    fault: 'flatMap(({ id, time }) => (time > 0 * before ? [id] : []));',
    tests: LOG,
    only: 'older than it may be',
  },
  {
    what: 'entries are removed in the millisecond they may still be kept',
    text: 'flatMap(({ id, time }) => (time < before ? [id] : []));',
    fault: 'flatMap(({ id, time }) => (time <= before ? [id] : []));',
    tests: [...LOG, 'test/jobs/jobs.test.ts'],
    only: 'older than it may be|access log: of two days',
  },
  {
    what: 'an erasure redacts entries of the other environment',
    text: 'searched.filter(({ environment }) => state.environment === null || state.environment === environment);',
    fault: 'searched;',
    tests: LOG,
    only: 'erased profile',
  },
  {
    what: 'an erasure leaves the payloads in the file',
    text: 'this.#parts.blocks.blank(details);',
    fault: '',
    tests: LOG,
    only: 'erased profile',
  },
  {
    what: 'an erasure leaves refused writes that name the profile',
    text: 'if (found) this.#parts.refused.remove(next.id);',
    fault: '',
    tests: LOG,
    only: 'erased profile',
  },
  {
    what: 'a refused write can be sent again twice at once',
    text: "'update refused_writes set replayed = 0 where uuid = ? and replayed is null'",
    fault: "'update refused_writes set replayed = 0 where uuid = ?'",
    tests: ['test/http/replay.test.ts'],
  },
  {
    what: 'what was lost is not counted',
    text: "if (result === 'dropped') this.#droppedEntries += 1;",
    fault: "if (result === 'dropped') this.#droppedEntries += 0;",
    tests: LOG,
    only: 'loses payloads first',
  },
  {
    what: 'what waits when the server stops is lost',
    text: 'await this.#drain();\n    await this.#thread.close();',
    fault: 'await this.#thread.close();',
    tests: LOG,
    only: 'there after a restart',
  },
  {
    what: 'a damaged log is used on',
    text: 'this.#replace(error);',
    fault: 'throw error;',
    tests: LOG,
    only: 'cannot be read any more',
  },
  {
    what: 'followers hear nothing',
    text: 'if (added > 0) for (const listener of this.#followers) listener();',
    fault: '',
    tests: LOG,
    only: 'hear of an entry',
  },
  {
    what: 'the figures of a minute are those of its last part',
    text: 'on conflict do update set requests = requests + excluded.requests,',
    fault: 'on conflict do update set requests = excluded.requests,',
    tests: [...LOG, 'test/http/management-access-logs.test.ts'],
  },
];
