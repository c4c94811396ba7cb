/** Wire shapes of traffic figures: an Application's health, and what arrives per minute. */

import { type Static, Type } from 'typebox';
import { Timestamp } from '../../wire.ts';

/** Published: how the requests of the last five minutes went. */
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
          'Of the last five minutes: only successes, at least one failure, over half failed, all failed, no request',
      },
    ),
    lastUsed: Timestamp('Last request; the creation of the Application if there was none'),
  },
  { title: 'HealthReport' },
);
export type HealthReport = Static<typeof HealthReportSchema>;

const Rate = (description: string) => Type.Number({ minimum: 0, description });
const Count = (description: string) => Type.Integer({ minimum: 0, description });

export const TrafficSchema = Type.Object(
  {
    now: Type.Object({
      requestsPerSecond: Rate('Requests answered, over the last ten seconds'),
      errorsPerSecond: Rate('Of them, those refused'),
      changesPerSecond: Rate('Joins and leaves'),
    }),
    minutes: Type.Array(
      Type.Object({
        time: Timestamp('Start of the minute'),
        requests: Count('Requests answered'),
        errors: Count('Of them, those refused'),
        joins: Count('Memberships that began'),
        leaves: Count('Memberships that ended'),
      }),
      { description: 'Oldest first, without gaps; the last one is still running' },
    ),
    droppedPayloads: Count('Entries logged without payloads under load, since the start of the server'),
    droppedEntries: Count('Entries not logged under load, since the start of the server'),
  },
  { title: 'Traffic' },
);
export type Traffic = Static<typeof TrafficSchema>;
