/** What a load process is asked to do, and what it measures. */

/** Requests of one kind; the numbers in it make the same requests in every run. */
export type Work =
  | UpdateWork
  | ReadWork
  | BulkWork
  | { readonly kind: 'fill'; readonly key: string; readonly audienceIds: readonly number[]; readonly fill: Fill };

/** Updates of single profiles: an attribute, two audiences to join and one to leave. */
export interface UpdateWork {
  readonly kind: 'update';
  readonly key: string;
  readonly audienceIds: readonly number[];
  readonly profiles: number;
  readonly seed: number;
  /** The number of different requests; they repeat after that. */
  readonly requests: number;
  /** The body of every answer, for a peer that always says the same. */
  readonly constant?: string;
}

/** Reads of the audiences of single profiles. */
export interface ReadWork extends Omit<UpdateWork, 'kind' | 'audienceIds'> {
  readonly kind: 'read';
}

/**
 * Calls with one change for each of a thousand profiles. Each connection has its own share of the profiles, adds each to
 * one audience, and then takes each out again, so that every change is a real one.
 */
export interface BulkWork {
  readonly kind: 'bulk' | 'sets';
  /** Empty for sets, which are those of Redis. */
  readonly key: string;
  /** Audiences that nothing else changes, by the platform's ID. */
  readonly audiences: readonly string[];
  readonly profiles: number;
  /** The number of calls that each connection has made in all earlier turns. */
  readonly cursors: readonly number[];
  /** The most calls that a connection makes. */
  readonly calls: number;
}

/** Profiles `p<from>` to `p<to - 1>`, each put into some of the audiences; done once, whatever the time it takes. */
export interface Fill {
  readonly from: number;
  readonly to: number;
  readonly memberships: number;
}

export interface LoadTask {
  readonly port: number;
  readonly work: Work;
  readonly connections: number;
  /** Absent: until every request has been sent once. */
  readonly seconds?: number;
  /** Requests per second at a steady pace; absent: each connection sends as soon as it has its answer. */
  readonly pace?: number;
}

export interface Latency {
  /** All in ms. */
  readonly p50: number;
  readonly p75: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  readonly latency: Latency;
  /** CPU time of the load process while it measured, as a share of one core. */
  readonly loadCpu: number;
  /** Requests answered on each connection. */
  readonly answered: readonly number[];
}

/** The most that the server takes in one call. */
export const CHANGES_PER_CALL = 1000;
