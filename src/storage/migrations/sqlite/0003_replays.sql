-- oldest-program: 2
-- What it takes to place a refused write that is sent again among the writes that came since.

-- When a live write last set or removed attributes; 0 for never, null in rows older than this column: not after `modified`.
alter table profiles add column attributes_written integer;
-- When a replayed request first arrived, and its place among those of the same millisecond; null for live ones.
alter table requests add column arrived integer;
alter table requests add column arrived_place integer;
-- No entry that was removed is of this time or later; null where entries were removed before this was noted.
alter table ledger_baseline add column pruned_until integer;
update ledger_baseline set pruned_until = 0 where pruned_before = 0;

-- The newest arrivals of what replays wrote. Live writes do not touch them.
create table replayed_values (
  profile_id integer not null,
  attribute_id integer not null,
  arrived integer not null,
  place integer not null,
  primary key (profile_id, attribute_id)
) strict, without rowid;
create index replayed_values_arrived on replayed_values (arrived);
create table replayed_memberships (
  profile_id integer not null,
  audience_id integer not null,
  arrived integer not null,
  place integer not null,
  primary key (profile_id, audience_id)
) strict, without rowid;
create index replayed_memberships_arrived on replayed_memberships (arrived);
-- `written`: when the replay changed the audience; where that is not its last change, a live write came later.
create table replayed_definitions (
  audience_id integer primary key,
  arrived integer not null,
  place integer not null,
  written integer not null
) strict;
create index replayed_definitions_arrived on replayed_definitions (arrived);
