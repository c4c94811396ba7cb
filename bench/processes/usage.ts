/** The CPU time of each thread of a process and its resident memory, as Linux counts them. */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

/** CPU time in ns by thread: its number and its name. Threads that do the same for a process share a name. */
export type ThreadTimes = ReadonlyMap<string, { readonly name: string; readonly ns: number }>;

/** @returns undefined where there is no /proc */
export function threadTimes(pid: number): ThreadTimes | undefined {
  const folder = `/proc/${pid}/task`;
  try {
    return new Map(
      readdirSync(folder).map((id) => {
        const name = readFileSync(`${folder}/${id}/comm`, 'utf8').trim();
        // In ns; the counters of `stat` have steps of 10 ms.
        const [ns] = readFileSync(`${folder}/${id}/schedstat`, 'utf8').split(' ');
        return [id, { name, ns: Number(ns) }];
      }),
    );
  } catch {
    return undefined;
  }
}

const SHORT: Readonly<Record<string, string>> = {
  MainThread: 'main',
  V8Worker: 'V8',
  DelayedTaskSche: 'V8',
  SignalInspector: 'V8',
  'libuv-worker': 'libuv',
};

/** The CPU time between two moments by name of thread, in µs. */
export function timeBetween(before: ThreadTimes, after: ThreadTimes): Map<string, number> {
  const total = new Map<string, number>();
  for (const [id, { name, ns }] of after) {
    const short = SHORT[name] ?? name;
    const spent = (ns - (before.get(id)?.ns ?? 0)) / 1000;
    if (spent > 0) total.set(short, (total.get(short) ?? 0) + spent);
  }
  return total;
}

export interface Memory {
  /** Resident set and its maximum since the last reset, in MiB. */
  readonly now: number;
  readonly peak: number;
}

/** @returns undefined where there is no /proc, and for a process that has ended */
export function memoryOf(pid: number): Memory | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const value = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
    const memory = { now: value('VmRSS'), peak: value('VmHWM') };
    // A process that is ending has none.
    return Number.isNaN(memory.peak) ? undefined : memory;
  } catch {
    return undefined;
  }
}

/** Makes the resident set of this moment the maximum so far, if the system lets us. */
export function resetPeak(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
  } catch {
    // The maximum then includes what came before, which the report cannot hide: it is higher, never lower.
  }
}
