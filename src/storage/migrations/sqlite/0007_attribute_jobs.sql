-- oldest-program: 7
-- Attributes for everyone in an audience, written to the profiles step by step.

-- `attributes`: JSON; null for a value that is removed. Once a job is finished, of every value, and nobody needs them. member_set
-- stays until then, even where it is dead. position: the last profile of the set that was looked at. arrived: see `AttributeJob`.
create table attribute_jobs (
  id integer primary key,
  audience_id integer not null,
  member_set integer not null,
  attributes text not null,
  recorded integer not null,
  arrived integer,
  request_uuid text not null,
  key_id integer,
  members integer not null,
  position integer not null default 0,
  done integer not null default 0,
  too_large integer not null default 0,
  finished integer
) strict;
create index attribute_jobs_pending on attribute_jobs (id) where finished is null;
insert into sequences values ('attribute_job', 1);

-- The newest job the profile is up to date with, of those that were pending when it was last written.
alter table profiles add column attribute_job integer not null default 0;
