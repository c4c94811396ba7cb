-- oldest-program: 9
-- Erased profiles lose their integration ID. Older programs would erase people without that.

-- The key of the pseudonyms that replace the IDs. One row.
create table erasure_key (key blob not null) strict;
insert into erasure_key values (randomblob(32));

-- People of whom traces may remain outside this file; a row is removed as soon as there are none.
create table unfinished_erasures (
  profile_id integer primary key,
  environment integer not null,
  integration_id text not null
) strict;

-- Environments that keep erased people out, as the last server to start was told; other programs on this file obey.
create table environments_staying_erased (environment integer primary key) strict;

-- An erased profile is in environment 2 (that of live) or 3 (that of sandbox), where no request finds it. Older programs
-- left the ID in the row: profiles that were erased in the console, and not written since, lose it now, because the
-- audit log has their numbers. Their checksums cover the ID, and are removed.
create temp table erased_in_console as
  select cast(substr(entity, 15) as integer) as profile_id, max(created) as erased from audit_entries
  where entity glob '/v1/customers/[0-9]*/data' group by 1;
create temp table erased_now as
  select profile_id from erased_in_console join profiles on profiles.id = profile_id
  where sets = '[]' and attributes = '{}' and modified <= erased;
update profiles
set environment = environment + 2,
  integration_id = erased_pseudonym((select key from erasure_key), environment, integration_id, id),
  checksum = null
where id in (select profile_id from erased_now);
-- They are in no list of an Application.
update application_profile_counts
set profiles = profiles - (
  select count(*) from application_profiles
  where application_profiles.application_id = application_profile_counts.application_id
    and profile_id in (select profile_id from erased_now))
where exists (select 1 from erased_now);
delete from application_profiles where profile_id in (select profile_id from erased_now);
drop table erased_now;
drop table erased_in_console;
