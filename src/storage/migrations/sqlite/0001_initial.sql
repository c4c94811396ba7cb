-- oldest-program: 1
-- environment: 0 live, 1 sandbox. Times are ms since the epoch. Lists of numbers are JSON arrays.

-- One row: raised by every change to applications, attributes and audiences, whose rows carry the version that last
-- touched them; `epoch` changes when the whole file is replaced under running readers.
create table catalog_version (
  one integer primary key check (one = 1),
  version integer not null,
  epoch text not null
) strict;
insert into catalog_version values (1, 0, lower(hex(randomblob(8))));

create table sequences (
  name text primary key,
  next integer not null
) strict, without rowid;
insert into sequences values ('profile', 1), ('audience', 1), ('member_set', 1), ('request', 1), ('change', 1);

create table applications (
  id integer primary key autoincrement,
  name text not null,
  environment integer not null,
  timezone text not null,
  currency text not null,
  description text not null,
  created integer not null,
  modified integer not null,
  version integer not null
) strict;
create unique index applications_name on applications (lower(name));
create index applications_version on applications (version);

create table attributes (
  id integer primary key autoincrement,
  entity text not null,
  name text not null,
  title text not null,
  type text not null,
  description text not null,
  suggestions text not null,
  restricted_by_suggestions integer not null,
  editable integer not null,
  application_ids text not null,
  created integer not null,
  version integer not null,
  unique (entity, name),
  unique (entity, title)
) strict;
create index attributes_version on attributes (version);

-- Deleted audiences stay as tombstones: their numbers are never used again and the ledger still names them.
create table audiences (
  id integer primary key,
  environment integer not null,
  name text not null,
  description text not null,
  integration text,
  integration_key text,
  integration_id text,
  created_in_third_party integer not null,
  application_ids text not null,
  member_set integer not null,
  staged_set integer,
  staged_at integer,
  created integer not null,
  modified integer not null,
  deleted integer,
  version integer not null
) strict;
create unique index audiences_integration_id on audiences (environment, integration_key, integration_id)
  where deleted is null and integration_id is not null;
create index audiences_version on audiences (version);

create table audience_counters (
  audience_id integer not null,
  slot integer not null,
  members integer not null,
  last_change integer not null,
  primary key (audience_id, slot)
) strict, without rowid;

create table audience_hours (
  audience_id integer not null,
  hour integer not null,
  slot integer not null,
  joins integer not null,
  leaves integer not null,
  primary key (audience_id, hour, slot)
) strict, without rowid;

-- A profile knows the member sets it is in; sets that are no audience's any more are ignored and dropped at its next change.
create table profiles (
  id integer primary key,
  environment integer not null,
  integration_id text not null,
  sets text not null,
  last_change integer not null,
  last_activity integer not null,
  created integer not null,
  attributes text not null
) strict;
create unique index profiles_integration_id on profiles (environment, integration_id);

create table members (
  member_set integer not null,
  profile_id integer not null,
  primary key (member_set, profile_id)
) strict, without rowid;

-- Sets whose rows in `members` are still to be removed.
create table dead_sets (
  member_set integer primary key
) strict;

create table application_profiles (
  application_id integer not null,
  profile_id integer not null,
  primary key (application_id, profile_id)
) strict, without rowid;

-- Requests that changed a membership; their ledger entries start at first_change and end before the next request's.
create table requests (
  id integer primary key,
  uuid text not null,
  key_id integer,
  time integer not null,
  first_change integer not null
) strict;

-- The ledger. action: 1 joined, 2 left; of whole audiences: 3 deleted, 4 emptied, 5 replaced (profile_id is null, count members).
-- `previous` chains a profile's own entries.
create table membership_changes (
  id integer primary key,
  request_id integer not null,
  audience_id integer not null,
  profile_id integer,
  action integer not null,
  count integer not null,
  previous integer not null
) strict;
create index membership_changes_of_audiences on membership_changes (audience_id, id) where profile_id is null;

-- Net joins and leaves of a replacement, by the set that came in.
create table replacement_changes (
  member_set integer not null,
  profile_id integer not null,
  action integer not null,
  primary key (member_set, profile_id)
) strict, without rowid;
create table replacements (
  member_set integer primary key,
  change_id integer not null
) strict;

-- Ledger entries below this number are past their retention and gone.
create table ledger_baseline (
  one integer primary key check (one = 1),
  pruned_before integer not null
) strict;
insert into ledger_baseline values (1, 0);

create table users (
  id integer primary key autoincrement,
  email text not null,
  name text not null,
  password_hash text not null,
  is_admin integer not null,
  state text not null,
  must_change_password integer not null,
  created integer not null,
  modified integer not null
) strict;
create unique index users_email on users (lower(email));

create table api_keys (
  id integer primary key autoincrement,
  application_id integer not null,
  title text not null,
  platform text not null,
  type text not null,
  read_only integer not null,
  rate_limit integer,
  hash blob not null unique,
  prefix text not null,
  suffix text not null,
  expires integer not null,
  created integer not null,
  created_by integer,
  last_used_at integer,
  deleted_at integer
) strict;
