/** Says what the figures of a run mean for somebody who has to choose a machine. */

import { type Details, TARGETS, type Target } from '../figure.ts';
import type { Result } from '../report.ts';

const MICROSECONDS = 1_000_000;

/** One line for each statement whose figures were measured. */
export function sizingOf({ figures, stores, machine }: Result): string {
  const of = (target: Target) => figures.find(({ id }) => id === target.id);
  const lines: string[] = [];
  const cpu = (target: Target, what: string): void => {
    const threads = of(target)?.ours;
    if (threads === null || threads === undefined || Object.keys(threads).length === 0) return;
    const total = sum(threads);
    const main = threads['main'] ?? total;
    lines.push(
      `- **${what}**: ${Math.round(total)} µs of CPU time each, of which ${Math.round(main)} µs in the main thread. A second core helps; more than ` +
        `${inWords(MICROSECONDS / main)} per second would need a faster core, because there is one main thread.`,
    );
  };
  cpu(TARGETS.updateCpu, 'Updates');
  cpu(TARGETS.readCpu, 'Reads');
  const [updates, reads] = [of(TARGETS.B1)?.ours, of(TARGETS.B3)?.ours];
  if (updates) lines.push(load('updates', updates, machine.cores));
  if (reads) lines.push(load('reads', reads, machine.cores));
  const bulk = of(TARGETS.B2)?.ours;
  if (bulk?.['perSecond'] !== undefined) {
    const million = MICROSECONDS / bulk['perSecond'];
    lines.push(
      `- **Bulk calls**: a platform that sends a million real changes keeps the server busy for ${inWords(million)} s.`,
    );
  }
  const largest = stores.at(-1);
  if (largest !== undefined) {
    const gib = (largest.databaseMiB / 1024 / largest.memberships) * 1e8;
    lines.push(
      `- **Disk**: ${Math.round((largest.databaseMiB * 2 ** 20) / largest.memberships)} bytes for each membership, with profile, indexes and ledger: ` +
        `${inWords(gib)} GiB for a hundred million. Leave as much again free for a backup or an upgrade, and 2 GiB for the access log.`,
    );
    if (largest.peakInBulk !== null) {
      lines.push(
        `- **Memory**: the server had at most ${Math.round(largest.peakInBulk)} MiB under bulk calls at ${largest.profiles.toLocaleString('en')} profiles. ` +
          'What else the machine has is used by the system to cache the database file, and makes updates of profiles at random faster.',
      );
    }
  }
  return lines.join('\n');
}

function load(what: string, details: Details, cores: number): string {
  const { perSecond = 0, p50Ms = 0, p99Ms = 0 } = details;
  return (
    `- **Under full load**, ${cores} cores shared with the load tool served ${inWords(perSecond)} ${what} per second, half of them within ` +
    `${p50Ms} ms and 99 % within ${p99Ms} ms.`
  );
}

function sum(details: Details): number {
  return Object.values(details).reduce((total, each) => total + each, 0);
}

/** Two significant digits: a machine is not chosen by the third. */
function inWords(value: number): string {
  return Number(value.toPrecision(2)).toLocaleString('en');
}
