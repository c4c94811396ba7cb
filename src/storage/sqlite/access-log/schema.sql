-- The access log, a database of its own. Times are ms since the epoch. environment: 0 live, 1 sandbox, null unknown.

-- `epoch` tells this file from another one whose numbers begin anew.
create table state (
  one integer primary key check (one = 1),
  epoch text not null,
  next_id integer not null
) strict;
insert into state values (1, lower(hex(randomblob(8))), 1);

create table operations (
  id integer primary key,
  name text not null unique
) strict;

create table keys (
  id integer primary key,
  title text not null,
  application_id integer not null
) strict;

create table causes (
  id integer primary key,
  status integer not null,
  operation_id integer not null,
  text text not null,
  mend_attribute text,
  -- Null for refusals; else the mark as JSON.
  mark text,
  unique (status, operation_id, text)
) strict;

-- What walks ask for has columns; everything else is in `details` (see entry-rows.ts), which costs a third of what columns do.
create table entries (
  id integer primary key,
  time integer not null,
  status integer not null,
  method text not null,
  application_id integer,
  key_id integer,
  operation_id integer not null,
  cause_id integer,
  state integer not null,
  details text not null
) strict;
create index entries_time on entries (time);
create index entries_application on entries (application_id, time);
create index entries_errors on entries (time) where status >= 400;
create index entries_application_errors on entries (application_id, time) where status >= 400;
create index entries_causes on entries (cause_id, time) where cause_id is not null;
-- Those with marks: the bit is the highest of the state.
create index entries_marked on entries (time) where state >= 128;

-- Payloads of many entries, one behind the other and then compressed (zstd): a row for each would cost thrice as much. Named by
-- their first entry.
create table payload_blocks (
  first_entry integer primary key,
  bytes blob not null
) strict;

-- UUIDs of 4096 entries, sorted, each by its first 6 bytes and the entry's place in the group (see uuid-groups.ts): an index
-- of random keys would write a page for nearly every entry.
create table uuid_groups (
  group_id integer primary key,
  uuids blob not null
) strict;

-- application_id: 0 for nobody known.
create table cause_hours (
  hour integer not null,
  application_id integer not null,
  cause_id integer not null,
  count integer not null,
  last_time integer not null,
  last_uuid blob not null,
  primary key (hour, application_id, cause_id)
) strict, without rowid;

create table minutes (
  minute integer not null,
  application_id integer not null,
  requests integer not null,
  errors integer not null,
  joins integer not null,
  leaves integer not null,
  primary key (minute, application_id)
) strict, without rowid;

create table application_use (
  application_id integer primary key,
  last_request integer not null
) strict;

-- Refused writes, whole. replayed: null not yet, 0 being sent, else when.
create table refused_writes (
  id integer primary key autoincrement,
  uuid blob not null unique,
  time integer not null,
  method text not null,
  uri text not null,
  application_id integer not null,
  environment integer not null,
  key_id integer not null,
  cause_id integer not null,
  headers text not null,
  bytes integer not null,
  replayed integer,
  body blob not null
) strict;
create index refused_writes_application on refused_writes (application_id, id);
create index refused_writes_cause on refused_writes (cause_id, id);
-- One row: bytes of all bodies.
create table refused_bytes (
  one integer primary key check (one = 1),
  bytes integer not null
) strict;
insert into refused_bytes values (1, 0);

-- Reports on the rows of requests, as JSON, and one row with their total size in bytes.
create table row_reports (
  id integer primary key autoincrement,
  uuid blob not null unique,
  time integer not null,
  application_id integer not null,
  environment integer not null,
  bytes integer not null,
  report text not null
) strict;
create table row_reports_size (
  one integer primary key check (one = 1),
  bytes integer not null
) strict;
insert into row_reports_size values (1, 0);
