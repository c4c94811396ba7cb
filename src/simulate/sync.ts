// Owns the push: workers that send the planned calls in parallel, and the sample that is read back afterwards.
import { expectStatus, profileOf, refusal } from './answers.ts';
import type { MembershipRecord } from './membership-record.ts';
import type { MessageWriter } from './messages.ts';
import { NO_AUDIENCE, type PlannedCall, type TrafficPlan } from './plan.ts';
import type { ProfileCheck } from './profile-check.ts';
import type { Random } from './random.ts';
import type { Sender } from './sender.ts';
import { SimulationError } from './simulation-error.ts';
import type { Tally } from './tally.ts';
import { runWorkers } from './workers.ts';

export interface SyncParts {
  sender: Sender;
  plan: TrafficPlan;
  writer: MessageWriter;
  check: ProfileCheck;
  tally: Tally;
  concurrency: number;
  halt: AbortController;
}

/**
 * Sends all planned calls. Returns when they are settled or the halt signal is set; throws when the server refuses a
 * call or has stopped answering, after the calls in flight are settled.
 */
export async function pushAll(parts: SyncParts): Promise<void> {
  const { plan, halt, tally, concurrency } = parts;
  // After several failed calls in a row on every connection, the rest would fail the same way.
  const mostUnanswered = Math.max(3, concurrency);
  let unansweredInARow = 0;
  let settled = Promise.withResolvers<void>();

  const settle = (call: PlannedCall, acknowledged: boolean): void => {
    count(tally, call, acknowledged);
    plan.settle(call, acknowledged);
    settled.resolve();
    settled = Promise.withResolvers();
  };

  await runWorkers(concurrency, halt, async () => {
    while (!halt.signal.aborted) {
      const call = plan.next();
      if (call === 'done') return;
      if (call === 'wait') {
        await settled.promise;
        continue;
      }
      const reason = await sendPlanned(parts, call, settle);
      if (reason === undefined) {
        unansweredInARow = 0;
        continue;
      }
      tally.gaveUp++;
      if (++unansweredInARow >= mostUnanswered) {
        throw new SimulationError('failed', `the server has stopped answering: ${reason}`);
      }
    }
  });
}

/** Sends one call, and repeats it when the plan says so; returns why it was abandoned, or undefined. */
async function sendPlanned(
  parts: SyncParts,
  call: PlannedCall,
  settle: (call: PlannedCall, acknowledged: boolean) => void,
): Promise<string | undefined> {
  const { sender, writer, tally } = parts;
  const message = writer.render(call);
  const batch = call.kind === 'batch';
  const latency = batch ? tally.batchLatency : tally.singleLatency;
  const first = await sender.send(message, latency);
  if (first.kind !== 'answered' || first.status !== (batch ? 204 : 200)) {
    settle(call, false);
    if (first.kind === 'gave-up') return first.reason;
    if (first.kind === 'halted') return undefined;
    throw refusal(message, first);
  }
  // A repeat belongs to its call: the profiles are released only when both have been answered.
  const second = call.repeat ? await sender.send(message, latency) : undefined;
  settle(call, true);
  if (!batch) parts.check.compare(call.profiles[0] ?? 0, profileOf(message, first));
  if (second === undefined) return undefined;
  tally.repeats++;
  // An unanswered repeat leaves nothing in doubt: applied or not, the state is that of the first call.
  if (second.kind !== 'answered') return second.kind === 'gave-up' ? second.reason : undefined;
  if (second.status !== (batch ? 204 : 200)) throw refusal(message, second);
  if (!batch) parts.check.compare(call.profiles[0] ?? 0, profileOf(message, second));
  return undefined;
}

function count(tally: Tally, call: PlannedCall, acknowledged: boolean): void {
  let joins = 0;
  let leaves = 0;
  for (let at = 0; at < call.size; at++) {
    if (call.audiences[at] === NO_AUDIENCE) continue;
    if (call.joins[at] === 1) joins++;
    else leaves++;
  }
  if (!acknowledged) {
    tally.unacknowledged += joins + leaves;
    return;
  }
  tally.joins += joins;
  tally.leaves += leaves;
  if (call.kind === 'batch') tally.batches++;
  else tally.singles++;
}

/**
 * Chooses up to `size` profiles to read back, or all with a certain state if there are fewer. Profiles the server has
 * never received are left out, because reading one with a platform's key would create it.
 */
export function chooseSample(record: MembershipRecord, size: number, random: Random): number[] {
  let certain = 0;
  for (let profile = 0; profile < record.profiles; profile++) if (record.isCertain(profile)) certain++;
  // Selection sampling: one pass, every profile with the same chance, ascending.
  const sample: number[] = [];
  let wanted = Math.min(size, certain);
  for (let profile = 0; profile < record.profiles && wanted > 0; profile++) {
    if (!record.isCertain(profile)) continue;
    if (random.below(certain) < wanted) {
      sample.push(profile);
      wanted--;
    }
    certain--;
  }
  return sample;
}

/** Reads the sample back and compares it. Profiles without an answer stay unchecked. */
export async function verifySample(parts: SyncParts, sample: readonly number[]): Promise<void> {
  const { sender, writer, check, tally, concurrency, halt } = parts;
  let next = 0;
  await runWorkers(concurrency, halt, async () => {
    while (next < sample.length && !halt.signal.aborted) {
      const profile = sample[next++] ?? 0;
      const message = writer.read(profile);
      const outcome = await sender.send(message);
      if (outcome.kind !== 'answered') continue;
      check.compare(profile, profileOf(message, expectStatus(message, outcome, [200])));
      tally.verified++;
    }
  });
}
