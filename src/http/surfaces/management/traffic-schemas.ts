/** Wire shapes of traffic figures: an Application's health, and traffic per minute. */

import { type Static, Type } from 'typebox';
import { Timestamp } from '../../wire.ts';

/** Published: the outcome of the requests of the last five minutes. */
export const HealthReportSchema = Type.Object(
  {
    summary: Type.Union(
      [
        Type.Literal('OK'),
        Type.Literal('WARNING'),
        Type.Literal('ERROR'),
        Type.Literal('CRITICAL'),
        Type.Literal('NONE'),
      ],
      {
        description:
          'In the last five minutes: only successes, at least one failure, more than half failed, all failed, no requests',
      },
    ),
    lastUsed: Timestamp("Time of the last request, or of the Application's creation if there was none"),
  },
  { title: 'HealthReport' },
);
export type HealthReport = Static<typeof HealthReportSchema>;

const Rate = (description: string) => Type.Number({ minimum: 0, description });
const Count = (description: string) => Type.Integer({ minimum: 0, description });

export const TrafficSchema = Type.Object(
  {
    now: Type.Object({
      requestsPerSecond: Rate('Requests answered per second, over the last ten seconds'),
      errorsPerSecond: Rate('Refused requests among them'),
      changesPerSecond: Rate('Joins and leaves'),
    }),
    minutes: Type.Array(
      Type.Object({
        time: Timestamp('Start of the minute'),
        requests: Count('Requests answered'),
        errors: Count('Refused requests among them'),
        joins: Count('Memberships started'),
        leaves: Count('Memberships ended'),
      }),
      { description: 'Oldest first, without gaps; the last minute is not over yet' },
    ),
    droppedPayloads: Count('Entries logged without payloads because of load, since the start of the server'),
    droppedEntries: Count('Entries not logged because of load, since the start of the server'),
  },
  { title: 'Traffic' },
);
export type Traffic = Static<typeof TrafficSchema>;
