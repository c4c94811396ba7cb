// Owns the running counters of a simulation: what was sent, acknowledged and repeated.
import { LatencyHistogram } from './latency.ts';
import { RETRY_CAUSES, type RetryCause } from './retry.ts';

/** Plain mutable counters; progress reads them while the senders update them. */
export class Tally {
  /** HTTP requests sent, including retries. */
  requests = 0;
  batches = 0;
  singles = 0;
  repeats = 0;
  joins = 0;
  leaves = 0;
  /** Joins and leaves in calls that were abandoned or aborted: nobody can say whether they were applied. */
  unacknowledged = 0;
  gaveUp = 0;
  /** Profiles of the sample that were read back and compared. */
  verified = 0;
  readonly retries: Record<RetryCause, number>;
  readonly batchLatency = new LatencyHistogram();
  readonly singleLatency = new LatencyHistogram();

  constructor() {
    this.retries = { rateLimited: 0, unavailable: 0, serverError: 0, timeout: 0, connection: 0 };
  }

  get changes(): number {
    return this.joins + this.leaves;
  }

  get retryCount(): number {
    return RETRY_CAUSES.reduce((sum, cause) => sum + this.retries[cause], 0);
  }
}
