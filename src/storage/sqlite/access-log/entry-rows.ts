/** How entries are stored, and how rows become what people see. */

import type { LoggedDetail, LoggedExchange, PayloadState } from '../../../access-log/access-log.ts';
import type { Mark } from '../../../access-log/marks.ts';

export const PAYLOAD_STATES: readonly PayloadState[] = ['full', 'masked', 'off', 'dropped', 'erased'];

/** Packs the state of an entry's payloads and its environment into one number. */
export interface EntryState {
  readonly payloads: PayloadState;
  readonly requestCut: boolean;
  readonly responseCut: boolean;
  /** 0 live, 1 sandbox, null unknown */
  readonly environment: number | null;
  /** Whether there are marks; see `MARKED`. */
  readonly isMarked: boolean;
}

const REQUEST_CUT = 8;
const RESPONSE_CUT = 16;
const ENVIRONMENT_SHIFT = 5;
const ENVIRONMENT_MASK = 3;
const UNKNOWN_ENVIRONMENT = 2;
/** The highest bit, so that an index can cover the entries from it upwards. */
export const MARKED = 128;

export function packState({ payloads, requestCut, responseCut, environment, isMarked }: EntryState): number {
  return (
    PAYLOAD_STATES.indexOf(payloads) |
    (requestCut ? REQUEST_CUT : 0) |
    (responseCut ? RESPONSE_CUT : 0) |
    ((environment ?? UNKNOWN_ENVIRONMENT) << ENVIRONMENT_SHIFT) |
    (isMarked ? MARKED : 0)
  );
}

export function unpackState(state: number): EntryState {
  const environment = (state >> ENVIRONMENT_SHIFT) & ENVIRONMENT_MASK;
  return {
    payloads: PAYLOAD_STATES[state & 7] ?? 'off',
    requestCut: (state & REQUEST_CUT) !== 0,
    responseCut: (state & RESPONSE_CUT) !== 0,
    environment: environment === UNKNOWN_ENVIRONMENT ? null : environment,
    isMarked: (state & MARKED) !== 0,
  };
}

/** The details of an entry that no query filters by. */
export interface EntryDetails extends EntryFacts, EntryPlace {}

export interface EntryFacts {
  readonly uuid: string;
  readonly keyPrefix: string;
  readonly address: string;
  readonly duration: number;
  readonly joins: number;
  readonly leaves: number;
  readonly profiles: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** As JSON; empty when there are none. */
  readonly marks: string;
}

export interface EntryPlace {
  readonly uri: string;
  /** Where its payloads are: the block, and in it the request followed by the response. */
  readonly block: number;
  readonly offset: number;
  readonly requestLength: number;
  readonly responseLength: number;
}

/** One line each; none of the texts can contain a line break. */
export function packDetails(facts: EntryFacts, place: EntryPlace): string {
  const { uuid, keyPrefix, address, duration, joins, leaves, profiles, requestBytes, responseBytes, marks } = facts;
  const { uri, block, offset, requestLength, responseLength } = place;
  return `${uuid}\n${uri}\n${keyPrefix}\n${address}\n${duration}\n${joins}\n${leaves}\n${profiles}\n${requestBytes}\n${responseBytes}\n${block}\n${offset}\n${requestLength}\n${responseLength}\n${marks}`;
}

export function unpackDetails(text: string): EntryDetails {
  const parts = text.split('\n');
  const number = (index: number): number => Number(parts[index]);
  return {
    uuid: parts[0] ?? '',
    uri: parts[1] ?? '',
    keyPrefix: parts[2] ?? '',
    address: parts[3] ?? '',
    duration: number(4),
    joins: number(5),
    leaves: number(6),
    profiles: number(7),
    requestBytes: number(8),
    responseBytes: number(9),
    block: number(10),
    offset: number(11),
    requestLength: number(12),
    responseLength: number(13),
    // Absent in entries older than marks.
    marks: parts[14] ?? '',
  };
}

/** The only detail that is searched, extracted without unpacking the others. */
export function uriIn(details: string): string {
  const start = details.indexOf('\n') + 1;
  return details.slice(start, details.indexOf('\n', start));
}

export interface EntryRow {
  id: number;
  time: number;
  status: number;
  method: string;
  application_id: number | null;
  key_id: number | null;
  state: number;
  details: string;
  operation: string | null;
  key_name: string | null;
  cause: string | null;
  mend_attribute: string | null;
}

/** The columns read of an entry; requires `NAMES` after the entries. */
export const COLUMNS = `entries.id, entries.time, entries.status, entries.method, entries.application_id, entries.key_id,
  entries.state, entries.details, operations.name as operation, keys.title as key_name, causes.text as cause,
  causes.mend_attribute`;
export const NAMES = `left join operations on operations.id = entries.operation_id
  left join keys on keys.id = entries.key_id left join causes on causes.id = entries.cause_id`;

/** What is stored outside the entry's row. */
export interface EntryExtras {
  readonly request: string;
  readonly response: string;
  /** The replay state of its refused write: undefined without one, null when it can be replayed. */
  readonly replayed: number | null | undefined;
}

export function readMarks(text: string): Mark[] {
  return text === '' ? [] : (JSON.parse(text) as Mark[]);
}

export function toExchange(row: EntryRow, details: EntryDetails, extras: EntryExtras): LoggedExchange {
  return {
    id: row.id,
    uuid: details.uuid,
    time: row.time,
    durationMs: details.duration,
    status: row.status,
    method: row.method,
    uri: details.uri,
    operation: row.operation ?? '',
    applicationId: row.application_id ?? undefined,
    keyId: row.key_id ?? undefined,
    keyName: row.key_name ?? undefined,
    keyPrefix: details.keyPrefix === '' ? undefined : details.keyPrefix,
    address: details.address === '' ? undefined : details.address,
    joins: details.joins,
    leaves: details.leaves,
    profiles: details.profiles,
    cause: row.cause ?? undefined,
    marks: readMarks(details.marks),
    replayable: extras.replayed === null,
    requestPayload: extras.request,
    responsePayload: extras.response,
  };
}

export function toDetail(row: EntryRow, details: EntryDetails, extras: EntryExtras, hasReport: boolean): LoggedDetail {
  const state = unpackState(row.state);
  const { mend_attribute: name } = row;
  const { replayed } = extras;
  return {
    ...toExchange(row, details, extras),
    requestBytes: details.requestBytes,
    responseBytes: details.responseBytes,
    requestCut: state.requestCut,
    responseCut: state.responseCut,
    payloadState: state.payloads,
    mend: name === null ? undefined : { kind: 'createAttribute', name },
    replayed: replayed === null || replayed === undefined || replayed === 0 ? undefined : replayed,
    hasReport,
  };
}
