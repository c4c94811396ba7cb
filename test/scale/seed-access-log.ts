/** Fills the access log of the scale run's store with a month of requests, one in ten of them refused. */

import { randomUUID } from 'node:crypto';
import type { AccessLog, Exchange } from '../../src/access-log/access-log.ts';
import { deriveSeed, Random } from '../../src/simulate/random.ts';
import { openAccessLog, storagePlace } from '../../src/storage/index.ts';
import { profileId, type ScalePlan } from './plan.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const SPAN_MS = 29 * DAY_MS;
// Entries recorded before waiting for the log to catch up: far fewer than its ring buffer holds.
const BURST = 5000;

const REFUSALS = [
  { status: 400, cause: "attribute 'Colour' is not defined", name: 'Colour' },
  { status: 400, cause: "attribute 'Tier' must be a string", name: undefined },
  { status: 404, cause: 'audience … does not exist', name: undefined },
  { status: 400, cause: 'the body is no JSON', name: undefined },
];

/**
 * Adds `requests` entries, the last one with the current time.
 * @param file the database that the log belongs to
 * @param onProgress called with the number of entries so far
 */
export async function seedAccessLog(file: string, plan: ScalePlan, onProgress: (done: number) => void): Promise<void> {
  const log = openAccessLog(storagePlace(`sqlite:${file}`), {
    maxBytes: 2 ** 31,
    maxRefusedBytes: 2 ** 26,
    payloadBytes: 4096,
    retentionDays: 30,
    now: Date.now,
  });
  try {
    await fill(log, plan, onProgress);
    const { droppedEntries, droppedPayloads } = log.figures();
    if (droppedEntries + droppedPayloads > 0) throw new Error('the access log could not keep up with the seeding');
  } finally {
    await log.close();
  }
}

async function fill(log: AccessLog, plan: ScalePlan, onProgress: (done: number) => void): Promise<void> {
  const random = new Random(deriveSeed(4, plan.requests));
  const end = Date.now();
  for (let done = 0; done < plan.requests; done += 1) {
    const time = end - SPAN_MS + Math.floor((SPAN_MS * done) / plan.requests);
    log.record(exchangeOf(random, time, plan));
    if (done % BURST !== BURST - 1) continue;
    // The answer comes once everything recorded so far has been written.
    await log.find(randomUUID());
    onProgress(done + 1);
  }
}

function exchangeOf(random: Random, time: number, plan: ScalePlan): Exchange {
  const refusal = random.below(10) === 0 ? random.pick(REFUSALS) : undefined;
  const id = profileId(random.below(plan.profiles));
  const adds = [random.below(plan.audiences) + 1];
  const request = Buffer.from(
    JSON.stringify({ attributes: { Tier: 'Gold', Country: 'DE' }, audiencesChanges: { adds } }),
  );
  const response = JSON.stringify(
    refusal === undefined
      ? { effects: [], customerProfile: { integrationId: id, audienceMemberships: adds.map((each) => ({ id: each })) } }
      : { message: refusal.cause },
  );
  return {
    uuid: randomUUID(),
    time,
    marks: [],
    durationMs: 2 + random.below(20),
    status: refusal?.status ?? 200,
    method: 'PUT',
    uri: `/cdp/customer_profile/${id}`,
    operation: 'updateCustomerProfile',
    application: { id: 1, environment: 'live' },
    key: { id: 1 + random.below(3), title: `Connector ${1 + random.below(3)}` },
    keyPrefix: 'rck_scale',
    address: '192.0.2.10',
    changed: refusal === undefined ? { joins: 1, leaves: 0, profiles: 1 } : undefined,
    cause: refusal?.cause,
    mend: refusal?.name === undefined ? undefined : { kind: 'createAttribute', name: refusal.name },
    payloadLogging: 'full',
    request,
    response,
    requestBytes: request.length,
    responseBytes: Buffer.byteLength(response),
    requestUnread: false,
    listed: true,
  };
}
