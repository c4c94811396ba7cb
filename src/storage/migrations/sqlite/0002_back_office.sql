-- oldest-program: 2
-- What the back office keeps: who signs in, what they changed, and the ways to find a profile or an audience's feeder.

-- payload_logging: off, masked or full. staging: Test keys may be created; cannot be undone.
alter table applications add column payload_logging text not null default 'full';
alter table applications add column staging integer not null default 0;

-- What an attribute of another entity carries, as it was sent; rollcall itself does not use it.
alter table attributes add column details text not null default '{}';
-- The list that holds its allowed values; null when it has none. Importing a list gives it another.
alter table attributes add column has_allowed_list integer not null default 0;
alter table attributes add column allowed_list integer;
-- A list being imported to replace `allowed_list`; invisible until then. staged_at: when it grew last.
alter table attributes add column staged_list integer;
alter table attributes add column staged_at integer;

create table allowed_values (
  allowed_list integer not null,
  value text not null,
  primary key (allowed_list, value)
) strict, without rowid;
-- Lists whose rows in `allowed_values` are still to be removed.
create table dead_allowed_lists (
  allowed_list integer primary key
) strict;
insert into sequences values ('allowed_list', 1);

-- The request that changed the audience's members last.
alter table audience_counters add column last_request integer not null default 0;
-- The user who asked for it on a screen, where it was not a key.
alter table requests add column user_id integer;
-- ms since the epoch of the last write that changed the profile.
alter table profiles add column modified integer not null default 0;
update profiles set modified = created;

-- Everyone of an environment, ascending by number.
create index profiles_environment on profiles (environment);
-- Profiles by the exact values of their attributes, as `attribute_value_key` makes them comparable.
create table attribute_values (
  environment integer not null,
  attribute_id integer not null,
  value integer not null,
  profile_id integer not null,
  primary key (environment, attribute_id, value, profile_id)
) strict, without rowid;
-- Sorted first, in temporary files: rows that come in the order of the table are filed many times faster.
insert into attribute_values
select environment, attributes.id, attribute_value_key(attributes.type, profiles.attributes -> each.fullkey), profiles.id
from profiles cross join json_each(profiles.attributes) as each
cross join attributes on attributes.entity = 'CustomerProfile' and attributes.name = each.key
where profiles.attributes <> '{}'
order by 1, 2, 3, 4;

-- How many profiles each Application has seen.
create table application_profile_counts (
  application_id integer primary key,
  profiles integer not null
) strict;
insert into application_profile_counts
select application_id, count(*) from application_profiles group by application_id;

-- Ledger entries of whole audiences, and what is kept beside a replacement.
create index membership_changes_whole on membership_changes (id) where profile_id is null;
create index replacements_change on replacements (change_id);

alter table users add column last_signed_in integer;
alter table users add column last_accessed integer;

-- kind: console (a cookie) or api (a bearer token). Only the hash of the token is kept.
create table sessions (
  id integer primary key autoincrement,
  user_id integer not null,
  kind text not null,
  hash blob not null unique,
  created integer not null,
  last_seen integer not null,
  expires integer not null,
  user_agent text not null,
  address text not null
) strict;
create index sessions_user on sessions (user_id);

-- endpoints: JSON list of {method, path}. application_ids: empty means all.
create table management_keys (
  id integer primary key autoincrement,
  name text not null,
  hash blob not null unique,
  prefix text not null,
  suffix text not null,
  endpoints text not null,
  application_ids text not null,
  expires integer not null,
  created integer not null,
  created_by integer not null,
  disabled integer not null,
  last_used_at integer,
  deleted_at integer
) strict;

-- The audit log. user_id and management_key_id are both null for the command line. old and new: JSON, never a secret.
create table audit_entries (
  id integer primary key autoincrement,
  created integer not null,
  user_id integer,
  management_key_id integer,
  application_id integer,
  entity text not null,
  old text,
  new text
) strict;
create index audit_entries_created on audit_entries (created);
create index audit_entries_user on audit_entries (user_id);
create index audit_entries_application on audit_entries (application_id);

alter table api_keys add column time_offset integer;
alter table api_keys add column deleted_by integer;

-- Finished imports of lists.
create table imports (
  id integer primary key autoincrement,
  created integer not null,
  user_id integer,
  entity text not null,
  entity_id integer not null,
  amount integer not null
) strict;
