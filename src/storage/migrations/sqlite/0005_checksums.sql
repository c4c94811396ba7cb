-- oldest-program: 5
-- Checksums of rows: null, or none, in rows that were written before and have not changed since.

alter table profiles add column checksum integer;
alter table requests add column checksum integer;
-- Of the other tables whose rows have a number.
create table row_checksums (
  table_name text not null,
  row_id integer not null,
  checksum integer not null,
  primary key (table_name, row_id)
) strict, without rowid;
-- What is small gets them now.
insert into row_checksums select 'applications', id, row_checksum(id, name, environment, timezone, currency,
  description, payload_logging, staging, created, modified, version) from applications;
insert into row_checksums select 'attributes', id, row_checksum(id, entity, name, title, type, description, suggestions,
  restricted_by_suggestions, has_allowed_list, allowed_list, staged_list, staged_at, editable, application_ids, details,
  created, version) from attributes;
insert into row_checksums select 'audiences', id, row_checksum(id, environment, name, description, integration,
  integration_key, integration_id, created_in_third_party, application_ids, member_set, staged_set, staged_at, created,
  modified, deleted, version) from audiences;
insert into row_checksums select 'api_keys', id, row_checksum(id, application_id, title, platform, type, read_only,
  rate_limit, time_offset, hash, prefix, suffix, expires, created, created_by, last_used_at, deleted_at, deleted_by)
  from api_keys;
insert into row_checksums select 'users', id, row_checksum(id, email, name, password_hash, is_admin, state,
  must_change_password, created, modified, last_signed_in, last_accessed, unlocked_until) from users;
insert into row_checksums select 'sessions', id, row_checksum(id, user_id, kind, hash, created, last_seen, expires,
  user_agent, address) from sessions;
insert into row_checksums select 'management_keys', id, row_checksum(id, name, hash, prefix, suffix, endpoints,
  application_ids, expires, created, created_by, disabled, last_used_at, deleted_at) from management_keys;
