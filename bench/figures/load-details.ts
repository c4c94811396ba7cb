/** What a load measured, as the details of a figure. */

import type { Details } from '../figure.ts';
import { rateOf } from '../load/run.ts';
import type { LoadResult } from '../load/task.ts';

/** @param perRequest what counts instead of requests, such as the changes in each */
export function detailsOfLoad(load: LoadResult, perRequest = 1): Details {
  return {
    perSecond: rateOf(load) * perRequest,
    ...Object.fromEntries(Object.entries(load.latency).map(([name, ms]) => [`${name}Ms`, ms])),
    loadCpuShare: load.loadCpu,
  };
}
