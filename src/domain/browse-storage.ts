/**
 * The part of the port that reads for people: lists, histories and searches. Each call does a bounded amount of work, whatever
 * the size of the data, and runs beside the hot reads, never before them.
 */

import type { AudienceWithSize } from './audiences.ts';

export interface BrowseStorage {
  /** All audiences with their counters, ascending by ID. */
  listAudiences(): Promise<AudienceWithSize[]>;
}
