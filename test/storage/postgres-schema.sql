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
