-- The tables that shared statements name, as PostgreSQL has them: integers for flags, text for JSON, the names of SQLite's columns.

create table catalog_version (
  one smallint primary key check (one = 1),
  version bigint not null,
  epoch text not null
);
insert into catalog_version values (1, 0, 'first');

create table sequences (
  name text primary key,
  next bigint not null
);
insert into sequences values ('allowed_list', 1);

create table applications (
  id bigint generated always as identity primary key,
  name text not null,
  environment smallint not null,
  timezone text not null,
  currency text not null,
  description text not null,
  payload_logging text not null,
  staging smallint not null,
  created bigint not null,
  modified bigint not null,
  version bigint not null
);
create unique index applications_name on applications (lower(name));

create table audit_entries (
  id bigint generated always as identity primary key,
  created bigint not null,
  user_id bigint,
  management_key_id bigint,
  application_id bigint,
  entity text not null,
  old text,
  new text
);

create table attributes (
  id bigint generated always as identity primary key,
  entity text not null,
  name text not null,
  title text not null,
  type text not null,
  description text not null,
  suggestions text not null,
  restricted_by_suggestions smallint not null,
  has_allowed_list smallint not null,
  allowed_list bigint,
  staged_list bigint,
  staged_at bigint,
  editable smallint not null,
  application_ids text not null,
  details text not null,
  created bigint not null,
  version bigint not null,
  unique (entity, name),
  unique (entity, title)
);

create table audiences (
  id bigint primary key,
  environment smallint not null,
  name text not null,
  description text not null,
  integration text,
  integration_key text,
  integration_id text,
  created_in_third_party smallint not null,
  application_ids text not null,
  member_set bigint not null,
  staged_set bigint,
  staged_at bigint,
  created bigint not null,
  modified bigint not null,
  deleted bigint,
  version bigint not null
);

create table attribute_jobs (
  id bigint primary key,
  audience_id bigint not null,
  member_set bigint not null,
  attributes text not null,
  recorded bigint not null,
  arrived bigint,
  request_uuid text not null,
  key_id bigint,
  members bigint not null,
  position bigint not null default 0,
  done bigint not null default 0,
  too_large bigint not null default 0,
  finished bigint
);

create table allowed_values (
  allowed_list bigint not null,
  value text not null,
  primary key (allowed_list, value)
);

create table dead_allowed_lists (
  allowed_list bigint primary key
);

create table imports (
  id bigint generated always as identity primary key,
  created bigint not null,
  user_id bigint,
  entity text not null,
  entity_id bigint not null,
  amount bigint not null
);

create table users (
  id bigint generated always as identity primary key,
  email text not null,
  name text not null,
  password_hash text not null,
  is_admin smallint not null,
  state text not null,
  must_change_password smallint not null,
  created bigint not null,
  modified bigint not null,
  last_signed_in bigint,
  last_accessed bigint,
  unlocked_until bigint
);
create unique index users_email on users (lower(email));

create table sessions (
  id bigint generated always as identity primary key,
  user_id bigint not null,
  kind text not null,
  hash bytea not null unique,
  created bigint not null,
  last_seen bigint not null,
  expires bigint not null,
  user_agent text not null,
  address text not null
);

create table devices (
  hash bytea primary key,
  user_id bigint not null,
  expires bigint not null
);

create table api_keys (
  id bigint generated always as identity primary key,
  application_id bigint not null,
  title text not null,
  platform text not null,
  type text not null,
  read_only smallint not null,
  rate_limit bigint,
  time_offset bigint,
  lenient_rows smallint not null,
  row_reports smallint not null,
  skip_undefined_attributes smallint not null,
  hash bytea not null unique,
  prefix text not null,
  suffix text not null,
  expires bigint not null,
  created bigint not null,
  created_by bigint,
  last_used_at bigint,
  deleted_at bigint,
  deleted_by bigint
);

create table management_keys (
  id bigint generated always as identity primary key,
  name text not null,
  hash bytea not null unique,
  prefix text not null,
  suffix text not null,
  endpoints text not null,
  application_ids text not null,
  expires bigint not null,
  created bigint not null,
  created_by bigint not null,
  disabled smallint not null,
  last_used_at bigint,
  deleted_at bigint
);
