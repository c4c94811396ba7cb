/** How long writes waited for anything but writes, as the servers measured it. */

import type { Details } from './figure.ts';

const METRIC = /^rollcall_write_longest_wait_seconds\{waited_for="(.*)"\}$/;
/** Nothing that the server does: a command of ours, or a reader that holds the file. */
const NOT_HOUSEKEEPING = 'another process';

export class HousekeepingWaits {
  readonly #longest = new Map<string, number>();

  /** @param metrics of a server that is about to end */
  add(metrics: ReadonlyMap<string, number>): void {
    for (const [name, seconds] of metrics) {
      const reason = METRIC.exec(name)?.[1];
      if (reason === undefined || reason === NOT_HOUSEKEEPING) continue;
      this.#longest.set(reason, Math.max(seconds * 1000, this.#longest.get(reason) ?? 0));
    }
  }

  /** In ms, by what was waited for; only what was waited for at all. */
  get longest(): Details {
    return Object.fromEntries(
      [...this.#longest].filter(([, ms]) => ms > 0).map(([name, ms]) => [name, Math.round(ms * 10) / 10]),
    );
  }
}
